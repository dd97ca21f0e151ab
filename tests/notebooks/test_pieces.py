"""Every feature, family and way of resampling as a notebook has it: the same numbers, or refused by its name."""

from __future__ import annotations

import ast
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import frame, rows
from examples.families import EXAMPLES as FAMILY_EXAMPLES
from families.test_families import family
from features.vectors import feature
from lakesmith.errors import ConfigError, DataError
from lakesmith.evaluation import evaluation_table, metrics
from lakesmith.families import FAMILIES
from lakesmith.features import FEATURES as CATALOGUE
from lakesmith.features import Feature
from lakesmith.features.slot_names import flattened
from lakesmith.notebooks.cells import Draft
from lakesmith.notebooks.features import FeatureWriter
from lakesmith.notebooks.names import Naming
from lakesmith.notebooks.plain import drawing, learning
from lakesmith.notebooks.plain import metrics as plain_metrics
from lakesmith.notebooks.rendering import constructor
from lakesmith.pipelines import FEATURES, LABEL, feature_plan, label_column
from lakesmith.resampling import AnyResampling, Drawing
from lakesmith.splits import RowFacts
from lakesmith.tasks import Target
from lakesmith.tasks.binary import Binary
from lakesmith.tasks.regression import Regression
from notebooks.alone import run_cells, without_lakesmith

REFUSED = {"image", "target_encode"}
FACTS = RowFacts(key=("id",), label="late")
ALL: list[dict[str, Any]] = [
    {"kind": "expression", "columns": {"speed": "distance / nullif(hours, 0)", "edge": "distance * 2"}},
    {"kind": "flag", "columns": {"is_far": "distance > 50"}},
    {"kind": "cyclic", "columns": ["at"], "parts": ["hour"]},
    {"kind": "date_parts", "columns": ["at"], "parts": ["weekday"]},
    {"kind": "holidays", "columns": ["day"], "country": "DE", "first_year": 2023, "last_year": 2023},
    {"kind": "time_since", "columns": ["at"], "since": "day"},
    {"kind": "impute", "columns": ["temp"], "flag": True},
    {"kind": "impute", "columns": ["wind"], "strategy": "mean"},
    {"kind": "impute", "columns": ["seats"], "strategy": "mode"},
    {"kind": "impute", "columns": ["hours"], "by": ["carrier"]},
    {"kind": "impute", "columns": ["origin"], "strategy": "mode"},
    {"kind": "impute_iterative", "columns": ["a", "b"], "rounds": 2},
    {"kind": "impute_kmeans", "columns": ["c", "d"], "clusters": 2},
    {"kind": "clip_outliers", "columns": ["temp"], "flag": True},
    {"kind": "log", "columns": ["distance"]},
    {"kind": "power", "columns": ["wind"]},
    {"kind": "rank", "columns": ["seats"], "quantiles": 4},
    {"kind": "max_abs", "columns": ["a"]},
    {"kind": "min_max", "columns": ["b"]},
    {"kind": "robust", "columns": ["c"]},
    {"kind": "normalize", "columns": ["d", "distance"]},
    {"kind": "standardize", "columns": ["temp", "gust speed"]},
    {"kind": "keep", "columns": ["is_new", "hours"]},
    {"kind": "bin", "columns": ["temp"], "bins": 3, "one_hot": True},
    {"kind": "bin", "columns": ["wind"], "method": "tree", "bins": 3},
    {"kind": "woe", "columns": ["carrier", "seats", "edge"], "bins": 2},
    {"kind": "one_hot", "columns": ["carrier", "origin"], "max_categories": 2},
    {"kind": "ordinal", "columns": ["size"], "order": "value"},
    {"kind": "frequency", "columns": ["origin", "carrier"], "max_categories": 1},
    {"kind": "hashing", "columns": ["carrier", "origin"], "slots": 4},
    {"kind": "embed_categories", "columns": ["carrier", "origin"], "size": 2},
    {"kind": "interaction", "columns": [["a", "b"], ["carrier", "a"], ["carrier", "origin"]], "max_categories": 2},
    {"kind": "polynomial", "columns": ["c", "d"]},
    {"kind": "pca", "columns": ["a", "b", "c"], "components": 2},
    {"kind": "tf_idf", "columns": ["title"], "slots": 8, "stop_words": ["the"]},
    {"kind": "count_words", "columns": ["title"], "max_words": 3, "binary": True},
    {"kind": "word2vec", "columns": ["title"], "size": 2, "min_count": 2},
    {"kind": "select_variance", "limit": 1e-6},
    {"kind": "select_univariate", "share": 0.9},
    {"kind": "select_correlation"},
    {"kind": "select_top", "share": 0.9, "num_trees": 2, "max_depth": 2},
]  # fmt: skip


