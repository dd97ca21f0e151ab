from __future__ import annotations

import numpy as np
import pytest
from tests.metrics.tables import binary

from lakesmith.metrics.cells import WEIGHT, grouped, numbered


def test_rows_with_equal_keys_become_one_cell() -> None:
    keys, sums = grouped({"a": np.array([2, 1, 2]), "b": np.array([0, 5, 0])}, {"n": np.ones(3)}, np.array([3.0, 1, 2]))
    assert (keys["a"].tolist(), keys["b"].tolist()) == ([1, 2], [5, 0])
    assert (sums["n"].tolist(), sums["low"].tolist()) == ([1, 2], [1, 2])


def test_no_row_gives_no_cell() -> None:
    numbers, keys = numbered({"a": np.array([], dtype=int)})
    assert (len(numbers), len(keys["a"])) == (0, 0)


def test_cells_are_summed_by_a_key_in_ascending_order() -> None:
    cells = binary([1, 0, 1, 1], [0.9, 0.1, 0.1, 0.9]).cells("m")
    assert cells.by(cells.bin).tolist() == [[2, 2]]
    assert cells.by(cells.bin, where=cells.label == 1).tolist() == [[1, 2]]


def test_shared_cells_hold_only_rows_that_were_test_rows_for_every_model() -> None:
    table = binary([1, 0, 1], [0.9, 0.1, 0.4], is_test={"m": np.array([True, True, False])})
    assert (table.rows("m"), table.rows("m", shared=True)) == (2, 2)


def test_replicates_count_a_bucket_as_often_as_it_is_drawn() -> None:
    table = binary([1, 0, 1], [0.9, 0.1, 0.4])
    cells = table.replicates("m", np.array([[1.0, 1, 1], [3, 0, 0], [0, 1, 2]]))
    assert cells.total(WEIGHT).tolist() == [3, 3, 3]
    assert cells.total(WEIGHT, cells.label == 1).tolist() == [2, 3, 2]


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(KeyError, match="no model 'x' in this evaluation table; it has m"):
        binary([1, 0], [0.9, 0.1]).cells("x")
