"""A Parquet table as a list of row groups, found and checked once: what both engines read and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from lakesmith.errors import ConfigError, DataError, EnvironmentFault, nearest

# Column, comparison (==, !=, <, <=, >, >=, in, not in) and value; all must hold.
Where = Sequence[tuple[str, str, Any]]

KEPT_FOOTERS = 256
_NUMBERS = (pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.float32(), pa.float64())
_CHOOSE = "Choose the columns that can be tensors with columns=…, or cast the others to numbers first"


@dataclass(frozen=True)
class RowGroup:
    """One row group of one file: its place, its rows, and what the file's folder says of the partition columns."""

    path: str
    index: int
    rows: int
    partition: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Table:
    """The row groups of a Parquet table, in the order of their files' names, and the columns to read from them.

    Plain values only, so that it can be sent to a pool of processes.
    """

    root: str
    filesystem: Any = field(repr=False)
    columns: tuple[str, ...]
    types: dict[str, Any]
    groups: tuple[RowGroup, ...]
    rows_where: tuple[tuple[str, str, Any], ...] = ()
    # Size and footer of the first files: a sixth of the time of a small row group, a round trip on remote storage.
    footers: dict[str, tuple[int, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"footers": {}}

    def read(self, group: RowGroup) -> pa.Table:
        """The chosen columns of one row group, partition columns included, without the rows that `where` leaves out."""
        wanted = dict.fromkeys((*self.columns, *(name for name, _, _ in self.rows_where)))
        folder = dict(group.partition)
        stored = [name for name in wanted if name not in folder]
        try:
            with self.filesystem.open_input_file(group.path) as file:
                parquet = pq.ParquetFile(file, metadata=self._footer(group.path, file.size()))
                table = parquet.read_row_group(group.index, columns=stored, use_threads=False)
                if len(self.footers) < KEPT_FOOTERS:
                    self.footers[group.path] = (file.size(), parquet.metadata)
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(
                f"row group {group.index} of {group.path} cannot be read: {str(error).splitlines()[0]}",
                fix="Open the table anew if it was written since.",
            ) from error
        for name in wanted:
            if name in folder:
                kind = self.types.get(name) or (pa.int64() if isinstance(folder[name], int) else pa.string())
                table = table.append_column(name, pa.repeat(pa.scalar(folder[name], kind), group.rows))
        if self.rows_where:
            table = table.filter(pq.filters_to_expression(list(self.rows_where)))
        return table.select(list(self.columns))

    def _footer(self, path: str, size: int) -> Any:
        """The footer that was read before, None the first time. Raises DataError for a file of another size."""
        known, footer = self.footers.get(path, (size, None))
        if known != size:
            raise DataError(f"{path} has changed since it was first read", fix="Open the table anew.")
        return footer

    def widths(self) -> dict[str, int]:
        """The length of each list column's arrays, from its first value; reads one row group."""
        lists = [name for name in self.columns if pa.types.is_list(self.types[name])]
        if not lists:
            return {}
        first = replace(self, columns=tuple(lists), rows_where=()).read(self.groups[0])
        return {name: len(first.column(name)[0]) for name in lists}


def find(source: str | Path, columns: Sequence[str] | None = None, where: Where = ()) -> Table:
    """The table at a folder, a file or a URL of pyarrow's file systems, its columns checked for being tensors.

    `columns` None means all. `where` on partition columns leaves out files, on others rows. Every file's footer is read
    once. Raises ConfigError for a path or column that is not there and for a Delta table, DataError for a table without
    rows, for types that cannot be tensors, and for files that disagree on a type.
    """
    filesystem, root = _place(source)
    dataset = pads.dataset(root, filesystem=filesystem, format="parquet", partitioning="hive")
    fragments = sorted(dataset.get_fragments(), key=lambda each: str(each.path))
    folders = [_partition(each) for each in fragments]
    names = list(dataset.schema.names)
    for name in [*(columns or ()), *(each[0] for each in where)]:
        if name not in names:
            raise ConfigError(f"'{name}' is not a column of {root} ({len(names)} columns)", fix=nearest(name, names))
    partitions = {name for folder in folders for name, _ in folder}
    chosen = tuple(names if columns is None else dict.fromkeys(columns))
    types = {name: _tensor_type(dataset.schema.field(name).type, partition=name in partitions) for name in chosen}
    _refuse_types(root, dataset.schema, types)
    on_folders = [each for each in where if each[0] in partitions]
    kept = {each.path for each in dataset.get_fragments(pq.filters_to_expression(on_folders) if on_folders else None)}
    with ThreadPoolExecutor(8) as pool:
        footers = list(pool.map(lambda each: (each.physical_schema, [g.num_rows for g in each.row_groups]), fragments))
    groups = []
    for fragment, folder, (schema, rows) in zip(fragments, folders, footers, strict=True):
        if fragment.path not in kept:
            continue
        _refuse_other_schema(fragment.path, schema, dataset.schema, set(chosen) - partitions)
        groups += [RowGroup(str(fragment.path), index, count, folder) for index, count in enumerate(rows) if count]
    if not groups:
        raise DataError(f"{root} has no rows" + (" where " + str(list(where)) if where else ""))
    rows_where = tuple(each for each in where if each[0] not in partitions)
    return Table(root, filesystem, chosen, types, tuple(groups), rows_where)


def _place(source: str | Path) -> tuple[Any, str]:
    """File system and path of a source that is there and is no Delta table."""
    text = str(source)
    try:
        filesystem, path = pafs.FileSystem.from_uri(text) if "://" in text else (pafs.LocalFileSystem(), _local(text))
        kind = filesystem.get_file_info(path).type
        is_delta = filesystem.get_file_info(f"{path}/_delta_log").type == pafs.FileType.Directory
    except (pa.ArrowInvalid, OSError) as error:
        raise EnvironmentFault(f"{text} cannot be reached: {str(error).splitlines()[0]}") from error
    if kind == pafs.FileType.NotFound:
        raise ConfigError(f"{text} is not there", fix="Give a Parquet file, a folder of them, or a Spark frame.")
    if is_delta:
        raise ConfigError(
            f"{text} is a Delta table: its folder also holds rows of old versions and rows that were deleted",
            fix=f"Give its frame: spark.read.format('delta').load({text!r}).",
        )
    return filesystem, path


def _local(path: str) -> str:
    return str(Path(path).expanduser().resolve())


def _partition(fragment: Any) -> tuple[tuple[str, Any], ...]:
    """What the folders of a file say, as (column, value): whole numbers or text, None for the null partition."""
    return tuple(pads.get_partition_keys(fragment.partition_expression).items())


def _tensor_type(kind: Any, partition: bool) -> Any:
    """The type whose values become tensors, a list type for arrays; None where there is no such type."""
    if partition:
        return pa.int64() if pa.types.is_integer(kind) else None
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        inner = kind.value_type
        return pa.list_(_as_byte(inner)) if inner in _NUMBERS else None
    return _as_byte(kind) if kind in _NUMBERS else None


def _as_byte(kind: Any) -> Any:
    """Booleans become uint8, as with petastorm."""
    return pa.uint8() if pa.types.is_boolean(kind) else kind


def _refuse_types(root: str, schema: Any, types: dict[str, Any]) -> None:
    bad = [name for name, kind in types.items() if kind is None]
    if not bad:
        return
    shown = ", ".join(f"'{name}' ({_named(schema.field(name).type)})" for name in bad[:5])
    more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    good = [name for name, kind in types.items() if kind is not None]
    fix = f"{_CHOOSE} ({', '.join(good[:8])}{', …' if len(good) > 8 else ''} can)." if good else f"{_CHOOSE}."
    raise DataError(f"columns of {root} cannot become tensors: {shown}{more}", fix=fix)


def _named(kind: Any) -> str:
    """The type as Arrow writes it; Spark ML's vectors by their name."""
    if pa.types.is_struct(kind) and {each.name for each in kind} == {"type", "size", "indices", "values"}:
        return "a Spark ML vector; lakesmith.deep.frames.write turns it into an array"
    return str(kind)


def _refuse_other_schema(path: str, found: Any, expected: Any, columns: set[str]) -> None:
    """Engines read row group by row group: a file with another type would change the tensors in mid-epoch."""
    for name in sorted(columns):
        index = found.get_field_index(name)
        if index < 0 or found.field(index).type != expected.field(name).type:
            kind = "missing" if index < 0 else str(found.field(index).type)
            raise DataError(
                f"column '{name}' is {kind} in {path}, {expected.field(name).type} in the first file",
                fix="Write the table anew with one schema.",
            )