def flights(spark: SparkSession) -> DataFrame:
    draw = np.random.default_rng(3)
    made = []
    for number in range(80):
        values = [None if draw.random() < 0.1 else round(float(draw.normal()) * 10, 3) for _ in range(8)]
        at = datetime(2023, 4, 1) + timedelta(hours=7 * number)
        texts = [draw.choice(["UA", "AA", 'B6 "x"', None]), draw.choice(["JFK", "LGA", "é'\\"])]
        words = " ".join(draw.choice(["the", "late", "plane", "on", "time"], 4))
        made.append((number, *values, int(draw.integers(1, 4)), at, date(2023, 4, 3), *texts, words,
                     bool(number % 3 == 0), float(draw.integers(8, 12)), float(number % 2)))  # fmt: skip
    columns = ", ".join(f"{name} double" for name in ("a", "b", "c", "d", "temp", "wind", "distance", "hours"))
    schema = (
        f"id int, {columns}, seats int, at timestamp_ntz, day date, carrier string, origin string, title string, "
        "is_new boolean, size double, late double"
    )
    made_frame = frame(spark, schema, made, partitions=2)
    plain = made_frame.withColumn("gust speed", F.col("temp") * 2)
    return plain.select("*", label_column(F.col("late"), ("no", "yes")))


def written(pieces: list[Feature], train: DataFrame, accepts_missing: bool = False) -> tuple[str, str, Any]:
    """The code of the features, what their vector is called in it, and the fitted stages of lakesmith's own."""
    plan = feature_plan(pieces, train.schema, FACTS, accepts_missing)
    fitted = plan.pipeline().fit(train)
    naming = Naming(train.columns, plan.slots)
    naming.names = {FEATURES: naming.free("features"), LABEL: LABEL}
    book = Draft()
    writer = FeatureWriter(pieces, plan, naming, book.import_from)
    blocks = writer.blocks(list(flattened(fitted)))
    code = "\n\n".join(each.code for each in blocks)
    book.code(book.plain([learning], code))
    book.code(code)
    book.code(f"stages = [{', '.join(stage for each in blocks for stage in each.stages)}]")
    return book.source(), naming.names[FEATURES], fitted


def test_every_feature_gives_the_same_vectors_or_is_refused(spark: SparkSession) -> None:
    train = flights(spark)
    pieces = [feature(**each) for each in ALL]
    assert {each["kind"] for each in ALL} | REFUSED == set(CATALOGUE.kinds)
    code, output, fitted = written(pieces, train)
    assert "import lakesmith" not in code
    assert "from lakesmith" not in code
    stages = run_cells(code)["stages"]
    with without_lakesmith():
        mine = Pipeline(stages=stages).fit(train).transform(train).select("id", output)
    theirs = fitted.transform(train).select("id", FEATURES)
    for one, other in zip(rows(mine), rows(theirs), strict=True):
        assert one[0] == other[0]
        np.testing.assert_allclose(one[1].toArray(), other[1].toArray(), rtol=0, atol=1e-12)


def test_a_feature_that_differs_on_training_rows_is_refused_by_name(spark: SparkSession) -> None:
    with pytest.raises(
        ConfigError, match=r"features\[1\].kind: 'target_encode' gives training rows other values"
    ) as error:
        written(
            [feature(kind="keep", columns=["a"]), feature(kind="target_encode", columns=["carrier"])], flights(spark)
        )
    assert error.value.exit_code == 2


def test_a_feature_whose_stage_spark_has_not_is_refused_by_name(spark: SparkSession) -> None:
    images = flights(spark).selectExpr("*", "array(a, b) as pixels")
    with pytest.raises(ConfigError, match=r"features\[0\].kind: 'image' is a stage that Spark has not"):
        written([feature(kind="image", column="pixels", height=1, width=2)], images)


