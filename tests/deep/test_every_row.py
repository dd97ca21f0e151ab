"""Every row comes once an epoch: engines, pools, workers, shards, shuffling, filters."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deep.tables import ENGINES, Killer, matched, numbered
from lakesmith.deep import petastorm_compat, petastorm_pools
from lakesmith.deep.batches import batches
from lakesmith.errors import ConfigError, DataError, EnvironmentFault


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("pool", "workers", "shuffle", "mix_rows"),
    [
        ("thread", 1, False, 0),
        ("thread", 3, False, 0),
        ("thread", 1, True, 0),
        ("thread", 3, True, 0),
        ("thread", 3, True, 450),
        ("process", 1, False, 0),
        ("process", 3, True, 0),
    ],
)
def test_every_row_comes_once_an_epoch(
    tmp_path: Path, engine: Any, pool: Any, workers: int, shuffle: bool, mix_rows: int
) -> None:
    table = numbered(tmp_path, 2_000, row_group=110, files=3)
    found = batches(
        table, engine=engine, pool=pool, workers=workers, shuffle=shuffle, mix_rows=mix_rows, batch_size=128
    )
    for _ in range(2 if pool == "thread" else 1):
        epoch = list(found.numpy())
        ids = matched(epoch)
        assert sorted(ids) == list(range(2_000))
        assert (ids == sorted(ids)) is not (shuffle or (pool == "process" and workers > 1 and engine == "petastorm"))
        assert [len(batch["id"]) for batch in epoch] == [128] * 15 + [80]
    assert (len(found), found.rows, found.left_out) == (16, 2_000, 0)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("workers", "epochs"), [(1, 20), (2, 60), (3, 60)])
def test_no_epoch_of_41_tiny_row_groups_lacks_rows(tmp_path: Path, engine: Any, workers: int, epochs: int) -> None:
    found = batches(numbered(tmp_path, 123, row_group=3), engine=engine, workers=workers, batch_size=50)
    for _ in range(epochs):
        assert matched(found.numpy()) == list(range(123))


@pytest.mark.parametrize("kind", ["ThreadPool", "ProcessPool"])
def test_a_row_group_handed_out_while_the_pool_looks_for_the_end_is_not_dropped(kind: str) -> None:
    """The very moment in which petastorm loses rows: all is done, and the last row group comes as it looks again."""
    petastorm_compat.load()
    from petastorm.workers_pool.process_pool import ProcessPool
    from petastorm.workers_pool.thread_pool import ThreadPool

    def hand_out_the_last() -> bool:
        if kind == "ThreadPool":
            if not pool._ventilated_items:
                pool.ventilate()
        else:
            pool._ventilated_items = 1
        return True

    ventilator = SimpleNamespace(completed=hand_out_the_last, start=lambda: None, stop=lambda: None)
    if kind == "ThreadPool":
        pool = ThreadPool(1)
        pool.start(
            lambda *args: SimpleNamespace(process=lambda: None, publish_func=lambda message: None), (), ventilator
        )
        assert not pool.all_workers_done()
        pool.stop()
        pool.join()
    else:
        pool = ProcessPool(0, None)
        pool.start(object, (), ventilator)
        all_done = pool._ventilated_items == pool._ventilated_items_processed
        assert all_done
        assert not pool._ventilator.completed()
        pool.join()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("world", [2, 3])
def test_shards_share_all_rows_and_none_twice(tmp_path: Path, engine: Any, world: int) -> None:
    table = numbered(tmp_path, 1_000, row_group=100, files=2)
    for shuffle in (False, True):
        ranks = [
            batches(table, engine=engine, shard=(rank, world), even=False, shuffle=shuffle, batch_size=64)
            for rank in range(world)
        ]
        ids = [matched(rank.numpy()) for rank in ranks]
        assert sorted(chain(*ids)) == list(range(1_000))
        assert [rank.rows for rank in ranks] == [len(each) for each in ids]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("drop_last", [False, True])
def test_every_rank_has_the_same_number_of_batches(tmp_path: Path, engine: Any, drop_last: bool) -> None:
    table = numbered(tmp_path, 1_000, row_group=100)  # ten row groups: ranks of 400, 300 and 300 rows
    ranks = [
        batches(table, engine=engine, shard=(rank, 3), batch_size=64, shuffle=True, drop_last=drop_last)
        for rank in range(3)
    ]
    sizes = [[len(batch["id"]) for batch in rank.numpy()] for rank in ranks]
    assert [len(each) for each in sizes] == [len(rank) for rank in ranks] == [4 if drop_last else 5] * 3
    assert [sum(each) for each in sizes] == [rank.rows - rank.left_out for rank in ranks]
    assert [rank.left_out for rank in ranks] == ([144, 44, 44] if drop_last else [80, 0, 0])


def test_shards_that_cannot_be_are_refused(tmp_path: Path) -> None:
    table = numbered(tmp_path, 300, row_group=100)
    with pytest.raises(DataError, match=r"3 row groups, which 4 ranks cannot share.*shards=4"):
        batches(table, shard=(0, 4))
    with pytest.raises(ConfigError, match=r"\(2, 2\)"):
        batches(table, shard=(2, 2))
    with pytest.raises(DataError, match="fewer than one batch of 512"):
        batches(table, batch_size=512, drop_last=True)
    with pytest.raises(ConfigError, match="another number of them"):
        batches(table, where=[("double", "<", 100)], shard=(0, 2))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shuffle", [False, True])
def test_filtered_rows_keep_their_columns_together(tmp_path: Path, engine: Any, shuffle: bool) -> None:
    """Petastorm's own predicates permute the columns they look at apart from the others."""
    table = numbered(tmp_path, 1_000, row_group=90)
    found = batches(table, engine=engine, where=[("double", ">=", 500), ("id", "<", 900)], shuffle=shuffle)
    assert sorted(matched(found.numpy())) == list(range(250, 900))
    whole = batches(table, engine=engine, where=[("double", ">=", 500)], batch_size=100, drop_last=True)
    assert [len(batch["id"]) for batch in whole.numpy()] == [100] * 7
    only = batches(table, engine=engine, columns=["id"], where=[("double", "<", 20)])
    assert [list(batch) for batch in only.numpy()] == [["id"]]
    with pytest.raises(TypeError, match="not known"):
        len(only)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_epoch_left_early_does_not_harm_the_next(tmp_path: Path, engine: Any) -> None:
    found = batches(numbered(tmp_path, 2_000, row_group=20), engine=engine, batch_size=10)
    for _ in found.numpy():
        break
    assert matched(found.numpy()) == list(range(2_000))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pool", ["thread", "process"])
