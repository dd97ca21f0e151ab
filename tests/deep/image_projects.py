"""A small project of images on disk: bars that lie or stand, in noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, SIDE = 160, 6
YAML = """\
name: {name}
sources:
  bars:
    kind: parquet
    path: bars.parquet
    columns: {{bar_id: int, pixels: array<float>, stands: boolean, shade: double}}
key: [bar_id]
task: {{kind: binary, label: stands}}
split: {{kind: hash, test: 0.25, validation: 0.25}}
features:
  - {{kind: image, column: pixels, height: {side}, width: {side}}}
  - {{kind: keep, columns: [shade]}}
families:
  - {family}
tune: {{metric: log_loss, max_trials: 1}}
gates:
  - {{kind: threshold, metric: accuracy, at_least: 0.8}}
seed: 3
"""
FAMILY = (
    "{kind: cnn, layers: [{kind: convolution, filters: 4}, {kind: max_pool}, {kind: dropout, rate: 0.1}, "
    "{kind: flatten}, {kind: dense, units: 8}], epochs: 6, batch_size: 16, learning_rate: 0.02, "
    "early_stopping: false, search: {}, shards: 2}"
)


def bars(rows: int = ROWS, seed: int = 4) -> dict[str, Any]:
    """One image a row: a bar of two pixels' breadth, standing or lying."""
    random = np.random.default_rng(seed)
    stands = random.random(rows) < 0.5
    pixels = random.normal(0, 0.3, (rows, SIDE, SIDE))
    for image, is_standing in zip(pixels, stands, strict=True):
        place = random.integers(SIDE - 1)
        image[(slice(None), slice(place, place + 2)) if is_standing else (slice(place, place + 2), slice(None))] += 1
    return {
        "bar_id": pa.array(range(rows), pa.int32()),
        "pixels": pa.array(list(pixels.reshape(rows, -1).astype("f4")), pa.list_(pa.float32())),
        "stands": stands,
        "shade": pixels.mean(axis=(1, 2)),
    }


def write_images(folder: Path, name: str = "bars", family: str = FAMILY) -> Path:
    """The project file, its images beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(bars()), folder / "bars.parquet")
    path = folder / f"{name}.yml"
    path.write_text(YAML.format(name=name, side=SIDE, family=family))
    return path
