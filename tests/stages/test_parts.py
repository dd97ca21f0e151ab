from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakesmith.stages.parts import PartCounts, watched
from tests.builders import count_jobs, frame
from tests.stages.recordings import project

GOLD = "flight_key string, hour int, is_late boolean, at timestamp_ntz, _lakesmith_split string"
ROWS = [
    ("a", 1, True, "2013-01-01 05:15:30", "train"),
    ("b", None, False, "2013-02-01 23:59:59", "train"),
    ("c", None, False, "2013-03-01 00:00:00", "train"),
    ("d", 4, True, "2013-10-01 05:00:00", "test"),
    ("e", 5, None, "2013-01-01 00:00:00", "unlabelled"),
]


def counted(spark: SparkSession, schema: str, rows: list[tuple[Any, ...]], **changes: object) -> PartCounts:
    text = schema.replace("timestamp_ntz", "string")
    gold = frame(spark, text, rows).selectExpr(*[_typed(each) for each in schema.split(", ")])
    found = watched(gold, project(**changes))
    found.frame.write.format("noop").mode("overwrite").save()
    return found.counts()


def _typed(column: str) -> str:
    name, type_ = column.split()
    return f"cast({name} as timestamp) as {name}" if type_ == "timestamp_ntz" else name


def test_parts_are_told_with_rows_labels_and_times(spark: SparkSession) -> None:
    found = counted(spark, GOLD, ROWS, time="at")
    assert found.rows == {"train": 3, "validation": 0, "test": 1, "unlabelled": 1}
    assert found.labels == {"train": pytest.approx(1 / 3), "test": 1.0}
    assert found.times == {
        "train": ("2013-01-01 05:15 UTC", "2013-03-01 00:00 UTC"),
        "test": ("2013-10-01 05:00 UTC", "2013-10-01 05:00 UTC"),
        "unlabelled": ("2013-01-01 00:00 UTC", "2013-01-01 00:00 UTC"),
    }
    assert found.null_shares == {"flight_key": 0.0, "hour": 0.4, "is_late": 0.2, "at": 0.0}


def test_a_number_is_told_by_its_mean_and_classes_by_none(spark: SparkSession) -> None:
    schema = "flight_key string, hour int, rentals double, cultivar string, _lakesmith_split string"
    rows = [("a", 1, 4.0, "x", "train"), ("b", 1, 7.0, "y", "train"), ("c", 1, None, None, "unlabelled")]
    assert counted(spark, schema, rows, sort="regression").labels == {"train": 5.5}
    assert counted(spark, schema, rows, sort="multiclass").labels == {}


@pytest.mark.parametrize(
    ("kind", "values", "positive", "share"),
    [
        ("string", ["late", "on time", None], "late", 0.5),
        ("int", [1, 0, None], True, 0.5),
        ("double", [2.0, 5.0, None], 5, 0.5),
        ("date", [None, None, None], "2013-01-01", None),
        ("string", ["1", "0", None], True, None),
    ],
)
def test_the_positive_value_is_found_as_training_finds_it(
    spark: SparkSession, kind: str, values: list[object], positive: object, share: float | None
) -> None:
    schema = f"flight_key string, hour int, is_late {kind}, _lakesmith_split string"
    rows = [(str(number), 1, value, "train") for number, value in enumerate(values)]
    task = {"kind": "binary", "label": "is_late", "positive": positive}
    assert counted(spark, schema, rows, task=task).labels.get("train") == share


def test_counting_adds_no_job_and_very_wide_tables_are_spared(spark: SparkSession) -> None:
    names = [f"c{number}" for number in range(401)]
    wide = spark.range(3).selectExpr("'a' as flight_key", "true as is_late", "'train' as _lakesmith_split",
                                     *[f"id as {name}" for name in names])  # fmt: skip
    found = watched(wide, project())
    with count_jobs(spark) as jobs:
        found.frame.write.format("noop").mode("overwrite").save()
    with count_jobs(spark) as later:
        assert found.counts().rows["train"] == 3
    assert (jobs.count, later.count) == (1, 0)
    assert found.counts().null_shares == {}
