"""Laws of the features that learn much of many columns: nothing from other rows, nothing from the partitions, no more
jobs for more columns, nothing but stock stages."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from features.vectors import feature, fit, learned, plan_of
from lakesmith.columns import quote
from lakesmith.families import LABEL
from lakesmith.features import Feature
from lakesmith.pipelines import assembled

ODD = "it's `x` \\ °{0}"


PIECES: list[dict[str, Any]] = [
    {"kind": "bin", "method": "tree", "bins": 4},
    {"kind": "woe", "method": "tree", "bins": 3},
    {"kind": "clip_outliers", "method": "iqr", "flag": True},
    {"kind": "impute", "strategy": "mean", "by": ["t"]},
    {"kind": "impute_iterative", "rounds": 2, "flag": True},
    {"kind": "impute_kmeans", "clusters": 3},
    {"kind": "power"},
    {"kind": "robust"},
    {"kind": "max_abs"},
    {"kind": "rank", "quantiles": 10},
    {"kind": "min_max"},
]


def everything(names: list[str]) -> list[Feature]:
    """Each feature on copies of its own of the columns, so that none has to wait for what others learned."""
    return [
        feature(kind="hashing", columns=["t"], slots=4),
        feature(kind="woe", columns=["t"]),
        *[feature(columns=copies(j, names), **piece) for j, piece in enumerate(PIECES)],
    ]


def copies(number: int, names: list[str]) -> list[str]:
    return [f"{name} {number}" for name in names]


def copied(table: DataFrame, names: list[str]) -> DataFrame:
    made = {
        copy: F.col(quote(name)) for j in range(len(PIECES)) for name, copy in zip(names, copies(j, names), strict=True)
    }
    return table.select("*", *[value.alias(name) for name, value in made.items()])


def test_nothing_is_learned_from_other_rows_or_from_the_partitions(spark: SparkSession) -> None:
    rows = [
        (i, None if i % 11 == 0 else float(i % 7) + i / 3, None if i % 5 == 0 else 1 / (i + 1), float(i * i % 23),
         None if i % 9 == 0 else f"c{i % 5}", float(i % 7 > 3))
        for i in range(60)
    ]  # fmt: skip
    table = frame(spark, f"id int, odd double, b double, c double, t string, {LABEL} double", rows)
    table = table.withColumnRenamed("odd", ODD)
    poison = {ODD: 1e30, "b": float("nan"), "c": -1e30, "t": "poison", LABEL: 7.0}
    is_train, names = F.col("id") < 45, [ODD, "b", "c"]
    poisoned = table.withColumns(
        {name: F.when(is_train, F.col(quote(name))).otherwise(F.lit(bad)) for name, bad in poison.items()}
    )
    train = copied(table.where(is_train), names)
    _, calm = fit(everything(names), train)
    _, other = fit(everything(names), copied(poisoned.where(is_train).repartition(3, "id"), names))
    assert learned(calm) == learned(other)
    # Stock stages carry it all, need no label and leave nothing of theirs behind.
    scored = assembled(calm, _constant(), "regression").transform(train.drop(LABEL))
    assert set(scored.columns) == {*train.columns, "prediction"} - {LABEL}


def _constant() -> Any:
    from pyspark.ml.feature import SQLTransformer

    return SQLTransformer(statement="SELECT *, 1D AS prediction FROM __THIS__")


def test_a_fit_runs_as_many_jobs_for_20_columns_as_for_2(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        numbers = [f"n{i}" for i in range(count)]
        df = spark.range(30).select(
            *[(F.col("id") * (i + 1) % 17).cast("double").alias(n) for i, n in enumerate(numbers)],
            (F.col("id") % 3).cast("string").alias("t"),
            (F.col("id") % 2).cast("double").alias(LABEL),
        )
        df = copied(df, numbers)
        plan = plan_of(everything(numbers), df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(20) == jobs(2)
