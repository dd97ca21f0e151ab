"""Small mergeable summaries of a stream of values; runs on the workers, so numpy alone.

Distinct values: the k least of their hashes (Bar-Yossef et al. 2002): exact below k, else (k − 1) / kth least, with a
standard error of 1 / sqrt(k − 2). Moments: Pébay 2008, "Formulas for robust, one-pass parallel computation of
covariances and arbitrary-order statistical moments", equations 2.1 and 3.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
LEAST = 2_048  # hashes that are kept a column
DISTINCT_ERROR = (LEAST - 2) ** -0.5
NO_HASHES = np.empty(0, dtype=np.uint64)


def number_hashes(values: Array) -> Array:
    """64-bit hashes of doubles; 0 and -0 are one value. The finaliser of splitmix64."""
    bits = np.ascontiguousarray(values + 0.0).view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = bits + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def least_hashes(kept: Array, hashes: Array) -> Array:
    """The LEAST least different hashes of both, sorted."""
    if len(kept) == LEAST:
        hashes = hashes[hashes < kept[-1]]
    if not len(hashes):
        return kept
    return np.asarray(np.union1d(kept, hashes)[:LEAST])


def distinct(kept: Array) -> tuple[int, bool]:
    """How many different values there are, and whether that is exact."""
    if len(kept) < LEAST:
        return len(kept), True
    return round((LEAST - 1) / (float(kept[-1]) / 2**64)), False


def moments(values: Array, is_one: Array) -> Array:
    """Count, mean and the sums of the 2nd, 3rd and 4th powers of deviations from it, (5, columns), of the entries of
    `values` (rows, columns) where `is_one`; others must be finite."""
    count = is_one.sum(axis=0).astype(float)
    mean = np.where(is_one, values, 0).sum(axis=0) / np.maximum(count, 1)
    deviation = np.where(is_one, values - mean, 0)
    square = deviation * deviation
    sums = square.sum(axis=0), (square * deviation).sum(axis=0), (square * square).sum(axis=0)
    return np.stack([count, mean, *sums])


def added_moments(one: Array, other: Array) -> Array:
    """The moments of both sets of values together."""
    (n_a, mean_a, m2_a, m3_a, m4_a), (n_b, mean_b, m2_b, m3_b, m4_b) = one, other
    n = n_a + n_b
    safe = np.maximum(n, 1)
    delta = np.where((n_a > 0) & (n_b > 0), mean_b - mean_a, 0)
    mean = (n_a * mean_a + n_b * mean_b) / safe
    cross = n_a * n_b / safe
    m2 = m2_a + m2_b + delta**2 * cross
    m3 = m3_a + m3_b + delta**3 * cross * (n_a - n_b) / safe + 3 * delta * (n_a * m2_b - n_b * m2_a) / safe
    m4 = (
        m4_a
        + m4_b
        + delta**4 * cross * (n_a**2 - n_a * n_b + n_b**2) / safe**2
        + 6 * delta**2 * (n_a**2 * m2_b + n_b**2 * m2_a) / safe**2
        + 4 * delta * (n_a * m3_b - n_b * m3_a) / safe
    )
    return np.stack([n, mean, m2, m3, m4])


def least_rows(keys: Array, rows: Array, most: int) -> tuple[Array, Array]:
    """The rows with the `most` least keys, in the order of the keys: a sample that no partitioning changes."""
    order = np.argsort(keys, kind="stable")[:most]
    return keys[order], rows[order]


def most_frequent(counts: dict[Any, int], most: int) -> tuple[dict[Any, int], int]:
    """The `most` largest counts (ties: the lesser key first), and the largest that was let go."""
    if len(counts) <= most:
        return counts, 0
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered[:most]), ordered[most][1]
