"""The same batches as a tf.data.Dataset; Keras learns from it. Run by test_tensorflow.py, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from deep.tables import ENGINES, numbered, write
from lakesmith.deep.batches import batches
from lakesmith.deep.tensorflow_batches import dataset
from lakesmith.errors import ConfigError

engines = pytest.mark.parametrize("engine", ENGINES)


@engines
def test_every_row_comes_once_an_epoch(tmp_path: Path, engine: Any) -> None:
    found = batches(numbered(tmp_path, 1_000, row_group=70), engine=engine, shuffle=True, seed=3, batch_size=64)
    pairs = dataset(found, label="double")
    assert len(pairs) == 16
    orders = []
    for _ in range(2):
        epoch = [(batch["id"].numpy(), label.numpy()) for batch, label in pairs]
        assert [len(ids) for ids, _ in epoch] == [64] * 15 + [40]
        assert all((label == ids * 2).all() for ids, label in epoch)
        orders.append(np.concatenate([ids for ids, _ in epoch]).tolist())
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(1_000))
    assert orders[0] != orders[1]


@engines
def test_ranks_end_together(tmp_path: Path, engine: Any) -> None:
    table = numbered(tmp_path, 1_000, row_group=100)
    ranks = [batches(table, engine=engine, shard=(rank, 3), batch_size=64, drop_last=True) for rank in range(3)]
    assert [[len(batch["id"]) for batch in dataset(rank)] for rank in ranks] == [[64] * 4] * 3


@engines
def test_a_small_keras_model_learns(tmp_path: Path, engine: Any) -> None:
    random = np.random.default_rng(0)
    one, three = random.normal(size=2_000).astype("f4"), random.normal(size=(2_000, 3)).astype("f4")
    columns = {"dep delay": one, "three": list(three), "late": one + three[:, 0] > 0}
    found = batches(write(tmp_path, columns, row_group=250), engine=engine, shuffle=True, seed=1, batch_size=50)
    pairs = dataset(found, label="late", features=["dep delay", "three"])
    assert pairs.element_spec[0].shape.as_list() == [None, 4]
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(pairs, epochs=3, verbose=0, shuffle=False).history
    assert history["accuracy"][-1] > 0.97


def test_an_unknown_label_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'lable' is not a column of the batches\. Did you mean 'label'"):
        dataset(batches(write(tmp_path, {"label": [1.0]})), label="lable")
