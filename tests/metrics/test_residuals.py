from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from tests.metrics.tables import floats, regression

from lakesmith.metrics.residuals import R2, Mae, Mape, MedianAbsError, Rmse
from lakesmith.tasks import Target

NUMBER = st.integers(-50, 50).map(lambda k: k / 4)
PAIRS = st.lists(st.tuples(NUMBER.filter(bool), NUMBER), min_size=2, max_size=30).filter(
    lambda pairs: len({label for label, _ in pairs}) > 1
)


@settings(deadline=None, max_examples=150)
@given(PAIRS)
def test_errors_equal_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    label, prediction = floats([a for a, _ in pairs]), floats([b for _, b in pairs])
    table = regression(label, prediction)
    for metric, expected in (
        (Rmse(), root_mean_squared_error),
        (Mae(), mean_absolute_error),
        (R2(), r2_score),
        (Mape(), mean_absolute_percentage_error),
        (MedianAbsError(), median_absolute_error),
    ):
        assert metric.value(table, "m") == pytest.approx(expected(label, prediction), rel=1e-9, abs=1e-12)


def test_mape_leaves_out_rows_whose_label_is_zero() -> None:
    assert Mape().value(regression([0, 10, 20], [5, 11, 18]), "m") == pytest.approx(0.1)
    assert np.isnan(Mape().value(regression([0, 0], [1, 2]), "m"))


def test_r2_is_undefined_for_a_constant_label() -> None:
    assert np.isnan(R2().value(regression([0.1, 0.1, 0.1], [1, 2, 3]), "m"))


def test_r2_keeps_its_digits_far_from_zero() -> None:
    label = 1.7e9 + np.arange(100.0)
    prediction = label + np.tile([-2.0, 2.0], 50)
    target = Target(sort="regression", label="y", rows=100, mean=1.7e9 + 49.5)
    found = R2().value(regression(label, prediction, target=target), "m")
    assert found == pytest.approx(r2_score(label - 1.7e9, prediction - 1.7e9), abs=1e-9)


def test_an_infinite_prediction_makes_every_metric_nan() -> None:
    assert np.isnan(Mae().value(regression([1, 2], [1, np.inf]), "m"))
