from __future__ import annotations

import numpy as np
import pytest

from lakesmith.bootstrap import bootstrap
from lakesmith.evaluation_table import evaluation_table_of
from lakesmith.metrics.cells import EvaluationTable
from lakesmith.tasks.regression import Regression

SIZE = 400


def _two_models(clusters: list[int] | None = None, noise: float = 1.0) -> EvaluationTable:
    """Model a's error is b's, less 0.1, row by row; errors are alike within a cluster."""
    generator = np.random.default_rng(3)
    units = np.arange(SIZE) if clusters is None else np.array(clusters)
    error = 5 + noise * generator.normal(size=SIZE)[units]
    label = np.linspace(1, 2, SIZE)
    answers = {"a": label + error - 0.1, "b": label + error}
    return evaluation_table_of(Regression(label="y"), label, answers, clusters=clusters)


def test_interval_of_a_mean_has_the_width_that_theory_says() -> None:
    low, high = bootstrap(_two_models(), ["a", "b"], ["mae"], replicates=2_000)["mae"].models["a"]
    assert (high - low) == pytest.approx(2 * 1.96 / np.sqrt(SIZE), rel=0.2)


def test_difference_is_paired() -> None:
    low, high = bootstrap(_two_models(), ["a", "b"], ["mae"])["mae"].differences["b"]
    assert (low, high) == pytest.approx((-0.1, -0.1), abs=1e-6)


def test_rows_of_one_cluster_are_drawn_together() -> None:
    clusters = [number // 20 for number in range(SIZE)]
    free = bootstrap(_two_models(), ["a"], ["mae"])["mae"].models["a"]
    held = bootstrap(_two_models(clusters), ["a"], ["mae"])["mae"].models["a"]
    # 20 clusters of equal errors are worth 20 rows, not 400.
    assert (held[1] - held[0]) > 2.5 * (free[1] - free[0])


def test_one_seed_gives_one_interval() -> None:
    table = _two_models()
    assert bootstrap(table, ["a"], ["rmse"], seed=1) == bootstrap(table, ["a"], ["rmse"], seed=1)
    assert bootstrap(table, ["a"], ["rmse"], seed=1) != bootstrap(table, ["a"], ["rmse"], seed=2)


def test_one_cluster_gives_no_interval() -> None:
    low, high = bootstrap(_two_models([0] * SIZE), ["a"], ["mae"])["mae"].models["a"]
    assert np.isnan(low)
    assert np.isnan(high)


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2", "mape", "median_abs_error"])
def test_interval_lies_around_the_value(metric: str) -> None:
    from lakesmith.metrics import metric_named

    table = _two_models()
    low, high = bootstrap(table, ["a"], [metric])[metric].models["a"]
    assert low < metric_named(metric, "regression").value(table, "a") < high
