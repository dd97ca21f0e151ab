"""Row groups as numpy arrays, and the refusals of values that would turn into wrong numbers on the way.

Petastorm turns nulls of whole numbers into NaN, and with a shuffle buffer into -9223372036854775808; here they are an
error whichever engine reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakesmith.errors import DataError

Arrays = dict[str, "np.ndarray[Any, Any]"]


def arrays(table: pa.Table) -> Arrays:
    """One array a column: [n] for numbers, [n, k] for lists of k numbers; null floats are NaN, booleans 0 or 1.

    Raises DataError for nulls that a tensor cannot hold and for lists of different lengths.
    """
    return {name: _array(name, table.column(name)) for name in table.column_names}


def counted(groups: Iterable[Arrays], rows: int | None) -> Iterator[Arrays]:
    """The same row groups. Raises DataError when a list column changes its length, or rows are missing at the end.

    `rows` None: not known, because rows are filtered.
    """
    widths: dict[str, int] = {}
    seen = 0
    for group in groups:
        for name, values in group.items():
            if values.ndim > 1 and widths.setdefault(name, values.shape[1]) != values.shape[1]:
                raise _ragged(name, widths[name], values.shape[1])
        seen += len(next(iter(group.values())))
        yield group
    if rows is None and not seen:
        raise DataError("no row is left", key="where", fix="Look for rows that fulfil every condition.")
    if rows is not None and seen != rows:
        raise DataError(f"an epoch read {seen} of {rows} rows", fix="Has the table changed since it was opened?")


def mixed(groups: Iterable[Arrays], rows: int, random: np.random.Generator) -> Iterator[Arrays]:
    """Row groups put together until they have `rows` rows, and permuted: rows of several row groups in one batch."""
    waiting: list[Arrays] = []
    for group in groups:
        waiting.append(group)
        if sum(_rows(each) for each in waiting) >= rows:
            yield _permuted(waiting, random)
            waiting = []
    if waiting:
        yield _permuted(waiting, random)


def taken(group: Arrays, order: np.ndarray[Any, Any] | None) -> Arrays:
    """The rows in that order, the same for every column, in memory that can be written to (Arrow's cannot)."""
    return {name: values.copy() if order is None else values.take(order, axis=0) for name, values in group.items()}


def whole_batches(groups: Iterable[Arrays], size: int) -> Iterator[Arrays]:
    """The rows cut anew, into pieces of a multiple of `size` rows; what is left over comes last.

    Only the one batch that lies across a border is copied.
    """
    left: Arrays = {}
    for group in groups:
        start, rows = 0, _rows(group)
        if left:
            start = min(size - _rows(left), rows)
            left = {name: np.concatenate((left[name], values[:start])) for name, values in group.items()}
            if _rows(left) < size:
                continue
            yield left
            left = {}
        end = rows - (rows - start) % size
        if end > start:
            yield {name: values[start:end] for name, values in group.items()}
        if end < rows:
            left = {name: values[end:] for name, values in group.items()}
    if left:
        yield left


def rebatched(groups: Iterable[Arrays], size: int, drop_last: bool) -> Iterator[Arrays]:
    """Batches of `size` rows across the borders of row groups; the last may be smaller, unless it is dropped."""
    for group in whole_batches(groups, size):
        rows = _rows(group)
        for start in range(0, rows - size + 1 if drop_last else rows, size):
            yield {name: values[start : start + size] for name, values in group.items()}


def _rows(group: Arrays) -> int:
    return len(next(iter(group.values())))


def _permuted(groups: list[Arrays], random: np.random.Generator) -> Arrays:
    together = {name: np.concatenate([each[name] for each in groups]) for name in groups[0]}
    return taken(together, random.permutation(_rows(together)))


def _array(name: str, column: Any) -> np.ndarray[Any, Any]:
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # no chunk at all: a row group whose rows were all filtered out
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], column.type)
    if not (pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or _is_fixed(values.type)):
        return _numbers(name, values)
    if values.null_count:
        raise DataError(
            f"column '{name}' has {values.null_count} null arrays of {len(values)}", fix="Drop or fill those rows."
        )
    flat = _numbers(name, values.flatten())
    if not len(values):
        return flat.reshape(0, 0)
    lengths = pc.min_max(pc.list_value_length(values))
    least, most = lengths["min"].as_py(), lengths["max"].as_py()
    if least != most:
        raise _ragged(name, least, most)
    return flat.reshape(len(values), most)


def _numbers(name: str, values: Any) -> np.ndarray[Any, Any]:
    if values.null_count and not pa.types.is_floating(values.type):
        raise DataError(
            f"column '{name}' ({values.type}) has {values.null_count} nulls of {len(values)} values: "
            "a tensor of whole numbers has no null",
            fix="Fill them, drop those rows, or cast the column to double, where null becomes NaN.",
        )
    found: np.ndarray[Any, Any] = values.to_numpy(zero_copy_only=False)
    return found.view(np.uint8) if found.dtype == np.bool_ else found


def _is_fixed(kind: Any) -> bool:
    return bool(pa.types.is_fixed_size_list(kind))


def _ragged(name: str, least: int, most: int) -> DataError:
    return DataError(
        f"column '{name}' has arrays of {least} and of {most} numbers: a tensor needs one length",
        fix="Pad or cut the arrays to one length first.",
    )
