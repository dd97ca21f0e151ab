"""Rows per second of both engines against a bare loop: pyarrow row groups in a new order, to torch, cut into batches.

Prints million rows a second and the ratio to the bare loop, the best of `--rounds`. The bare loop permutes the row
groups; `shuffle` of lakesmith permutes the rows within them as well, as does the bare loop's second line.
`python benchmarks/batches.py [--rounds 3] [--workers 2] [--share 1.0]`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from lakesmith.deep.batches import batches

BATCH = 4096


def written(root: Path, share: float) -> dict[str, str]:
    """Two tables: 1M rows of 10 float32 in 32 row groups, 250k rows of an array of 32 float32 in 10."""
    random = np.random.default_rng(0)
    many, few = int(1_000_000 * share), int(250_000 * share)
    columns = {f"x{place}": random.random(many, "f4") for place in range(10)}
    pq.write_table(pa.table(columns), root / "columns.parquet", row_group_size=-(-many // 32))
    flat = pa.array(random.random(few * 32, "f4"))
    arrays = pa.ListArray.from_arrays(pa.array(np.arange(0, few * 32 + 1, 32, "i4")), flat)
    pq.write_table(pa.table({"v": arrays}), root / "arrays.parquet", row_group_size=-(-few // 10))
    return {
        f"{many:,} x 10 float32": str(root / "columns.parquet"),
        f"{few:,} x array[32]": str(root / "arrays.parquet"),
    }


def bare(path: str, permute_rows: bool) -> Iterator[dict[str, Any]]:
    """What one writes without a library."""
    file = pq.ParquetFile(path)
    for group in np.random.permutation(file.num_row_groups):
        table = file.read_row_group(int(group))
        order = torch.randperm(table.num_rows) if permute_rows else None
        tensors = {}
        for name in table.column_names:
            values = table.column(name).chunk(0)
            is_list = pa.types.is_list(values.type)
            found = torch.from_numpy((values.flatten() if is_list else values).to_numpy().copy())
            found = found.reshape(table.num_rows, -1) if is_list else found
            tensors[name] = found if order is None else found[order]
        for start in range(0, table.num_rows, BATCH):
            yield {name: values[start : start + BATCH] for name, values in tensors.items()}


def rate(epoch: Callable[[], Iterable[dict[str, Any]]], rounds: int) -> float:
    """Rows per second of the best epoch."""
    best = 0.0
    for _ in range(rounds):
        started, rows = time.perf_counter(), 0
        for batch in epoch():
            rows += len(next(iter(batch.values())))
        best = max(best, rows / (time.perf_counter() - started))
    return best


def main() -> None:
    """Prints a line a way of reading, for each table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--share", type=float, default=1.0, help="of the rows, to see that it runs")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for title, path in written(Path(temporary), given.share).items():
            ways: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
                "bare, row groups": lambda path=path: bare(path, False),
                "bare, rows too": lambda path=path: bare(path, True),
            }
            for engine in ("pyarrow", "petastorm"):
                for shuffle in (False, True):
                    found = batches(
                        path,
                        engine=engine,
                        shuffle=shuffle,
                        workers=given.workers,
                        batch_size=BATCH,  # type: ignore[arg-type]
                    )
                    ways[f"{engine}{', shuffled' if shuffle else ''}"] = lambda found=found: found
            rates = {name: rate(way, given.rounds) for name, way in ways.items()}
            for name, found_rate in rates.items():
                ratio = found_rate / rates["bare, row groups"]
                print(f"{title:24} {name:20} {found_rate / 1e6:7.2f} M rows/s  ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
