"""Batches as torch tensors: petastorm's BatchedDataLoader and our own give the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deep.tables import ENGINES, matched, numbered, write
from lakesmith.deep.batches import batches

engines = pytest.mark.parametrize("engine", ENGINES)


@engines
@pytest.mark.parametrize(("pool", "workers"), [("thread", 3), ("process", 1)])
def test_every_row_comes_once_in_batches_of_one_size(tmp_path: Path, engine: Any, pool: Any, workers: int) -> None:
    table = numbered(tmp_path, 1_000, row_group=70)
    found = batches(table, engine=engine, pool=pool, workers=workers, shuffle=True, seed=3, batch_size=64)
    for _ in range(2 if pool == "thread" else 1):
        epoch = list(found)
        assert sorted(matched(epoch)) == list(range(1_000))
        assert [len(batch["id"]) for batch in epoch] == [64] * 15 + [40]


@engines
def test_tensors_have_the_types_of_their_columns_and_can_be_written_to(tmp_path: Path, engine: Any) -> None:
    columns = {"v": [[1.0, 2.0], [3.0, 4.0]], "n": np.array([1, 2], "i4"), "flag": [True, False]}
    (batch,) = batches(write(tmp_path, columns), engine=engine)
    assert {name: (each.dtype, list(each.shape)) for name, each in batch.items()} == {
        "v": (torch.float64, [2, 2]),
        "n": (torch.int32, [2]),
        "flag": (torch.uint8, [2]),
    }
    batch["v"] += 1
    assert batch["v"].tolist() == [[2.0, 3.0], [4.0, 5.0]]


@engines
def test_an_early_break_and_an_even_end(tmp_path: Path, engine: Any) -> None:
    table = numbered(tmp_path, 1_000, row_group=100)
    ranks = [batches(table, engine=engine, shard=(rank, 3), batch_size=64, drop_last=True) for rank in range(3)]
    for rank in ranks:
        for _ in rank:
            break
        assert [len(batch["id"]) for batch in rank] == [64] * 4


@engines
def test_a_small_model_learns(tmp_path: Path, engine: Any) -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(2_000, 3)).astype("f4")
    label = features @ np.array([1.0, -2.0, 0.5], "f4")
    table = write(tmp_path, {"features": list(features), "label": label}, row_group=250)
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    found = batches(table, engine=engine, shuffle=True, seed=1, batch_size=20)
    for _ in range(2):
        for batch in found:
            loss = ((model(batch["features"]).squeeze(1) - batch["label"]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert loss.item() < 1e-3
    assert [round(each, 1) for each in model.weight.tolist()[0]] == [1.0, -2.0, 0.5]