def test_stages_of_other_features_are_told(spark: SparkSession) -> None:
    train = flights(spark)
    kept = feature_plan([feature(kind="keep", columns=["a"])], train.schema, FACTS, True)
    other = feature_plan([feature(kind="keep", columns=["b"])], train.schema, FACTS, True)
    writer = FeatureWriter([feature(kind="keep", columns=["a"])], kept, Naming(train.columns, kept.slots), print)
    with pytest.raises(DataError, match="not those that this lakesmith makes"):
        writer.blocks(other.stages)


@pytest.mark.parametrize("kind", sorted(kind for kind, each in FAMILIES.kinds.items() if not each.learns_by_epochs))
@pytest.mark.parametrize("sort", ["regression", "binary", "multiclass"])
def test_an_estimator_is_written_with_all_that_is_set(kind: str, sort: str, spark: SparkSession) -> None:
    piece = family(**FAMILY_EXAMPLES[kind])
    if sort not in piece.sorts:
        return
    classes = {"regression": (), "binary": ("a", "b"), "multiclass": ("a", "b", "c")}[sort]
    made = piece.estimator(sort, classes=len(classes), weight=True, parallelism=3, seed=5)
    book = Draft()
    code = constructor(made, lambda value: value, book.import_from)
    book.code(f"again = {code}")
    again = run_cells(book.source())["again"]
    assert type(again) in type(made).__mro__[:2]
    assert not type(again).__module__.startswith("lakesmith")
    assert _given(again) == _given(made)


def _given(stage: Any) -> dict[str, Any]:
    return {param.name: repr(stage.getOrDefault(param)) for param in stage.params if stage.isDefined(param)}


@pytest.mark.parametrize(
    ("function", "kind"), [(drawing.oversampled, "oversample"), (drawing.undersampled, "undersample")]
)
def test_rows_are_drawn_as_lakesmith_draws_them(function: Any, kind: str, spark: SparkSession) -> None:
    train = flights(spark).where("id % 5 > 1 or late = 1").select("id", LABEL)
    piece: Any = TypeAdapter(AnyResampling).validate_python({"kind": kind, "share": 0.9})
    theirs = piece.apply(train, Drawing(("id",), 7, 2))
    mine = function(train, LABEL, ["id"], share=0.9, salt=f"{kind}:7")
    assert rows(mine.select("id")) == rows(theirs.select("id"))
    assert theirs.count() != train.count()


def test_binary_metrics_are_those_of_the_evaluation(spark: SparkSession) -> None:
    scores = spark.range(3_000).select(
        (F.rand(1) < 0.2).cast("double").alias(LABEL), F.pow(F.rand(2), F.lit(9)).alias("score")
    )
    known = scores.select(
        "*", F.array(1 - F.col("score"), F.col("score")).alias("m_probability"), F.lit(0.0).alias("m_prediction")
    )
    table = evaluation_table(Binary(label="x"), known, ["m"], thresholds={"m": 0.01})
    scored = scores.select(
        F.col(LABEL).alias("label"), "score", (F.col("score") >= 0.01).cast("int").alias("predicted")
    )
    mine = plain_metrics.binary_metrics(scored)
    assert mine == pytest.approx(metrics(table, "m"), rel=1e-12, abs=1e-12)


def test_regression_metrics_are_those_of_the_evaluation(spark: SparkSession) -> None:
    known = spark.range(3_000).select(
        F.when(F.col("id") % 50 == 0, 0.0).otherwise(F.randn(1) * 100 + 1e6).alias(LABEL), F.col("id"),
    )  # fmt: skip
    known = known.withColumn("m_prediction", F.col(LABEL) + F.when(F.col("id") % 7 > 0, F.randn(3)).otherwise(0.0))
    target = Target(sort="regression", label="x", rows=3_000, mean=950_000.0)
    table = evaluation_table(Regression(label="x"), known, ["m"], target=target)
    scored = known.select(F.col(LABEL).alias("label"), F.col("m_prediction").alias("prediction"))
    mine = plain_metrics.regression_metrics(scored, centre=950_000.0)
    assert mine == pytest.approx(metrics(table, "m"), rel=1e-12, abs=1e-12)


def test_plain_functions_name_no_lakesmith() -> None:
    import inspect

    for module in (learning, drawing, plain_metrics):
        found = ast.walk(ast.parse(inspect.getsource(module)))
        imported = {each.module for each in found if isinstance(each, ast.ImportFrom)}
        assert not [each for each in imported if (each or "").startswith("lakesmith")]
