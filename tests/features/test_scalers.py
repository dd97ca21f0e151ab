"""Scalers against scikit-learn on the same data, and where there is nothing to scale by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PowerTransformer, RobustScaler

from builders import frame
from features.vectors import feature, fit, slot_values


def skewed(rows: int = 200) -> pd.DataFrame:
    draws = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "spent": draws.lognormal(1, 1, rows),
            "gain": draws.normal(0, 2, rows) ** 3,
            "loss": -draws.lognormal(2, 0.5, rows),
            "constant": np.full(rows, 4.0),
        }
    )


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(skewed()).cache()


@pytest.mark.parametrize(
    ("piece", "other"),
    [
        ({"kind": "min_max", "lower": -1, "upper": 3}, MinMaxScaler((-1, 3))),
        ({"kind": "max_abs"}, MaxAbsScaler()),
        ({"kind": "robust", "low": 0.1, "high": 0.8}, RobustScaler(quantile_range=(10, 80))),
    ],
)
def test_a_scaler_agrees_with_scikit_learn(piece: dict, other: object, table: DataFrame) -> None:
    plan, model = fit([feature(columns=table.columns, **piece)], table)
    found = pd.DataFrame(slot_values(plan, model, table))
    np.testing.assert_allclose(found, other.fit_transform(skewed()), atol=1e-8, rtol=0)


def test_power_agrees_with_scikit_learn_to_a_thousandth_of_a_deviation(table: DataFrame) -> None:
    columns = ["spent", "gain", "loss"]
    plan, model = fit([feature(kind="power", columns=columns)], table)
    found = pd.DataFrame(slot_values(plan, model, table))
    np.testing.assert_allclose(found, PowerTransformer().fit_transform(skewed()[columns]), atol=1e-3, rtol=0)


def test_power_leaves_a_constant_column_and_bends_values_never_seen_within_bounds(spark: SparkSession) -> None:
    train = frame(spark, "a double, flat double", [(float(i), 3.0) for i in range(10)])
    plan, model = fit([feature(kind="power", columns=["a", "flat"], standardize=False)], train)
    found = slot_values(plan, model, frame(spark, "a double, flat double", [(1e30, 5.0), (-1e30, None)]))
    assert found["flat"] == [5, None]
    assert all(np.isfinite(found["a"]))
    assert found["a"][0] > 1e6 > -1e6 > found["a"][1]


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({"method": "percentile", "low": 0.1, "high": 0.9}, (1, 9)),
        ({"method": "zscore", "factor": 1}, (5 - 11**0.5, 5 + 11**0.5)),
        ({"method": "iqr", "factor": 0.2}, (1.5, 8.5)),
    ],
)
def test_outliers_become_the_limit_the_training_rows_set(settings: dict, limits: tuple, spark: SparkSession) -> None:
    train = frame(spark, "a double", [(float(i),) for i in range(11)])
    plan, model = fit([feature(kind="clip_outliers", columns=["a"], flag=True, **settings)], train)
    found = slot_values(plan, model, frame(spark, "a double", [(-1e9,), (5.0,), (1e9,), (None,)]))
    assert found["a"] == pytest.approx([limits[0], 5, limits[1], None], abs=1e-8)
    assert found["a clipped"] == [1, 0, 1, 0]


def test_min_max_cuts_what_training_never_saw_only_where_told(spark: SparkSession) -> None:
    train, later = frame(spark, "a double", [(0.0,), (4.0,)]), frame(spark, "a double", [(-4.0,), (8.0,), (None,)])
    for clip, expected in ((False, [-1, 2, None]), (True, [0, 1, None])):
        plan, model = fit([feature(kind="min_max", columns=["a"], clip=clip)], train)
        assert slot_values(plan, model, later)["a"] == expected
