from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from tests.builders import frame

from lakesmith.errors import DataError, TrainingError
from lakesmith.evaluation_table import evaluation_table_of
from lakesmith.tasks import Target
from lakesmith.tasks.regression import Regression


def _target(spark: SparkSession, kind: str, values: list[object]) -> Target:
    return Regression(label="rent paid").target(frame(spark, f"`rent paid` {kind}", [(value,) for value in values]))


def test_target_holds_mean_deviation_and_quantiles(spark: SparkSession) -> None:
    found = _target(spark, "double", [1.0, 2.0, 3.0, None])
    assert (found.rows, found.unlabelled, found.mean, found.stddev) == (3, 1, 2.0, 1.0)
    assert dict(found.quantiles)[0.5] == 2.0
    assert Target.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([1.0, float("nan"), float("inf")], DataError, "NaN or infinite in 2 of 3 training rows"),
        ([None, None], TrainingError, "null in all 2 training rows"),
        ([], TrainingError, "without a training row"),
        ([5.0, 5.0], TrainingError, r"one value only \(5\) in 2 training rows"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(
    spark: SparkSession, values: list[object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _target(spark, "double", values)


def test_a_text_label_is_refused_with_its_type(spark: SparkSession) -> None:
    with pytest.raises(DataError, match="of type string; a regression needs a number"):
        _target(spark, "string", ["1"])


def test_curves_hold_residuals_and_predicted_against_actual() -> None:
    label = np.arange(1_000.0)
    table = evaluation_table_of(Regression(label="y"), label, {"m": label + np.tile([-1.0, 1.0], 500)})
    panels = Regression(label="y").curves(table, "m")
    assert panels["residual_quantiles"]["0.05"] == -1
    assert panels["residual_quantiles"]["0.95"] == 1
    assert sum(panels["residuals"]["weights"]) == 1_000
    assert len(panels["predicted_vs_actual"]) == 20
    assert panels["predicted_vs_actual"][0]["actual"] == pytest.approx(24.5, abs=0.6)
