"""Petastorm 0.13.1 on today's pyarrow and numpy: imported, and led to our own row groups, without patching either.

Petastorm needs names that pyarrow 16 and numpy 2 no longer have. They stand there while its modules are executed and
are taken out again; what its code asks of pyarrow later is answered inside its own modules. It finds neither files nor
schemas itself: the door passes a `Listing` as its file system, and it gets the row groups of that table.
`petastorm_pools` mends its pools of workers. No other module of lakesmith imports petastorm.
"""

from __future__ import annotations

import importlib
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lakesmith.deep.arrays import arrays, taken
from lakesmith.errors import EnvironmentFault

if TYPE_CHECKING:
    from lakesmith.deep.row_groups import RowGroup, Table

URL = "file:///row-groups"  # petastorm wants one; a Listing answers whatever is asked
_INSTALL = "pip install 'lakesmith[deep]', or leave engine= out: pyarrow alone reads as well."
_lock = threading.Lock()


@dataclass(frozen=True)
class Piece:
    """A row group as petastorm's workers know it."""

    table: Table
    group: RowGroup
    as_arrays: bool

    @property
    def path(self) -> str:
        """The file of the row group."""
        return self.group.path

    def read(self, columns: object, partitions: object) -> pa.Table | Group:
        """The table's columns, whatever the order in which petastorm's set names them."""
        rows = self.table.read(self.group)
        return Group(arrays(rows)) if self.as_arrays and rows.num_rows else rows


class Group(dict[str, "np.ndarray[Any, Any]"]):
    """A row group that a thread has made arrays of already, as far as petastorm takes it for an Arrow table.

    Petastorm's reader makes arrays in the caller's thread; a dictionary it hands on as it is.
    """

    @property
    def num_rows(self) -> int:
        return len(next(iter(self.values())))

    @property
    def column_names(self) -> list[str]:
        return list(self)

    def take(self, order: np.ndarray[Any, Any]) -> Group:
        """The rows in that order, which is their own unless rows are shuffled."""
        return Group(taken(self, None if (order[1:] > order[:-1]).all() else order))


@dataclass(frozen=True)
class Listing:
    """What petastorm is given as a file system: the row groups of one table that it is to read."""

    table: Table
    groups: tuple[RowGroup, ...]
    as_arrays: bool = False  # threads can hand over arrays, processes send Arrow tables

    def open(self, path: str) -> None:
        """Nothing: petastorm opens each file before it reads, and never uses it. `Piece.read` opens its own."""


class _Dataset:
    """What petastorm asks of pyarrow's former ParquetDataset."""

    partitions = metadata = common_metadata = None  # row groups bring their partition columns along

    def __init__(self, path: object, filesystem: Listing, **options: object) -> None:
        self.fs = filesystem

    @property
    def pieces(self) -> list[_Footer]:
        return [_Footer(self.fs.table)]


@dataclass(frozen=True)
class _Footer:
    """The schema, where petastorm looks for it: `pieces[0].get_metadata().schema.to_arrow_schema()`."""

    table: Table

    @property
    def schema(self) -> _Footer:
        return self

    def get_metadata(self) -> _Footer:
        return self

    def to_arrow_schema(self) -> pa.Schema:
        return pa.schema([(name, self.table.types[name]) for name in self.table.columns])


