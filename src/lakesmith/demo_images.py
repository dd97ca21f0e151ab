"""The images of the example projects: scikit-learn's digits, and shapes that a seeded generator draws."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

SHAPES = ("circle", "square", "triangle")
SHAPE_ROWS, SHAPE_SIDE, SHAPE_SEED = 1_500, 20, 2_026
FINE = 4  # points that a pixel's shade is counted from, along each side


def digits(file: Path) -> Callable[[IO[bytes]], None]:
    """Handwritten digits (Alpaydin and Kaynak, UCI), one row each: `digit_id`, `pixels` (8 × 8, 0 to 16), `digit`."""

    def write(stream: IO[bytes]) -> None:
        with gzip.open(file, "rt") as text:
            rows = np.loadtxt(text, delimiter=",", dtype=np.int16)
        _parquet(stream, "digit_id", rows[:, :-1], {"digit": rows[:, -1].astype(np.int32)})

    return write


def shapes() -> Callable[[IO[bytes]], None]:
    """Synthetic: circles, squares and triangles of any place, size and turn on noise, one row each: `shape_id`,
    `pixels` (20 × 20, 0 to 255), `shape`."""

    def write(stream: IO[bytes]) -> None:
        random = np.random.default_rng(SHAPE_SEED)
        kinds = random.integers(len(SHAPES), size=SHAPE_ROWS)
        pixels = np.stack([_drawn(SHAPES[kind], random) for kind in kinds])
        _parquet(stream, "shape_id", pixels, {"shape": [SHAPES[kind] for kind in kinds]})

    return write


def _drawn(shape: str, random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.int16]]:
    """One picture: the share of each pixel that lies inside the shape, between two shades, and noise."""
    side = SHAPE_SIDE * FINE
    size = random.uniform(0.2, 0.42) * side
    x, y = (np.arange(side) + 0.5 - random.uniform(size, side - size) for _ in range(2))
    angle = random.uniform(0, 2 * np.pi)
    across = np.cos(angle) * x[None, :] + np.sin(angle) * y[:, None]
    down = np.cos(angle) * y[:, None] - np.sin(angle) * x[None, :]
    inside = {
        "circle": np.hypot(across, down) < size * 0.85,
        "square": np.maximum(abs(across), abs(down)) < size * 0.7,
        "triangle": (down < size * 0.5) & (abs(across) * np.sqrt(3) < down + size),
    }[shape]
    share = inside.reshape(SHAPE_SIDE, FINE, SHAPE_SIDE, FINE).mean(axis=(1, 3))
    dark, light = random.uniform(0, 90), random.uniform(150, 255)
    noisy = dark + (light - dark) * share + random.normal(0, 25, share.shape)
    pixels: np.ndarray[Any, np.dtype[np.int16]] = np.clip(noisy, 0, 255).round().astype(np.int16).ravel()
    return pixels


def _parquet(stream: IO[bytes], key: str, pixels: np.ndarray[Any, Any], more: dict[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {key: pa.array(np.arange(1, len(pixels) + 1), pa.int32()), "pixels": list(pixels), **more}
    table = pa.table(columns)
    pq.write_table(table, stream)
