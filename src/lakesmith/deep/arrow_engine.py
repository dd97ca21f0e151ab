"""The engine of pyarrow alone: row groups read ahead by a pool, in the order that was drawn for the epoch."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from lakesmith.deep.arrays import Arrays, arrays, permuted

if TYPE_CHECKING:
    from lakesmith.deep.row_groups import RowGroup, Table

AHEAD = 2  # row groups waiting for each worker


def groups(
    table: Table, mine: Sequence[RowGroup], *, pool: str, workers: int, shuffle: bool, seed: int
) -> Generator[Arrays]:
    """The row groups of one epoch as arrays. Their order follows from the seed alone, whatever the pool."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(mine)) if shuffle else range(len(mine))
    with _executor(pool, workers) as executor:
        waiting: deque[Future[Any]] = deque()
        try:
            for index in order:
                waiting.append(executor.submit(table.read, mine[index]))
                if len(waiting) >= workers * (1 + AHEAD):
                    yield from _taken(waiting, random if shuffle else None)
            while waiting:
                yield from _taken(waiting, random if shuffle else None)
        finally:  # an epoch that is left early does not wait for what nobody will see
            executor.shutdown(wait=True, cancel_futures=True)


def _taken(waiting: deque[Future[Any]], random: np.random.Generator | None) -> Iterator[Arrays]:
    table = waiting.popleft().result()
    if table.num_rows:
        found = arrays(table)
        yield permuted(found, random) if random is not None else found


def _executor(pool: str, workers: int) -> Executor:
    if pool == "thread":
        return ThreadPoolExecutor(workers, thread_name_prefix="row-groups")
    # Spawned: a forked process would inherit the locks of Arrow's and Spark's threads.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
