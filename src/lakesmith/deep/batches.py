"""Batches of tensors from a Parquet table or a Spark frame: the only door to petastorm, and to pyarrow in its place.

    for epoch in range(10):
        for batch in flights:            # {"dep_delay": tensor[4096], "features": tensor[4096, 32], …}

Every row comes once an epoch. Whole numbers keep their type, booleans are 0 or 1, null floats NaN; what has no tensor
(text, dates, nulls in whole numbers, arrays of different lengths) is an error that says what to do.
"""

from __future__ import annotations

import secrets
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from lakesmith.deep import arrow_engine, petastorm_engine, row_groups
from lakesmith.deep.arrays import Arrays, counted, mixed, rebatched, whole_batches
from lakesmith.deep.row_groups import Where
from lakesmith.deep.sharding import Share, share
from lakesmith.errors import ConfigError, EnvironmentFault, nearest

if TYPE_CHECKING:
    import torch
    from pyspark.sql import DataFrame

Engine = Literal["petastorm", "pyarrow"]
Pool = Literal["thread", "process"]
Batch = dict[str, "torch.Tensor"]


def batches(
    source: str | Path | DataFrame,
    *,
    columns: Sequence[str] | None = None,
    where: Where = (),
    batch_size: int = 4096,
    shuffle: bool = False,
    mix_rows: int = 0,
    seed: int | None = None,
    shard: tuple[int, int] = (0, 1),
    even: bool = True,
    drop_last: bool = False,
    engine: Engine | None = None,
    pool: Pool = "thread",
    workers: int = 2,
    folder: str | Path | None = None,
) -> Batches:
    """The batches of a Parquet file or folder, or of a Spark frame, which is written to `folder` first.

    `shuffle` draws the order of row groups, and of the rows within each, anew for every epoch; `mix_rows` permutes so
    many rows of successive row groups together. With a `seed`, epoch n has the same order in every run of the same
    engine (petastorm: and number of workers). `shard` (rank, world) hands out every world-th row group, and the same
    number of batches to every rank unless `even` is off. `engine` None: petastorm where it is installed, else pyarrow.

    Raises ConfigError for arguments, DataError for data that cannot become tensors.
    """
    engine = engine or ("petastorm" if petastorm_engine.is_installed() else "pyarrow")
    _refuse(engine, pool, workers, seed, {"batch_size": batch_size, "workers": workers}, shuffle or not mix_rows)
    reading = Reading(engine, pool, workers, shuffle, mix_rows, secrets.randbits(32) if seed is None else seed)
    remove: Callable[[], None] | None = None
    if not isinstance(source, str | Path):
        from lakesmith.deep import frames

        needed = None if columns is None else [*columns, *(name for name, _, _ in where)]
        source, remove = frames.materialized(source, folder, columns=needed, shards=shard[1])
    try:
        table = row_groups.find(source, columns, where)
        mine = share(table, shard, batch_size, even=even, drop_last=drop_last)
        return Batches(table, mine, reading, batch_size, drop_last=drop_last, remove=remove)
    except BaseException:
        if remove is not None:
            remove()
        raise


@dataclass(frozen=True)
class Reading:
    """How the row groups of an epoch are read, and in which order."""

    engine: Engine
    pool: Pool
    workers: int
    shuffle: bool
    mix_rows: int
    seed: int

    def groups(self, table: row_groups.Table, mine: Share, epoch: int) -> Generator[Arrays]:
        """The row groups of one epoch: every row there, arrays of one length, rows mixed if asked for."""
        engine = petastorm_engine if self.engine == "petastorm" else arrow_engine
        # Zero means no seed to petastorm.
        seed = int(np.random.SeedSequence([self.seed, epoch]).generate_state(1)[0]) or 1
        workers = min(self.workers, len(mine.groups))
        found = engine.groups(table, mine.groups, pool=self.pool, workers=workers, shuffle=self.shuffle, seed=seed)
        with closing(found):
            rows = counted(found, mine.rows)
            yield from mixed(rows, self.mix_rows, np.random.default_rng([seed, 1])) if self.mix_rows else rows


