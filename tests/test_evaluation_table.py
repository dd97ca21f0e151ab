"""The table made by Spark holds what the one made from arrays holds, from one action with one exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakesmith.errors import ConfigError, DataError
from lakesmith.evaluation_table import BASELINE, _answers, _cells, evaluation_table, evaluation_table_of
from lakesmith.metrics import metrics_for
from lakesmith.metrics.cells import EvaluationTable
from lakesmith.tasks import LABEL, Answers, Target, Task
from lakesmith.tasks.binary import Binary
from lakesmith.tasks.multiclass import Multiclass
from lakesmith.tasks.regression import Regression
from tests.builders import count_jobs, frame

SIZE = 300
BINARY, MULTICLASS, REGRESSION = Binary(label="y"), Multiclass(label="y"), Regression(label="y")
TARGETS: dict[str, Target] = {
    "binary": Target(sort="binary", label="y", rows=10, classes=("no", "yes"), counts=(7, 3)),
    "multiclass": Target(sort="multiclass", label="y", rows=10, classes=("a", "b", "c"), counts=(5, 3, 2)),
    "regression": Target(sort="regression", label="y", rows=10, mean=3.0, stddev=1.0),
}


def _arrays(task: Task) -> dict[str, Any]:
    """Labels, predictions and probabilities of models a and b for SIZE rows."""
    generator = np.random.default_rng(5)
    if task.sort == "regression":
        label = generator.normal(3, 1, SIZE)
        answers = {model: label + generator.normal(0, scale, SIZE) for model, scale in (("a", 0.5), ("b", 2.0))}
        return {"label": label, "predictions": answers, "probabilities": {}}
    classes = len(TARGETS[task.sort].classes)
    label = generator.integers(0, classes, SIZE)
    shares = {model: generator.dirichlet(np.ones(classes), SIZE) + 0.3 * np.eye(classes)[label] for model in ("a", "b")}
    shares = {model: each / each.sum(axis=1, keepdims=True) for model, each in shares.items()}
    predictions = {model: each.argmax(axis=1).astype(float) for model, each in shares.items()}
    return {"label": label.astype(float), "predictions": predictions, "probabilities": shares}


def _scored(spark: SparkSession, arrays: dict[str, Any]) -> DataFrame:
    """The same as a frame, with an `id`, a `plane` (ten rows each) and `a` as ML vectors, `b` as arrays."""
    rows = [
        (
            number,
            float(arrays["label"][number]),
            *(float(arrays["predictions"][model][number]) for model in "ab"),
            *(arrays["probabilities"][model][number].tolist() for model in "ab" if arrays["probabilities"]),
        )
        for number in range(SIZE)
    ]
    shares = ", a_probability array<double>, b_probability array<double>" if arrays["probabilities"] else ""
    scored = frame(spark, f"id long, {LABEL} double, a_prediction double, b_prediction double{shares}", rows, 2)
    if shares:
        scored = scored.withColumn("a_probability", array_to_vector("a_probability"))
    return scored.withColumns(
        {"plane": F.floor(F.col("id") / 10), "a_is_test": F.lit(True), "b_is_test": F.col("id") < 200}
    )


def _measured(table: EvaluationTable, models: Sequence[str] = ("a", "b", BASELINE)) -> dict[str, float]:
    return {
        f"{model} {name} {shared}": metric.value(table, model, shared=shared)
        for model in models
        for shared in (False, True)
        for name, metric in metrics_for(table.sort).items()
    }


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.sort)
def test_spark_and_arrays_measure_alike(spark: SparkSession, task: Task) -> None:
    arrays, target = _arrays(task), TARGETS[task.sort]
    by_spark = evaluation_table(task, _scored(spark, arrays), ["a", "b"], target=target, cluster="plane", bins=10**8)
    is_test = {"a": np.ones(SIZE, dtype=bool), "b": np.arange(SIZE) < 200}
    by_arrays = evaluation_table_of(task, **arrays, target=target, is_test=is_test)
    assert (by_spark.rows("a"), by_spark.rows("b"), by_spark.rows("a", shared=True)) == (SIZE, 200, 200)
    # 300 scores in so many bins: no two share one. The median error alone is interpolated between bins.
    expected = _measured(by_arrays)
    loose = {name: value for name, value in expected.items() if "median" in name}
    found = _measured(by_spark)
    assert {name: found[name] for name in loose} == pytest.approx(loose, rel=0.02)
    exact = {name: value for name, value in expected.items() if name not in loose}
    assert {name: found[name] for name in exact} == pytest.approx(exact, abs=1e-9, nan_ok=True)


def test_table_comes_from_one_action_with_one_exchange(spark: SparkSession) -> None:
    scored = _scored(spark, _arrays(BINARY))
    with count_jobs(spark) as jobs:
        evaluation_table(BINARY, scored, ["a", "b"], target=TARGETS["binary"], cluster="plane")
    assert jobs.count <= 3  # the frame's own repartition, the one exchange, the collect


def test_cells_are_grouped_in_one_exchange(spark: SparkSession) -> None:
    scored = spark.range(10).select(
        F.lit(1.0).alias(LABEL),
        F.lit(1.0).alias("a_prediction"),
        F.array(F.lit(0.2), F.lit(0.8)).alias("a_probability"),
    )
    answers = Answers(F.col(LABEL), *_answers(scored, "a"))
    cells = _cells(scored, {"a": BINARY.outcome(answers, {"fine": 9})}, ["a"], [], None, BINARY.measures)
    plan = cells._jdf.queryExecution().executedPlan().toString()
    assert plan.count("Exchange ") == 1


def test_repartitioning_changes_no_metric(spark: SparkSession) -> None:
    scored = _scored(spark, _arrays(BINARY))
    one, seven = (
        evaluation_table(BINARY, scored.repartition(parts), ["a", "b"], target=TARGETS["binary"], cluster="plane")
        for parts in (1, 7)
    )
    assert _measured(one) == pytest.approx(_measured(seven), abs=1e-13, nan_ok=True)
    assert one.buckets("a").tolist() == seven.buckets("a").tolist()


def test_bin_error_is_an_upper_bound_of_what_binning_does(spark: SparkSession) -> None:
    arrays = _arrays(BINARY)
    coarse = evaluation_table(BINARY, _scored(spark, arrays), ["a"], bins=20)
    exact = evaluation_table_of(BINARY, **arrays)
    for name in ("roc_auc", "pr_auc", "ks"):
        metric = metrics_for("binary")[name]
        moved = abs(metric.value(coarse, "a") - metric.value(exact, "a"))
        bound = metric.bin_error(coarse.cells("a"))
        assert moved <= bound < 0.2
        assert metric.bin_error(exact.cells("a")) == 0
    assert metrics_for("binary")["roc_auc"].value(coarse, "a") != metrics_for("binary")["roc_auc"].value(exact, "a")


def test_rows_of_one_plane_lie_in_one_bucket(spark: SparkSession) -> None:
    table = evaluation_table(BINARY, _scored(spark, _arrays(BINARY)), ["a"], cluster=["plane"])
    assert 20 <= len(table.buckets("a")) <= 30
    without = evaluation_table(BINARY, _scored(spark, _arrays(BINARY)), ["a"])
    assert len(without.buckets("a")) == 0


@pytest.mark.parametrize("score", [None, float("nan")])
def test_a_row_without_a_score_makes_every_metric_nan(spark: SparkSession, score: float | None) -> None:
    schema = f"{LABEL} double, a_prediction double, a_probability array<double>"
    scored = frame(spark, schema, [(1.0, 1.0, [0.1, 0.9]), (0.0, 0.0, [0.9, 0.1]), (0.0, 0.0, [0.5, score])])
    table = evaluation_table(BINARY, scored, ["a"])
    assert table.invalid("a") == 1
    assert all(np.isnan(value) for value in _measured(table, ["a"]).values())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_an_impossible_prediction_makes_every_metric_nan(spark: SparkSession, value: float | None) -> None:
    scored = frame(spark, f"{LABEL} double, a_prediction double", [(1.0, 1.5), (2.0, value)])
    table = evaluation_table(REGRESSION, scored, ["a"])
    assert table.invalid("a") == 1
    assert all(np.isnan(found) for found in _measured(table, ["a"]).values())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_rows_without_a_label_are_counted_and_left_out(spark: SparkSession, value: float | None) -> None:
    scored = frame(spark, f"{LABEL} double, a_prediction double", [(1.0, 1.5), (value, 2.0)])
    table = evaluation_table(REGRESSION, scored, ["a"])
    assert (table.rows("a"), table.left_out("a")) == (1, 1)
    assert metrics_for("regression")["mae"].value(table, "a") == 0.5


def test_weights_count_as_repeated_rows(spark: SparkSession) -> None:
    schema = f"{LABEL} double, a_prediction double, w double"
    scored = frame(spark, schema, [(0.0, 1.0, 3.0), (0.0, 5.0, 1.0), (0.0, 100.0, None)])
    table = evaluation_table(REGRESSION, scored, ["a"], weight="w")
    assert metrics_for("regression")["mae"].value(table, "a") == 2.0


def test_no_row_at_all_gives_an_empty_table(spark: SparkSession) -> None:
    scored = frame(spark, f"{LABEL} double, a_prediction double", [])
    table = evaluation_table(REGRESSION, scored, ["a"])
    assert table.rows("a") == 0
    assert REGRESSION.curves(table, "a") == {}
    assert np.isnan(metrics_for("regression")["mae"].value(table, "a"))


def test_a_missing_column_is_named(spark: SparkSession) -> None:
    scored = frame(spark, f"{LABEL} double, a_predicton double", [])
    with pytest.raises(ConfigError, match=r"'a_prediction' is not a column of the scored rows.*'a_predicton'"):
        evaluation_table(REGRESSION, scored, ["a"])
    scored = frame(spark, f"{LABEL} double, a_prediction double", [])
    with pytest.raises(DataError, match="no probability column"):
        evaluation_table(BINARY, scored, ["a"])
