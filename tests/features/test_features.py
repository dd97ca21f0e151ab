"""Laws that every feature keeps, over the examples of all kinds."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from examples.features import EXAMPLES, FeatureExample
from features.vectors import FACTS, feature, fit, learned, plan_of, slot_values
from lakesmith.errors import ConfigError
from lakesmith.features import FEATURES as CATALOGUE
from lakesmith.features import Feature
from lakesmith.pipelines import feature_plan
from lakesmith.splits import RowFacts

KINDS = sorted(EXAMPLES)


def pieces(example: FeatureExample) -> list[Feature]:
    return [feature(**yaml) for yaml in [*example.above, example.yaml]]


def everything() -> list[Feature]:
    return [
        feature(kind="impute", columns=["a"], strategy="median", flag=True),
        feature(kind="impute", columns=["b"], strategy="mean"),
        feature(kind="impute", columns=["c"], strategy="mode"),
        feature(kind="standardize", columns=["a", "b"]),
        feature(kind="bin", columns=["a"], bins=4),
        feature(kind="bin", columns=["b"], method="width", bins=3, one_hot=True),
        feature(kind="one_hot", columns=["c", "flag"], max_categories=3),
        feature(kind="ordinal", columns=["c"]),
        feature(kind="frequency", columns=["c"]),
    ]


def table(spark: SparkSession, rows: int = 60, partitions: int = 1):
    values = [
        (i, float(i % 7) + i / 3, None if i % 11 == 0 else 1 / (i + 1), None if i % 9 == 0 else f"c{i % 5}", i % 2 == 0)
        for i in range(rows)
    ]
    return frame(spark, "id int, a double, b double, c string, flag boolean", values, partitions)


def test_every_kind_has_an_example() -> None:
    assert list(CATALOGUE.kinds) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_feature_gives_its_example(kind: str, spark: SparkSession) -> None:
    example: FeatureExample = EXAMPLES[kind]
    train = frame(spark, example.schema, example.rows)
    plan, model = fit(pieces(example), train)
    assert slot_values(plan, model, train) == example.expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_feature_survives_the_round_trip_through_its_yaml(kind: str) -> None:
    piece = feature(**EXAMPLES[kind].yaml)
    assert feature(**json.loads(piece.model_dump_json())) == piece


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_training_table_gives_defined_values(kind: str, spark: SparkSession) -> None:
    example = EXAMPLES[kind]
    plan, model = fit(pieces(example), frame(spark, example.schema, []), accepts_missing=False)
    values = slot_values(plan, model, frame(spark, example.schema, example.rows))
    assert None not in [value for column in values.values() for value in column]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_that_are_all_null_give_defined_values(kind: str, spark: SparkSession) -> None:
    example = EXAMPLES[kind]
    nothing = frame(spark, example.schema, [tuple(None for _ in example.rows[0])] * 3)
    plan, model = fit(pieces(example), nothing, accepts_missing=False)
    values = slot_values(plan, model, nothing)
    assert None not in [value for column in values.values() for value in column]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_column_is_named_with_the_nearest_one(kind: str, spark: SparkSession) -> None:
    example = EXAMPLES[kind]
    first = frame(spark, example.schema, []).schema[0]
    other = frame(spark, example.schema.replace(first.name, f"{first.name}_x", 1), [])
    with pytest.raises(ConfigError, match=f"Did you mean '{first.name}_x'|Allowed: {first.name}_x") as raised:
        plan_of(pieces(example), other)
    assert raised.value.key.startswith("features[0].column")  # `columns[0]`, or `column` where there is one alone


def test_any_column_name_works_beside_foreign_ones(spark: SparkSession) -> None:
    strange = "it's `__THIS__` ${env:HOME} \\"
    df = frame(spark, "id int", [(1,), (2,), (3,)]).select(
        F.col("id"),
        F.lit("x").alias("for``eign. `col'umn"),
        F.array(F.lit(1)).alias("tags"),
        (F.col("id") * 1.5).alias('tëmp. `in` "°C"'),
        F.concat(F.lit(strange), "id").alias("c'1"),
    )
    numeric, text = df.columns[3], df.columns[4]
    features = [
        feature(kind="impute", columns=[numeric]),
        feature(kind="standardize", columns=[numeric]),
        feature(kind="bin", columns=[numeric], bins=2),
        feature(kind="one_hot", columns=[text]),
        feature(kind="frequency", columns=[text]),
    ]
    plan, model = fit(features, df)
    values = slot_values(plan, model, df)
    assert values[numeric] == [-1, 0, 1]
    assert values[f"{text}={strange}2"] == [0, 1, 0]
    assert values[f"{text} frequency"] == [round(1 / 3, 9)] * 3
    assert set(df.columns) <= set(model.transform(df).columns)


def test_a_name_that_spark_replaces_in_sql_is_refused(spark: SparkSession) -> None:
    df = frame(spark, "id int", [(1,)]).select("id", F.lit(1.0).alias("a ${x}"))
    with pytest.raises(ConfigError, match="Spark replaces"):
        plan_of([feature(kind="keep", columns=["a ${x}"])], df)


def test_a_fit_runs_as_many_jobs_for_200_columns_as_for_20(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        numbers = [f"n{i}" for i in range(count // 2)]
        texts = [f"t{i}" for i in range(count // 2)]
        df = spark.range(30).select(
            "id",
            *[(F.col("id") * (i + 1) % 17).cast("double").alias(n) for i, n in enumerate(numbers)],
            *[(F.col("id") % (i % 5 + 2)).cast("string").alias(t) for i, t in enumerate(texts)],
        )
        features = [
            feature(kind="impute", columns=numbers[: count // 4], strategy="median", flag=True),
            feature(kind="impute", columns=numbers[count // 4 :], strategy="mean"),
            feature(kind="impute", columns=texts, strategy="mode"),
            feature(kind="standardize", columns="numeric"),
            feature(kind="bin", columns=numbers),
            feature(kind="one_hot", columns=texts),
            feature(kind="ordinal", columns=texts),
            feature(kind="frequency", columns=texts),
        ]
        plan = plan_of(features, df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(200) == jobs(20)


def test_rows_outside_the_training_rows_change_nothing_that_is_learned(spark: SparkSession) -> None:
    rows = table(spark).withColumn("is_train", F.col("id") < 40)
    poison = {"a": 1e30, "b": float("nan"), "c": "poison", "flag": None}
    poisoned = rows.withColumns(
        {name: F.when(F.col("is_train"), F.col(name)).otherwise(F.lit(value)) for name, value in poison.items()}
    )
    fitted = [
        fit(everything(), df.where("is_train").drop("is_train"), accepts_missing=False)[1] for df in (rows, poisoned)
    ]
    assert learned(fitted[0]) == learned(fitted[1])


def test_repartitioning_changes_nothing_that_is_learned(spark: SparkSession) -> None:
    whole = table(spark)
    fitted = [fit(everything(), whole.repartition(n, "id"), accepts_missing=False)[1] for n in (1, 3, 8)]
    assert learned(fitted[0]) == learned(fitted[1]) == learned(fitted[2])


def test_features_below_take_a_column_as_the_ones_above_left_it(spark: SparkSession) -> None:
    df = frame(spark, "id int, a double, c string", [(1, 0.0, "x"), (2, None, None), (3, 4.0, "x")])
    features = [
        feature(kind="impute", columns=["a", "c"], strategy="mode"),
        feature(kind="expression", columns={"twice": "a * 2"}),
        feature(kind="standardize", columns=["a", "twice"], scale=False),
        feature(kind="one_hot", columns=["c"]),
    ]
    plan, model = fit(features, df)
    assert slot_values(plan, model, df) == {
        "a": [round(-4 / 3, 9), round(-4 / 3, 9), round(8 / 3, 9)],
        "twice": [-4, None, 4],
        "c=x": [1, 1, 1],
        "c missing": [0, 0, 0],
        "c other": [0, 0, 0],
    }


@pytest.mark.parametrize(
    ("columns", "message"),
    [(["label"], "is the label"), (["id"], "part of the key"), (["w"], "is the weight"), (["tags"], "array<int>")],
)
def test_what_may_not_be_a_feature_is_refused_by_name(columns: list[str], message: str, spark: SparkSession) -> None:
    df = frame(spark, "id int, label int, w double, tags array<int>", [])
    with pytest.raises(ConfigError, match=message) as raised:
        feature_plan([feature(kind="keep", columns=columns)], df.schema, FACTS, True, weight="w")
    assert raised.value.key == "features[0].columns[0]"


def test_a_word_leaves_out_key_label_time_group_weight_and_exceptions(spark: SparkSession) -> None:
    schema = "id int, label int, at int, who int, w double, a int, b double, _lakesmith_split string, c string"
    df = frame(spark, schema, [])
    facts = RowFacts(key=("id",), label="label", time="at", group="who")
    plan = feature_plan(
        [feature(kind="keep", columns="numeric", except_columns=["b"])], df.schema, facts, True, weight="w"
    )
    assert plan.inputs == ("a",)


def test_infinity_counts_as_missing_everywhere(spark: SparkSession) -> None:
    df = frame(spark, "id int, a double", [(1, 1.0), (2, float("inf")), (3, float("-inf")), (4, 1e39), (5, 3.0)])
    plan, model = fit([feature(kind="keep", columns=["a"])], df)
    assert slot_values(plan, model, df) == {"a": [1, None, None, None, 3]}
    plan, model = fit([feature(kind="impute", columns=["a"], strategy="mean")], df)
    assert slot_values(plan, model, df) == {"a": [1, 2, 2, 2, 3]}
