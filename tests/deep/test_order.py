"""Seeds reproduce the order of rows; epochs differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deep.tables import ENGINES, matched, numbered
from lakesmith.deep.batches import batches
from lakesmith.errors import ConfigError


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mix_rows", [0, 100])
def test_a_seed_reproduces_every_epoch_and_epochs_differ(tmp_path: Path, engine: Any, mix_rows: int) -> None:
    table = numbered(tmp_path, 600, row_group=25)

    def epochs(seed: int, start: int = 0) -> list[list[int]]:
        found = batches(table, engine=engine, shuffle=True, mix_rows=mix_rows, seed=seed, batch_size=32, workers=3)
        found.epoch = start
        return [matched(found.numpy()) for _ in range(3 - start)]

    for seed in (0, 7):  # petastorm takes 0 for none
        first = epochs(seed)
        assert first == epochs(seed)
        assert first[2:] == epochs(seed, start=2)
        assert len({tuple(each) for each in first}) == 3
    assert epochs(7) != epochs(8)


def test_pyarrow_draws_the_same_order_whatever_the_pool(tmp_path: Path) -> None:
    table = numbered(tmp_path, 600, row_group=25)
    orders = [
        matched(batches(table, engine="pyarrow", shuffle=True, seed=1, pool=pool, workers=workers).numpy())  # type: ignore[arg-type]
        for pool, workers in (("thread", 1), ("thread", 3), ("process", 2))
    ]
    assert orders[0] == orders[1] == orders[2]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_are_mixed_within_and_across_row_groups(tmp_path: Path, engine: Any) -> None:
    table = numbered(tmp_path, 1_000, row_group=100)
    within = matched(batches(table, engine=engine, shuffle=True).numpy())
    across = matched(batches(table, engine=engine, shuffle=True, mix_rows=1_000).numpy())
    assert len({each // 100 for each in within[:100]}) == 1
    assert within[:100] != sorted(within[:100])
    assert sorted({each // 100 for each in within}) != [each // 100 for each in within[::100]]
    assert len({each // 100 for each in across[:100]}) > 5


def test_what_would_not_be_as_asked_is_refused(tmp_path: Path) -> None:
    table = numbered(tmp_path, 100, row_group=10)
    with pytest.raises(ConfigError, match="a seed does not reproduce their order"):
        batches(table, engine="petastorm", pool="process", workers=2, shuffle=True, seed=1)
    with pytest.raises(ConfigError, match="shuffle is off"):
        batches(table, mix_rows=10)
    with pytest.raises(ConfigError, match=r"engine: 'petastrom' is not known\. Did you mean 'petastorm'"):
        batches(table, engine="petastrom")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"batch_size: expected 1 or more, found 0"):
        batches(table, batch_size=0)
    with pytest.raises(ConfigError, match=r"seed: expected 0 or more, found -1"):
        batches(table, seed=-1)
