"""Whole pipelines: every family on every task it does, the model as it is logged, slots and importances."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from examples.families import EXAMPLES
from families.test_families import family
from features.vectors import feature, plan_of
from lakesmith.errors import ConfigError
from lakesmith.families import FAMILIES, Family, Fit, TaskSort
from lakesmith.features import Feature
from lakesmith.pipelines import (
    ARTIFACT_STAGES,
    FEATURES,
    LABEL,
    WEIGHT,
    FeaturePlan,
    assembled,
    importances,
    importances_by_column,
    label_column,
    learned,
    notes,
    slot_names,
    slot_of_each,
    slots,
)

CLASSES: dict[TaskSort, tuple[str, ...]] = {"regression": (), "binary": ("no", "yes"), "multiclass": ("a", "b", "c")}
# A cnn looks at images, which these rows have none of: tests/deep.
PAIRS = [(kind, sort) for kind in sorted(EXAMPLES) if kind != "cnn" for sort in FAMILIES.kinds[kind].sorts]
FEATURE_PIECES: list[Feature] = [
    feature(kind="keep", columns=["x", "noise"]),
    feature(kind="one_hot", columns=["carrier"]),
    feature(kind="date_parts", columns=["at"], parts=["hour"]),
]


@pytest.fixture(scope="module")
def spark(spark: SparkSession) -> SparkSession:
    """A session of its own: where rows were counted with `observe`, stock models with a summary fail (Spark 4.1)."""
    return spark.newSession()


def flights(spark: SparkSession, rows: int = 120) -> DataFrame:
    """The label depends on x alone; x is missing in every tenth row."""
    numbered = spark.range(rows).select(F.col("id").cast("int").alias("id"))
    return numbered.select(
        "id",
        F.when(F.col("id") % 10 != 0, F.col("id") % 3 + 0.0).alias("x"),
        ((F.col("id") * 7919) % 13).cast("double").alias("noise"),
        F.element_at(F.array(F.lit("UA"), F.lit("AA"), F.lit(None)), F.col("id") % 3 + 1).alias("carrier"),
        F.timestamp_seconds(F.col("id") * 3600).alias("at"),
        F.lit("foreign").alias("a `b`.c"),
        (F.col("id") % 3).alias("label"),
    )


def trained(
    kind: str, sort: TaskSort, df: DataFrame, pieces: list[Feature] | None = None, weight: bool = False
) -> tuple[Family, FeaturePlan, PipelineModel, PipelineModel, DataFrame]:
    piece = family(**EXAMPLES[kind])
    plan = plan_of(pieces or FEATURE_PIECES, df, piece.accepts_missing)
    feature_model = plan.pipeline().fit(df)
    index = F.col("label") if sort != "binary" else (F.col("label") == 2).cast("int")
    columns = [FEATURES, label_column(index, CLASSES[sort]), F.lit(2.0).alias(WEIGHT)]
    vectors = feature_model.transform(df).select(*columns).cache()
    fit = Fit(
        vectors, sort, len(CLASSES[sort]), weight, 1, 7, lambda: slot_of_each(plan.slots, feature_model),
        Path(tempfile.mkdtemp(prefix="lakesmith-fit-")),
    )  # fmt: skip
    fitted = learned(piece, fit).model
    return piece, plan, feature_model, fitted, vectors


@pytest.mark.parametrize(("kind", "sort"), PAIRS)
def test_a_family_does_its_task_with_missing_values_around(kind: str, sort: TaskSort, spark: SparkSession) -> None:
    df = flights(spark)
    piece, plan, feature_model, fitted, vectors = trained(kind, sort, df, weight=True)
    model = assembled(feature_model, fitted, sort, CLASSES[sort])
    scored = model.transform(df.drop("label"))
    more = [] if sort == "regression" else ["probability", "predicted_label"]
    assert sorted(scored.columns) == sorted([*df.drop("label").columns, "prediction", *more])
    labelled = scored.join(df.select("id", "label"), "id").collect()
    if sort != "regression":
        assert {len(row["probability"]) for row in labelled} == {len(CLASSES[sort])}
        assert {row["predicted_label"] for row in labelled} <= set(CLASSES[sort])
        assert all(row["predicted_label"] == CLASSES[sort][int(row["prediction"])] for row in labelled)
    known = [row for row in labelled if row["x"] is not None]
    wanted = {"binary": lambda y: float(y == 2)}.get(sort, float)
    error = sum(abs(row["prediction"] - wanted(row["label"])) for row in known) / len(known)
    assert error < 0.35

    named = slots(plan, feature_model)
    found = importances(piece, fitted, named, vectors)
    assert sum(share for _, share in found) == pytest.approx(1.0)
    assert {name for name, _ in found} == set(slot_names(plan, feature_model))
    totals = dict(importances_by_column(named, found))
    assert set(totals) == {"x", "noise", "carrier", "at.hour"}
    assert totals["noise"] < 0.3
    vectors.unpersist()


@pytest.mark.parametrize("kind", ["xgboost", "linear", "random_forest", "decision_tree"])
def test_rows_that_lack_a_class_still_give_a_probability_for_it(kind: str, spark: SparkSession) -> None:
    df = flights(spark).where("label < 2")
    *_, fitted, vectors = trained(kind, "multiclass", df)
    assert {len(row[0]) for row in fitted.transform(vectors).select("probability").collect()} == {3}
    vectors.unpersist()


LOAD = """
import json, sys
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
import xgboost.spark
sys.modules["lakesmith"] = None  # importing it fails, wherever it is installed
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
model = PipelineModel.load(sys.argv[1])
rows = model.transform(spark.read.parquet(sys.argv[2])).orderBy("id").collect()
stages = [f"{type(stage).__module__}.{type(stage).__qualname__}" for stage in model.stages]
predictions = [row["prediction"] for row in rows]
print(json.dumps({"stages": stages, "predictions": predictions, "labels": [row["predicted_label"] for row in rows]}))
"""


def test_the_model_opens_and_scores_where_lakesmith_is_not_installed(spark: SparkSession, tmp_path: Path) -> None:
    df = flights(spark)
    pieces = [
        feature(kind="impute", columns=["x"], flag=True),
        feature(kind="standardize", columns=["x"]),
        feature(kind="bin", columns=["noise"], bins=3, one_hot=True),
        feature(kind="one_hot", columns=["carrier"]),
        feature(kind="frequency", columns=["carrier"]),
        feature(kind="flag", columns={"is_early": "noise < 3"}),
        feature(kind="pca", columns=["x", "noise"], share=0.9),
        feature(kind="interaction", columns=[["noise", "carrier"]]),
        feature(kind="tf_idf", columns=["carrier"], slots=4, stop_words=["nothing"]),
        feature(kind="word2vec", columns=["carrier"], size=2),
        feature(kind="select_variance"),
    ]
    _, plan, feature_model, fitted, vectors = trained("xgboost", "binary", df, pieces)
    model = assembled(feature_model, fitted, "binary", CLASSES["binary"])
    model.write().overwrite().save(str(tmp_path / "model"))
    df.write.parquet(str(tmp_path / "rows"))
    script = tmp_path / "load.py"
    script.write_text(LOAD)
    arguments = [sys.executable, "-I", str(script), str(tmp_path / "model"), str(tmp_path / "rows")]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    here = model.transform(df).orderBy("id").collect()
    assert told["predictions"] == [row["prediction"] for row in here]
    assert told["labels"] == [row["predicted_label"] for row in here]
    assert set(told["stages"]) <= set(ARTIFACT_STAGES)
    again = PipelineModel.load(str(tmp_path / "model"))
    assert slot_names(plan, again) == slot_names(plan, feature_model)
    assert "noise*carrier=UA" in slot_names(plan, again)
    vectors.unpersist()


def test_a_stage_that_is_not_stock_may_not_be_part_of_a_model(spark: SparkSession) -> None:
    from pyspark.ml.feature import Tokenizer

    plan = plan_of([feature(kind="keep", columns=["x"])], flights(spark))
    feature_model = plan.pipeline().fit(flights(spark))
    with pytest.raises(TypeError, match="Tokenizer may not be part of a model"):
        assembled(feature_model, Tokenizer(), "regression")


def test_the_label_tells_its_classes_so_that_no_job_looks_for_them(spark: SparkSession) -> None:
    df = flights(spark)
    labelled = df.select(label_column(F.col("label"), CLASSES["multiclass"]))
    assert labelled.schema[LABEL].metadata["ml_attr"]["vals"] == ["a", "b", "c"]
    assert labelled.schema[LABEL].dataType.simpleString() == "double"


def test_notes_tell_what_was_filled_capped_and_empty(spark: SparkSession) -> None:
    rows = [(i, None, float(i), f"t{i}", f"c{i % 3}") for i in range(120)]
    df = frame(spark, "id int, nothing double, x double, tail string, carrier string", rows)
    pieces = [
        feature(kind="keep", columns=["nothing", "x"]),
        feature(kind="one_hot", columns=["tail", "carrier"], max_categories=2),
    ]
    told = notes(plan_of(pieces, df, accepts_missing=False).pipeline().fit(df))
    assert [each.split(":")[0] for each in told] == [
        "tail",
        "tail",
        "carrier",
        "missing values become the training median, as the family cannot take them",
        "no value in the training rows, so every missing one becomes 0",
    ]
    assert "the 2 most frequent of 120 values are kept (1.7% of the rows" in told[0]
    assert "looks like an identifier" in told[1]


def test_a_plan_runs_no_job_and_reads_only_the_columns_it_names(spark: SparkSession) -> None:
    df = flights(spark)
    with count_jobs(spark) as jobs:
        plan = plan_of([*FEATURE_PIECES, feature(kind="expression", columns={"twice": "x * 2"})], df)
    assert jobs.count == 0
    assert plan.inputs == ("x", "noise", "carrier", "at")


def test_an_expression_of_a_wrong_type_is_refused_where_it_stands(spark: SparkSession) -> None:
    for sql, kind in (("concat(carrier, 'x')", "expression"), ("x + 1", "flag")):
        with pytest.raises(ConfigError) as raised:
            plan_of([feature(kind=kind, columns={"wrong": sql})], flights(spark))
        assert raised.value.key == "features[0].columns.wrong"


def test_an_expression_may_not_read_the_label(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="is the label"):
        plan_of([feature(kind="expression", columns={"cheat": "label * 2"})], flights(spark))


def test_no_feature_is_refused(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="no feature is declared"):
        plan_of([], flights(spark))


def test_a_column_named_like_an_output_is_refused(spark: SparkSession) -> None:
    df = frame(spark, "id int, prediction double", [])
    with pytest.raises(ConfigError, match="a model's output"):
        plan_of([feature(kind="keep", columns=["prediction"])], df)


def test_hours_do_not_follow_the_zone_of_the_session(spark: SparkSession) -> None:
    df = spark.range(1).select("id", F.timestamp_seconds(F.lit(1357389000)).alias("at"))  # 2013-01-05 12:30 UTC
    piece = feature(kind="date_parts", columns=["at"], parts=["hour"], time_zone="America/New_York")
    model = plan_of([piece], df).pipeline().fit(df)
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        assert model.transform(df).first()[FEATURES].toArray().tolist() == [7.0]
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
