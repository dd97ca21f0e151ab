"""target_encode: against scikit-learn, and that no training row is told its own label."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.features.target_encode import TargetEncode
from lakesmith.folds import FittedFeatures, fitted_features
from lakesmith.pipelines import FEATURES, feature_plan, label_column
from lakesmith.splits import RowFacts

FACTS = RowFacts(key=("id",), label="y")
DRAW = np.random.default_rng(4)
ROWS = [(i, f"t{DRAW.integers(0, 40)}", str(DRAW.choice(list("abc"))), float(DRAW.random() < 0.4)) for i in range(300)]


def encoded(spark: SparkSession, rows: list[tuple[int, str, str, float]]) -> tuple[FittedFeatures, object]:
    table = frame(spark, "id int, town string, letter string, y double", rows, partitions=3)
    table = table.select("*", label_column(F.col("y"), ["no", "yes"]))
    plan = feature_plan([TargetEncode(columns=("town", "letter"), folds=3)], table.schema, FACTS, True)
    return fitted_features(plan.stages, table), table


def values(rows: object) -> dict[int, list[float]]:
    shown = rows.select("id", vector_to_array(F.col(FEATURES)).alias("v")).collect()  # type: ignore[attr-defined]
    return {row["id"]: row["v"] for row in shown}


def test_scored_rows_get_what_scikit_learn_gives_them(spark: SparkSession) -> None:
    from sklearn.preprocessing import TargetEncoder

    with count_jobs(spark) as jobs:
        features, table = encoded(spark, ROWS)
    assert jobs.count <= 5
    x, y = np.array([row[1:3] for row in ROWS]), np.array([row[3] for row in ROWS])
    wanted = TargetEncoder(smooth=10.0, target_type="binary").fit(x, y).transform(x)
    found = values(features.model.transform(table))  # type: ignore[arg-type]
    assert np.array([found[i] for i in range(300)]) == pytest.approx(wanted, rel=1e-9)


def test_a_training_row_is_told_by_the_other_folds_alone(spark: SparkSession) -> None:
    features, table = encoded(spark, ROWS)
    changed = [(*row[:3], 1 - row[3]) if row[0] == 17 else row for row in ROWS]
    other, _ = encoded(spark, changed)
    one, two = (values(each.on_training(table)) for each in (features, other))  # type: ignore[arg-type]
    assert one[17] == two[17]
    assert sum(one[i] != two[i] for i in one) > 50
    assert values(features.model.transform(table))[17] != one[17]  # type: ignore[arg-type]
    assert values(features.on_training(table.repartition(7))) == one  # type: ignore[attr-defined]


def test_three_classes_are_refused(spark: SparkSession) -> None:
    table = frame(spark, "id int, town string, y double", [(1, "a", 0.0)])
    table = table.select("*", label_column(F.col("y"), ["l", "m", "h"]))
    plan = feature_plan([TargetEncode(columns=("town",))], table.schema, FACTS, True)
    with pytest.raises(ConfigError, match="this one has 3"):
        fitted_features(plan.stages, table)
    assert LABEL in table.columns