class _Numpy(types.ModuleType):
    """numpy with the two names that numpy 2 dropped, for petastorm's modules alone."""

    unicode_, string_ = np.str_, np.bytes_

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def load() -> types.SimpleNamespace:
    """Petastorm's parts that need neither torch nor tensorflow, mended; the first call costs 0.4 s.

    Raises EnvironmentFault where petastorm is not installed.
    """
    with _lock:
        reader = _imported("petastorm.reader")
        worker, metadata, schema = (
            importlib.import_module(f"petastorm.{each}")
            for each in ("arrow_reader_worker", "etl.dataset_metadata", "unischema")
        )
        for module in (reader, worker, metadata):
            module.__dict__["pq"] = types.SimpleNamespace(ParquetDataset=_Dataset)
        reader.__dict__["print"] = lambda *words: None  # a line for every reader that is closed
        worker.__dict__["ParquetFile"] = lambda file: file
        worker.__dict__["convert_arrow_table_to_numpy_dict"] = lambda table, schema: arrays(table)
        metadata.__dict__["load_row_groups"] = _pieces
        # A column called as an attribute of its Unischema is no trouble here; unsupported types were refused before.
        schema.__dict__["warnings"] = types.SimpleNamespace(warn=lambda *words: None)
        schema.__dict__["_new_gt_255_compatible_namedtuple"] = record_type
        from lakesmith.deep import petastorm_pools

        petastorm_pools.mend()
        return types.SimpleNamespace(make_batch_reader=reader.make_batch_reader, Unischema=schema.Unischema)


def schema(table: Table) -> Any:
    """The table's columns as petastorm's Unischema."""
    return load().Unischema.from_arrow_schema(_Dataset(None, Listing(table, ())))


def batched_loader() -> Any:
    """petastorm's BatchedDataLoader; imports torch."""
    load()
    with _lock:
        module = _imported("petastorm.pytorch")
        if not hasattr(module, "lakesmith_mended"):
            module.lakesmith_mended = True
            module.BatchedNoopShufflingBuffer = _buffer(module.BatchedNoopShufflingBuffer)
        return module.BatchedDataLoader


def _buffer(kind: Any) -> type:
    """Petastorm's buffer without its copy of every row group: it joins each to what is left of the last, even if
    nothing is.
    """

    class Buffer(kind):  # type: ignore[misc]
        def _add_many(self, items: Any) -> None:
            if not self._size:
                self._buffer: list[Any] = []
            super()._add_many(items)

    return Buffer


def tensorflow_dataset() -> Any:
    """petastorm's make_petastorm_dataset; imports tensorflow."""
    load()
    with _lock:
        module = _imported("petastorm.tf_utils", first="tensorflow")
        module.__dict__["np"] = _Numpy("numpy")
        return module.make_petastorm_dataset


def _pieces(dataset: _Dataset) -> list[Piece]:
    return [Piece(dataset.fs.table, group, dataset.fs.as_arrays) for group in dataset.fs.groups]


def record_type(name: str, columns: list[str]) -> type:
    """A named tuple for column names of any kind; the standard one takes identifiers only."""
    fields = tuple(columns)

    def make(cls: Any, *values: Any, **named: Any) -> Any:
        return tuple.__new__(cls, (*values, *(named[each] for each in fields[len(values) :])))

    members: dict[str, Any] = {name: property(itemgetter(place)) for place, name in enumerate(fields)} | {
        "__slots__": (),
        "__new__": make,
        "_fields": fields,
        "_asdict": lambda self: dict(zip(fields, self, strict=True)),
        "_make": classmethod(lambda cls, values: cls(*values)),
    }
    return type(name, (tuple,), members)


def _imported(name: str, first: str = "") -> Any:
    """A module of petastorm, imported among the names it misses."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        if first:
            importlib.import_module(first)
        with _old_names(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # distutils and pkg_resources, which only petastorm's own code asks for
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"{name} needs '{error.name}', which is not installed", fix=_INSTALL) from error


@contextmanager
def _old_names() -> Iterator[None]:
    """pyarrow.filesystem, pyarrow.hdfs, numpy.unicode_ and numpy.string_ for the time of the block."""
    modules = {
        "pyarrow.filesystem": types.SimpleNamespace(LocalFileSystem=type("LocalFileSystem", (), {})),
        "pyarrow.hdfs": types.SimpleNamespace(HadoopFileSystem=type("HadoopFileSystem", (), {})),
    }
    names = {"unicode_": np.str_, "string_": np.bytes_}
    modules = {name: module for name, module in modules.items() if name not in sys.modules}
    names = {name: value for name, value in names.items() if name not in vars(np)}
    sys.modules.update(modules)  # type: ignore[arg-type]
    vars(np).update(names)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        for name in names:
            del vars(np)[name]
