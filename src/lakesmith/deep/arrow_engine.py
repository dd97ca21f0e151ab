"""The engine of pyarrow alone: row groups read ahead by a pool, in the order that was drawn for the epoch."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

import numpy as np

from lakesmith.deep.arrays import Arrays, arrays, taken
from lakesmith.errors import EnvironmentFault

if TYPE_CHECKING:
    from lakesmith.deep.row_groups import RowGroup, Table

AHEAD = 2  # row groups waiting for each worker


def groups(
    table: Table, mine: Sequence[RowGroup], *, pool: str, workers: int, shuffle: bool, seed: int
) -> Generator[Arrays]:
    """The row groups of one epoch as arrays. Their order follows from the seed alone, whatever the pool."""
    order = np.random.default_rng(seed).permutation(len(mine)) if shuffle else range(len(mine))
    with _executor(pool, workers) as executor:
        waiting: deque[Future[Arrays]] = deque()
        try:
            for place in order:
                waiting.append(executor.submit(_loaded, table, mine[place], (seed, int(place)) if shuffle else None))
                if len(waiting) >= workers * (1 + AHEAD):
                    yield from _taken(waiting)
            while waiting:
                yield from _taken(waiting)
        except BrokenProcessPool as error:
            raise EnvironmentFault("a worker process was killed", fix="Threads read as well: pool='thread'.") from error
        finally:  # an epoch that is left early does not wait for what nobody will see
            executor.shutdown(wait=True, cancel_futures=True)


def _loaded(table: Table, group: RowGroup, seed: tuple[int, int] | None) -> Arrays:
    """What a worker makes of a row group: arrays, permuted where there is a seed, empty where no row is left."""
    rows = table.read(group)
    if not rows.num_rows:
        return {}
    order = None if seed is None else np.random.default_rng(seed).permutation(rows.num_rows)
    return taken(arrays(rows), order)


def _taken(waiting: deque[Future[Arrays]]) -> Iterator[Arrays]:
    found = waiting.popleft().result()
    if found:
        yield found


def _executor(pool: str, workers: int) -> Executor:
    if pool == "thread":
        return ThreadPoolExecutor(workers, thread_name_prefix="row-groups")
    # Spawned: a forked process would inherit the locks of Arrow's and Spark's threads.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
