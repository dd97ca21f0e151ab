from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from tests.builders import count_jobs, frame

from lakesmith.errors import TrainingError
from lakesmith.evaluation_table import evaluation_table_of
from lakesmith.tasks import Target
from lakesmith.tasks.multiclass import Multiclass

TARGET = Target(sort="multiclass", label="y", rows=6, classes=("a", "b", "c"), counts=(1, 3, 2))


def test_classes_are_sorted_as_values_and_not_as_text(spark: SparkSession) -> None:
    found = Multiclass(label="y").target(frame(spark, "y int", [(10,), (2,), (2,), (None,)]))
    assert (found.classes, found.counts, found.unlabelled) == (("2", "10"), (2, 1), 1)


def test_more_than_a_hundred_classes_are_refused(spark: SparkSession) -> None:
    with pytest.raises(TrainingError, match="more than 100 classes") as raised:
        Multiclass(label="y").target(spark.range(101).select(F.col("id").alias("y")))
    assert "regression" in raised.value.fix
    assert len(Multiclass(label="y").target(spark.range(100).select(F.col("id").alias("y"))).classes) == 100


def test_target_takes_one_action_whatever_the_columns(spark: SparkSession) -> None:
    narrow = spark.range(10).selectExpr("id % 3 as y")
    wide = narrow.select("y", *[F.lit(number).alias(f"c{number}") for number in range(50)])
    counts = []
    for train in (narrow, wide):
        with count_jobs(spark) as jobs:
            Multiclass(label="y").target(train)
        counts.append(jobs.count)
    assert counts[0] == counts[1] <= 2  # one action; its exchange is a job of its own under adaptive execution


def test_baseline_predicts_the_largest_class_with_the_shares() -> None:
    baseline = Multiclass(label="y").baseline(TARGET)
    assert (baseline.prediction, baseline.probability) == (1.0, (1 / 6, 1 / 2, 1 / 3))


def test_predictions_carry_the_class_its_probability_and_all_probabilities(spark: SparkSession) -> None:
    scored = frame(spark, "p array<double>, i double", [([0.1, 0.2, 0.7], 2.0)])
    columns = Multiclass(label="y").decoded(TARGET, F.col("i"), F.col("p"), None)
    found = scored.select(*[column.alias(name) for name, column in columns.items()]).first()
    assert found is not None
    assert tuple(found) == ("c", 0.7, {"a": 0.1, "b": 0.2, "c": 0.7})
    assert set(columns) == set(Multiclass.prediction_columns)


def test_curves_hold_the_confusion_matrix_and_each_class() -> None:
    label, predicted = np.array([0.0, 1, 1]), np.array([0.0, 1, 0])
    table = evaluation_table_of(
        Multiclass(label="y"), label, {"m": predicted}, {"m": np.full((3, 3), 1 / 3)}, target=TARGET
    )
    panels = Multiclass(label="y").curves(table, "m")
    assert panels["confusion"] == {"classes": ["a", "b", "c"], "weights": [[1, 0, 0], [1, 1, 0], [0, 0, 0]]}
    assert panels["per_class"][1] == {"class": "b", "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "rows": 2.0}
