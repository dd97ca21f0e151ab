"""Small Parquet tables, written by pyarrow, and what an epoch made of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ENGINES = ("petastorm", "pyarrow")


def write(folder: Path, columns: dict[str, Any] | pa.Table, *, row_group: int = 1_000, name: str = "a.parquet") -> str:
    """One file of the folder; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, folder / name, row_group_size=row_group)
    return str(folder)


def numbered(folder: Path, rows: int, *, row_group: int, files: int = 1) -> str:
    """Rows numbered from 0 in `id`, twice that number in `double`, in files of equal size."""
    for place, ids in enumerate(np.array_split(np.arange(rows), files)):
        write(folder, {"id": ids, "double": ids * 2.0}, row_group=row_group, name=f"{place:03}.parquet")
    return str(folder)


class Killer:
    """A file system whose first file kills the process that opens it."""

    def open_input_file(self, path: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def column(batches: Iterable[dict[str, Any]], name: str = "id") -> list[Any]:
    """The values of a column over all batches, in the order they came."""
    return [value for batch in batches for value in np.asarray(batch[name]).tolist()]


def matched(batches: Iterable[dict[str, Any]]) -> list[int]:
    """The ids of a `numbered` table, each seen beside its own double."""
    ids = []
    for batch in batches:
        assert (batch["double"] == batch["id"] * 2).all()
        ids += batch["id"].tolist()
    return ids