class Batches:
    """An iterable of batches of torch tensors; each pass over it is the next epoch.

    `rows` and `batches` (also `len()`): how many an epoch has, None where `where` filters rows; `left_out`: rows of
    this rank that are not handed out because another rank has fewer batches, or the last one is dropped. `epoch`: the
    number of the next pass; set it to go on where a run was stopped.
    """

    def __init__(
        self,
        table: row_groups.Table,
        mine: Share,
        reading: Reading,
        batch_size: int,
        *,
        drop_last: bool,
        remove: Callable[[], None] | None = None,
    ) -> None:
        self.table, self.columns, self.engine = table, table.columns, reading.engine
        self.batch_size, self.drop_last, self.epoch = batch_size, drop_last, 0
        self.rows, self.batches, self.left_out = mine.rows, mine.batches, mine.left_out
        self._share, self._reading = mine, reading
        self._remove = None if remove is None else weakref.finalize(self, remove)

    def __len__(self) -> int:
        if self.batches is None:
            raise TypeError("the number of batches is not known: where= filters rows while they are read")
        return self.batches

    def __iter__(self) -> Iterator[Batch]:
        """One epoch of torch tensors. Raises EnvironmentFault where torch is not installed."""
        try:
            import torch
        except ModuleNotFoundError as error:
            raise EnvironmentFault("torch is not installed", fix="pip install 'lakesmith[deep]'.") from error

        def tensor(values: Any) -> torch.Tensor:  # Arrow's memory is read-only, torch's is not
            return torch.from_numpy(values if values.flags.writeable else values.copy())

        if self.engine == "pyarrow":
            for arrays in self.numpy():
                yield {name: tensor(values) for name, values in arrays.items()}
            return
        with closing(self.groups()) as groups:
            rows = petastorm_engine.Rows(self.table, lambda: whole_batches(groups, self.batch_size))
            for batch in islice(petastorm_engine.loaded(rows, self.batch_size, tensor), self.batches):
                if not self.drop_last or len(batch[self.columns[0]]) == self.batch_size:
                    yield {name: batch[name] for name in self.columns}

    def numpy(self) -> Iterator[Arrays]:
        """One epoch of numpy arrays; needs no torch. They may be read-only."""
        with closing(self.groups()) as groups:
            for batch in islice(rebatched(groups, self.batch_size, self.drop_last), self.batches):
                yield {name: batch[name] for name in self.columns}

    def groups(self) -> Generator[Arrays]:
        """One epoch of whole row groups, all rows of this rank."""
        epoch, self.epoch = self.epoch, self.epoch + 1
        return self._reading.groups(self.table, self._share, epoch)

    def close(self) -> None:
        """Removes what was written of a frame, as the end of the process would; a table that was given stays."""
        if self._remove is not None:
            self._remove()

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _refuse(engine: str, pool: str, workers: int, seed: int | None, counts: dict[str, int], may_mix: bool) -> None:
    for name, value in counts.items():
        if value < 1:
            raise ConfigError(f"expected 1 or more, found {value}", key=name)
    if seed is not None and seed < 0:
        raise ConfigError(f"expected 0 or more, found {seed}", key="seed")
    for name, chosen, allowed in (("engine", engine, get_args(Engine)), ("pool", pool, get_args(Pool))):
        if chosen not in allowed:
            raise ConfigError(f"'{chosen}' is not known", key=name, fix=nearest(chosen, allowed))
    if not may_mix:
        raise ConfigError("rows are permuted across row groups, and shuffle is off", key="mix_rows", fix="Set shuffle.")
    if engine == "petastorm" and pool == "process" and workers > 1 and seed is not None:
        raise ConfigError(
            "petastorm's processes hand over row groups as they finish: a seed does not reproduce their order",
            key="seed",
            fix="Take pool='thread', one worker, or engine='pyarrow'.",
        )
