"""Character n-grams of texts and their MinHash signatures, on workers.

Broder, On the resemblance and containment of documents, 1997; the banding of signatures is that of Leskovec, Rajaraman
and Ullman, Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HASHES = 128
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def rows_of_bands(threshold: float) -> int:
    """How many of the HASHES make one band: as many as still find a pair at the threshold 999 times of 1,000.

    A pair of similarity s shares a band of r hashes with probability sʳ, and one of b bands with 1 − (1 − sʳ)ᵇ.
    """
    enough = [r for r in range(1, 33) if 1 - (1 - threshold**r) ** (HASHES // r) >= 0.999]
    return max(enough, default=1)


def signer(ngram: int, rows: int, seed: int) -> Callable[[pd.Series], pd.DataFrame]:
    """A function from texts to their distinct n-grams, hashed, and to one number a band of their signature."""
    draw = np.random.default_rng(seed)
    factors = draw.integers(0, 2**63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = draw.integers(0, 2**63, HASHES, dtype=np.uint64)
    used = HASHES // rows * rows

    def signed(texts: pd.Series) -> pd.DataFrame:
        grams = [hashed_ngrams(text, ngram) for text in texts]
        bands = [_bands(each, factors[:used], shifts[:used], rows) for each in grams]
        return pd.DataFrame({"grams": [each.view(np.int64) for each in grams], "bands": bands})

    return signed


def hashed_ngrams(text: str, ngram: int) -> NDArray[np.uint64]:
    """The distinct n-grams of a text, each as a 64-bit number; the whole text where it is shorter."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    size = min(ngram, len(points))
    hashed = np.zeros(len(points) - size + 1, dtype=np.uint64)
    for place in range(size):
        hashed = _mixed(hashed ^ points[place : place + len(hashed)])
    return np.unique(hashed)


def _bands(
    grams: NDArray[np.uint64], factors: NDArray[np.uint64], shifts: NDArray[np.uint64], rows: int
) -> NDArray[np.int64]:
    lowest = np.full(len(factors), np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(grams), 4096):  # a long text must not need a table of all its n-grams by all hashes
        part = grams[start : start + 4096, None]
        lowest = np.minimum(lowest, _mixed(part * factors + shifts).min(axis=0))
    banded = np.zeros(len(factors) // rows, dtype=np.uint64)
    for column in lowest.reshape(-1, rows).T:
        banded = _mixed(banded ^ column)
    return banded.view(np.int64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of a number spread over all bits: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))
