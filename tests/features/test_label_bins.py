"""Bins, and bins and weights learned from the label."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn.preprocessing import KBinsDiscretizer
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from builders import frame
from features.vectors import feature, fit, slot_values
from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.pipelines import label_column

ROWS = 400


def values() -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers, so few of them that every one has a fine bin of its own; a label that steps with them."""
    draws = np.random.default_rng(5)
    x = draws.integers(0, 40, ROWS).astype(float)
    return x, np.select([x < 9, x < 22, x < 31], [2, 0, 1], 2) + draws.integers(0, 2, ROWS) * (x > 15)


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    x, y = values()
    pairs = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    return frame(spark, "x double, y double", pairs).cache()


@pytest.mark.parametrize(
    ("classes", "tree"),
    [
        ((), DecisionTreeRegressor(max_leaf_nodes=5, min_samples_leaf=0.05)),
        (("a", "b", "c", "d"), DecisionTreeClassifier(max_leaf_nodes=5, min_samples_leaf=0.05)),
    ],
)
def test_a_tree_cuts_where_scikit_learns_tree_cuts(classes: tuple, tree: object, table: DataFrame) -> None:
    train = table.select("x", label_column(F.col("y"), classes))
    plan, model = fit([feature(kind="bin", columns=["x"], method="tree", bins=5)], train)
    x, y = values()
    thresholds = tree.fit(x[:, None], y).tree_.threshold
    expected = np.digitize(x, sorted(each for each in thresholds if each >= 0))
    assert slot_values(plan, model, train)["x bin"] == expected.tolist()
    assert expected.max() == 4


def test_woe_pools_rare_categories_and_knows_nothing_of_what_it_never_saw(spark: SparkSession) -> None:
    rows = [("a", 1.0)] * 3 + [("b", 0.0)] * 2 + [("c", 1.0), ("d", 0.0)]
    train = frame(spark, f"c string, x double, {LABEL} double", [(c, None, y) for c, y in rows])
    later = frame(spark, "c string, x double", [("a", 5.0), ("c", None), ("never seen", None), (None, None)])
    plan, model = fit([feature(kind="woe", columns=["c", "x"], max_categories=2, smoothing=1)], train)
    found = slot_values(plan, model, later)
    pooled = round(math.log((2 / 6) / (2 / 5)), 9)
    assert found["c woe"] == [round(math.log((4 / 6) / (1 / 5)), 9), pooled, pooled, pooled]
    # All training rows lack x, which tells next to nothing, and a value of it tells nothing.
    lacking = round(math.log((5 / 6) / (4 / 5)), 9)
    assert found["x woe"] == [0, lacking, lacking, lacking]


def test_woe_refuses_a_label_that_is_not_binary_and_rows_without_one(spark: SparkSession) -> None:
    piece = feature(kind="woe", columns=["x"])
    with pytest.raises(ConfigError, match="two classes; found the label or class number 2"):
        fit([piece], frame(spark, f"x double, {LABEL} double", [(1.0, 0.0), (2.0, 2.0)]))
    with pytest.raises(ConfigError, match="these rows have none"):
        fit([piece], frame(spark, "x double", [(1.0,)]))


def test_quantile_and_width_bins_agree_with_scikit_learn(spark: SparkSession) -> None:
    x = np.random.default_rng(2).lognormal(0, 1, 101)
    train = frame(spark, "a double, b double", [(float(each), float(each)) for each in x])
    features = [
        feature(kind="bin", columns=["a"], method="quantile", bins=7),
        feature(kind="bin", columns=["b"], method="width", bins=7),
    ]
    plan, model = fit(features, train)
    found = slot_values(plan, model, train)
    quantile = KBinsDiscretizer(7, encode="ordinal", strategy="quantile", quantile_method="linear")
    width = KBinsDiscretizer(7, encode="ordinal", strategy="uniform")
    assert found["a bin"] == quantile.fit_transform(x[:, None])[:, 0].tolist()
    assert found["b bin"] == width.fit_transform(x[:, None])[:, 0].tolist()
