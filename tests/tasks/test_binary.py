from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from tests.builders import frame, rows

from lakesmith.columns import Names
from lakesmith.errors import ConfigError, DataError, TrainingError
from lakesmith.evaluation_table import evaluation_table_of
from lakesmith.metrics import metric_named
from lakesmith.metrics.cells import EvaluationTable
from lakesmith.tasks import LABEL, Target
from lakesmith.tasks.binary import Binary

TARGET = Target(sort="binary", label="late", rows=4, classes=("no", "yes"), counts=(3, 1))


def _target(spark: SparkSession, kind: str, values: list[object], **options: object) -> Target:
    task = Binary.model_validate({"label": "late", **options})
    return task.target(frame(spark, f"late {kind}", [(value,) for value in values]))


def test_target_puts_the_negative_class_first_and_counts_null_labels_apart(spark: SparkSession) -> None:
    found = _target(spark, "string", ["no", "yes", "no", None, "no"], positive="yes")
    assert (found.classes, found.counts, found.rows, found.unlabelled) == (("no", "yes"), (3, 1), 4, 1)
    assert found.priors == (0.75, 0.25)


@pytest.mark.parametrize(
    ("kind", "values", "positive", "classes"),
    [
        ("boolean", [True, False], True, ("false", "true")),
        ("int", [0, 1], True, ("0", "1")),  # the default `positive: true` reads 0/1 labels
        ("double", [2.0, 5.0], 2, ("5.0", "2.0")),
        ("decimal(4,1)", [2, 5], 5, ("2.0", "5.0")),
    ],
)
def test_positive_value_is_found_by_number_or_text(
    spark: SparkSession, kind: str, values: list[object], positive: object, classes: tuple[str, ...]
) -> None:
    if kind.startswith("decimal"):
        task, labels = (
            Binary(label="late", positive=5),
            spark.sql("select cast(x as decimal(4,1)) late from values (2), (5) t(x)"),
        )
        assert task.target(labels).classes == classes
    else:
        assert _target(spark, kind, values, positive=positive).classes == classes


@pytest.mark.parametrize(
    ("kind", "values", "options", "message"),
    [
        ("string", ["a", "b", "c", "a"], {"positive": "a"}, "more than two values .*'a' .2 rows., 'b' .1 rows., 'c'"),
        ("string", ["a", "b"], {}, "positive value True does not occur in label 'late'.*`positive: 'b'`"),
        ("boolean", [True, True], {}, "one class only among the training rows: 'true' .2 rows."),
        ("boolean", [None, None], {}, "'late' is null in all 2 training rows"),
        ("boolean", [], {}, "without a training row"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(
    spark: SparkSession, kind: str, values: list[object], options: dict[str, object], message: str
) -> None:
    with pytest.raises(TrainingError, match=message) as raised:
        _target(spark, kind, values, **options)
    assert raised.value.key in {"label", "positive"}
    assert raised.value.fix


def test_a_nan_label_or_one_without_classes_is_a_fault_of_the_data(spark: SparkSession) -> None:
    with pytest.raises(DataError, match="NaN in some training rows"):
        _target(spark, "double", [0.0, 1.0, float("nan")])
    with pytest.raises(DataError, match="array<int>"):
        _target(spark, "array<int>", [[1], [2]])


def test_a_label_that_is_no_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'laet' is not a column of gold.*'late'"):
        Binary(label="laet").columns_needed(Names("gold", ("late", "carrier")))


def test_label_is_encoded_as_class_index_and_an_unknown_class_as_null(spark: SparkSession) -> None:
    labels = frame(spark, "late string", [("no",), ("yes",), ("maybe",), (None,)])
    found = rows(labels.select("late", Binary(label="late").encoded(TARGET).alias(LABEL)))
    assert found == [("maybe", None), ("no", 0.0), ("yes", 1.0), (None, None)]


def test_balance_makes_both_classes_count_alike(spark: SparkSession) -> None:
    labels = frame(spark, "late string", [("no",), ("no",), ("no",), ("yes",)])
    assert Binary(label="late").balance_weight(TARGET) is None
    weight = Binary(label="late", balance=True).balance_weight(TARGET)
    assert weight is not None
    sums = rows(labels.groupBy("late").agg(F.sum(weight)))
    assert sums == [("no", pytest.approx(2.0)), ("yes", pytest.approx(2.0))]


def test_predictions_name_the_class_by_threshold(spark: SparkSession) -> None:
    scored = frame(spark, "p array<double>, i double", [([0.7, 0.3], 0.0)])
    task = Binary(label="late")
    at_half = task.decoded(TARGET, F.col("i"), F.col("p"), None)
    at_threshold = task.decoded(TARGET, F.col("i"), F.col("p"), 0.3)
    assert rows(scored.select(*[column.alias(name) for name, column in at_half.items()])) == [("no", 0.3)]
    assert rows(scored.select(*[column.alias(name) for name, column in at_threshold.items()])) == [("yes", 0.3)]
    assert set(at_half) == set(Binary.prediction_columns)


def test_baseline_says_the_prior_for_every_row() -> None:
    baseline = Binary(label="late").baseline(TARGET)
    assert (baseline.prediction, baseline.probability) == (0.0, (0.75, 0.25))


def _table(label: list[int], score: list[float]) -> EvaluationTable:
    scores = np.array(score)
    shares = {"m": np.column_stack([1 - scores, scores])}
    return evaluation_table_of(Binary(label="y"), np.array(label, dtype=float), {"m": np.zeros(len(label))}, shares)


def test_threshold_is_the_score_with_the_best_f1() -> None:
    # From 0.4 up: TP 3, FP 1, FN 0, F1 6/7; from 0.8 up: TP 2, FN 1, F1 4/5.
    table = _table([1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.5, 0.4, 0.2, 0.1])
    assert Binary(label="y", threshold="f1").chosen_threshold(table, "m") == 0.4
    assert Binary(label="y", threshold=0.3).chosen_threshold(table, "m") == 0.3


def test_threshold_of_youden_weighs_both_classes_alike() -> None:
    table = _table([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1])
    assert Binary(label="y", threshold="youden").chosen_threshold(table, "m") == 0.4


def test_threshold_cannot_be_chosen_from_one_class() -> None:
    with pytest.raises(TrainingError, match="one class only"):
        Binary(label="y").chosen_threshold(_table([1, 1], [0.5, 0.6]), "m")


def test_curves_are_json_able_thin_and_keep_both_ends() -> None:
    generator = np.random.default_rng(1)
    score = generator.random(2_000)
    label = (generator.random(2_000) < score).astype(int)
    panels = Binary(label="y").curves(_table(label.tolist(), score.tolist()), "m")
    assert set(panels) == {"roc", "pr", "ks", "calibration", "scores", "confusion"}
    assert 100 < len(panels["roc"]["x"]) <= 202
    assert (panels["roc"]["x"][0], panels["roc"]["y"][0], panels["roc"]["x"][-1], panels["roc"]["y"][-1]) == (
        0,
        0,
        1,
        1,
    )
    assert max(np.subtract(panels["ks"]["negative"], panels["ks"]["positive"])) == pytest.approx(
        metric_named("ks", "binary").value(_table(label.tolist(), score.tolist()), "m")
    )
    assert len(panels["calibration"]) == 10
    assert all(abs(each["score"] - each["share"]) < 0.1 for each in panels["calibration"])
    assert sum(panels["scores"]["positive"]) == label.sum()
    assert np.sum(panels["confusion"]["weights"]) == 2_000
