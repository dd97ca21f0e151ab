"""The engine of petastorm: `make_batch_reader` reads the row groups, `BatchedDataLoader` makes batches of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lakesmith.deep.arrays import Arrays

if TYPE_CHECKING:
    from lakesmith.deep.row_groups import RowGroup, Table


def is_installed() -> bool:
    """Whether petastorm can be imported; imports nothing."""
    return importlib.util.find_spec("petastorm") is not None


def groups(
    table: Table, mine: Sequence[RowGroup], *, pool: str, workers: int, shuffle: bool, seed: int
) -> Generator[Arrays]:
    """The row groups of one epoch as arrays. Their order follows from the seed and the number of workers.

    Every epoch has a reader of its own: petastorm draws the order of the row groups once a reader, and a reader that
    was left early cannot start again.
    """
    from lakesmith.deep import petastorm_compat

    reader = petastorm_compat.load().make_batch_reader(
        petastorm_compat.URL,
        filesystem=petastorm_compat.Listing(table, tuple(mine), as_arrays=pool == "thread"),
        reader_pool_type=pool,
        workers_count=workers,
        shuffle_rows=shuffle,
        shuffle_row_groups=shuffle,
        seed=seed or 1,  # zero means none, and without one the thread pool polls without pause
        num_epochs=1,
    )
    reader.ventilator._ventilation_interval = 0.001  # it looks every 10 ms whether a worker wants more
    try:
        for row in reader:
            yield row._asdict()
    finally:
        reader.stop()
        reader.join()


class Rows:
    """What petastorm's loaders take for a reader: the row groups of `epoch`, checked on their way, as its records."""

    batched_output, ngram, last_row_consumed = True, None, False

    def __init__(self, table: Table, epoch: Callable[[], Iterator[Arrays]]) -> None:
        from lakesmith.deep import petastorm_compat

        self.schema = petastorm_compat.schema(table)
        self._epoch = epoch

    def __iter__(self) -> Iterator[Any]:
        record = self.schema._get_namedtuple()
        for group in self._epoch():
            yield record(**group)


def loaded(rows: Rows, batch_size: int, tensor: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    """Batches of torch tensors; `tensor` makes one of an array."""
    from lakesmith.deep import petastorm_compat

    # Its shuffle buffer stays unused: it draws from torch's global generator, and `arrays.mixed` does the same work.
    return iter(petastorm_compat.batched_loader()(rows, batch_size=batch_size, transform_fn=tensor))
