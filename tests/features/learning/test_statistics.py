"""What is learned of many columns at once, on tables small enough to reckon by hand."""

from __future__ import annotations

import math

import pytest
from pyspark.sql import SparkSession

from builders import frame
from lakesmith.features.learning import statistics
from lakesmith.features.learning.statistics import Categories, categories, extremes, moments, quantiles

NUMBERS = [(1, 1.0, None), (2, 2.0, None), (3, None, None), (4, 6.0, None)]


@pytest.mark.parametrize("widest", [0, 500])
def test_the_long_form_learns_what_the_wide_form_learns(
    widest: int, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "WIDEST", widest)
    df = frame(spark, "id int, a double, nothing double", NUMBERS, partitions=2)
    found, empty = moments(df, ["a", "nothing"])
    assert (found.count, found.mean, found.stddev) == (3, 3.0, 2.645751311)
    assert empty.count == 0
    assert math.isnan(empty.mean)
    assert quantiles(df, ["a", "nothing"], [0.0, 0.5, 0.75]) == [[1.0, 2.0, 4.0], []]
    assert extremes(df, ["a", "nothing"]) == [(1.0, 6.0), None]


def test_quantiles_of_a_sample_do_not_depend_on_the_partitions(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "EXACT_ROWS", 1_000)
    df = spark.range(4_000).selectExpr("id", "CAST(id AS DOUBLE) AS a")
    found = [quantiles(df.repartition(count), ["a"], [0.5]) for count in (1, 3)]
    assert found[0] == found[1]
    assert 1_700 < found[0][0][0] < 2_300
    assert found[0] != [[1999.5]]


def test_the_most_frequent_values_come_first_and_ties_go_to_the_lesser(spark: SparkSession) -> None:
    values = ["10", "9", "b", "a", "a", None, "10", "9"]
    df = frame(spark, "c string, nothing string", [(value, None) for value in values], partitions=2)
    found, empty = categories(df, ["c", "nothing"], 3)
    assert found == Categories((("a", 2), ("9", 2), ("10", 2)), distinct=4, rows=8, nulls=1)
    assert found.kept_rows == 6
    assert empty == Categories((), distinct=0, rows=8, nulls=8)
