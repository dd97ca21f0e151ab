"""Missing values from groups, regressions and clusters."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 (IterativeImputer asks for it)
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LinearRegression

from builders import frame
from features.vectors import feature, fit, plan_of, slot_values
from lakesmith.errors import ConfigError
from lakesmith.features.learning import group_fills
from lakesmith.features.learning.clusters import kmeans

COLUMNS = "abcd"


def holes(rows: int, seed: int) -> pd.DataFrame:
    """Columns that tell of one another, a fifth of them missing."""
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(rows, 4)) @ draws.normal(size=(4, 4)) * [1, 10, 1000, 0.1] + [0, 5, -300, 7]
    x[draws.random((rows, 4)) < 0.2] = np.nan
    return pd.DataFrame(x, columns=list(COLUMNS))


def table(spark: SparkSession, rows: pd.DataFrame):
    values = [tuple(None if each != each else float(each) for each in row) for row in rows.to_numpy()]
    return frame(spark, ", ".join(f"{name} double" for name in rows), values)


def test_iterative_imputation_agrees_with_scikit_learn_on_rows_seen_and_unseen(spark: SparkSession) -> None:
    train, later = holes(150, 1), holes(20, 2)
    plan, model = fit([feature(kind="impute_iterative", columns=list(COLUMNS), rounds=4)], table(spark, train))
    other = IterativeImputer(LinearRegression(), max_iter=4, tol=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge
        other.fit(train)
    for rows in (train, later):
        found = pd.DataFrame(slot_values(plan, model, table(spark, rows)))
        expected = other.transform(rows)
        np.testing.assert_allclose(found / train.std(), expected / train.std().to_numpy(), atol=1e-6, rtol=0)


def test_groups_have_values_of_their_own_and_fall_back_to_those_of_all_rows(spark: SparkSession) -> None:
    train = [
        ("a", 1, 1.0, "u"), ("a", 1, 1.0, "v"), ("a", 1, 7.0, "v"), ("a", 2, 90.0, "v"), ("b", 1, None, "w"),
        (None, None, 50.0, "z"), ("b", 1, None, "w"),
    ]  # fmt: skip
    later = [("a", 1, None, None), ("a", 2, None, None), ("b", 1, None, None), (None,) * 4, ("new", 1, 2.0, None)]
    expected = {"mean": [3, 90, 29.8, 50, 2], "median": [1, 90, 7, 50, 2], "mode": [1, 90, 1, 50, 2]}
    schema = "g string, h int, x double, t string"
    tables = [
        frame(spark, schema, rows).withColumns({name: F.col("x") for name in expected}) for rows in (train, later)
    ]
    features = [
        *[feature(kind="impute", columns=[each], strategy=each, by=["g", "h"], flag=True) for each in expected],
        feature(kind="impute", columns=["t"], strategy="mode", by=["g"]),
        feature(kind="one_hot", columns=["t"]),
    ]
    plan, model = fit(features, tables[0])
    found = slot_values(plan, model, tables[1])
    for strategy, values in expected.items():
        assert found[strategy] == values
        assert found[f"{strategy} missing"] == [1, 1, 1, 1, 0]
    assert [found[f"t={each}"] for each in "vwz"] == [[1, 1, 0, 0, 1], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0]]


def test_only_the_largest_groups_are_kept(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_fills, "LARGEST_MAP", 1)
    train = frame(spark, "g string, x double", [("a", 1.0), ("b", 2.0), ("b", 3.0)])
    plan, model = fit([feature(kind="impute", columns=["x"], strategy="mean", by=["g"])], train)
    found = slot_values(plan, model, frame(spark, "g string, x double", [("b", None), ("a", None)]))
    assert found["x"] == [2.5, 2]


def test_by_is_checked_by_name(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="'h' is not a column") as raised:
        plan_of([feature(kind="impute", columns=["x"], by=["h"])], frame(spark, "g string, x double", []))
    assert raised.value.key == "features[0].by[0]"


def test_kmeans_finds_clusters_that_lie_apart() -> None:
    draws = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10]])
    rows = centres[draws.integers(0, 3, 300)] + draws.normal(size=(300, 2)) * 0.1
    found = kmeans(rows, 3, seed=1)
    assert sorted(map(tuple, found.round().astype(int))) == [(0, 0), (0, 10), (10, 0)]
    assert len(kmeans(np.zeros((5, 2)), 3, seed=1)) == 1