def test_a_file_that_is_gone_is_said(tmp_path: Path, engine: Any, pool: Any, capfd: pytest.CaptureFixture[str]) -> None:
    table = numbered(tmp_path, 400, row_group=50, files=4)
    found = batches(table, engine=engine, pool=pool, workers=1)
    (tmp_path / "002.parquet").unlink()
    with pytest.raises(DataError, match=r"row group 0 of .*002\.parquet cannot be read"):
        list(found.numpy())
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_that_is_killed_is_said(tmp_path: Path, engine: Any) -> None:
    """Petastorm would wait for it for ever."""
    found = batches(numbered(tmp_path, 400, row_group=50), engine=engine, pool="process", workers=1)
    found.table = replace(found.table, filesystem=Killer())
    with pytest.raises(EnvironmentFault, match="a worker process was killed"):
        list(found.numpy())


def test_a_worker_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = batches(numbered(tmp_path, 100, row_group=50), engine="petastorm", pool="process", workers=2)
    monkeypatch.setattr(petastorm_pools, "_CHILD", "import sys; sys.stdin.buffer.read(); sys.exit(7)")
    with pytest.raises(EnvironmentFault, match="a worker process ended with code 7"):
        list(found.numpy())


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_are_missing_at_the_end_are_said(tmp_path: Path, engine: Any) -> None:
    table = numbered(tmp_path, 400, row_group=50)
    found = batches(table, engine=engine)
    numbered(tmp_path, 392, row_group=49)
    with pytest.raises(DataError, match="392 of 400 rows"):
        list(found.numpy())
    numbered(tmp_path, 800, row_group=50)
    with pytest.raises(DataError, match=r"000\.parquet has changed since it was first read"):
        list(found.numpy())
