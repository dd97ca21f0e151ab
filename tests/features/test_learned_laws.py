"""Laws of the features that learn much of many columns: nothing from other rows, nothing from the partitions, no more
jobs for more columns, nothing but stock stages."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from features.vectors import feature, fit, learned, plan_of, slot_values
from lakesmith.families import LABEL
from lakesmith.features import Feature
from lakesmith.pipelines import assembled

ODD = "it's `x` \\ °{0}"


def everything(numbers: list[str], text: str) -> list[Feature]:
    return [
        feature(kind="bin", columns=numbers, method="tree", bins=4),
        feature(kind="woe", columns=[*numbers, text], method="tree", bins=3),
        feature(kind="hashing", columns=[text], slots=4),
        feature(kind="clip_outliers", columns=numbers, method="iqr", flag=True),
        feature(kind="impute", columns=numbers[:1], strategy="mean", by=[text]),
        feature(kind="impute_iterative", columns=numbers[1:], rounds=2, flag=True),
        feature(kind="impute_kmeans", columns=numbers, clusters=3),
        feature(kind="power", columns=numbers),
        feature(kind="robust", columns=numbers),
        feature(kind="max_abs", columns=numbers),
        feature(kind="log", columns=numbers),
        feature(kind="rank", columns=numbers, quantiles=10),
        feature(kind="min_max", columns=numbers),
    ]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [
        (i, None if i % 11 == 0 else float(i % 7) + i / 3, None if i % 5 == 0 else 1 / (i + 1), float(i * i % 23),
         None if i % 9 == 0 else f"c{i % 5}", float(i % 7 > 3))
        for i in range(60)
    ]  # fmt: skip
    made = frame(spark, f"id int, a double, b double, c double, t string, {LABEL} double", rows)
    return made.withColumnRenamed("a", ODD).cache()


def test_nothing_is_learned_from_other_rows_or_from_the_partitions(spark: SparkSession, table: DataFrame) -> None:
    poison = {ODD: F.lit(1e30), "b": F.lit(float("nan")), "c": F.lit(-1e30), "t": F.lit("poison"), LABEL: F.lit(7.0)}
    is_train = F.col("id") < 45
    poisoned = table.withColumns({name: F.when(is_train, F.col(f"`{name.replace('`', '``')}`")).otherwise(bad)
                                  for name, bad in poison.items()})  # fmt: skip
    features = everything([ODD, "b", "c"], "t")
    plan, calm = fit(features, table.where(is_train))
    _, other = fit(features, poisoned.where(is_train).repartition(3, "id"))
    assert learned(calm) == learned(other)
    # The poison does not show where the label is not there to be seen, and only stock stages carry it all.
    rows = table.where(is_train)
    scored: Any = assembled(calm, _constant(), "regression").transform(rows.drop(LABEL))
    assert scored.count() == 45
    assert set(scored.columns) == {*rows.columns, "prediction"} - {LABEL}
    values = slot_values(plan, calm, rows.drop(LABEL))
    assert all(None not in values[name] for name in (ODD, "b", "c", f"{ODD} woe", f"{ODD} bin"))


def _constant() -> Any:
    from pyspark.ml.feature import SQLTransformer

    return SQLTransformer(statement="SELECT *, 1D AS prediction FROM __THIS__")


def test_a_fit_runs_as_many_jobs_for_40_columns_as_for_4(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        numbers = [f"n{i}" for i in range(count)]
        df = spark.range(30).select(
            *[(F.col("id") * (i + 1) % 17).cast("double").alias(n) for i, n in enumerate(numbers)],
            (F.col("id") % 3).cast("string").alias("t"),
            (F.col("id") % 2).cast("double").alias(LABEL),
        )
        plan = plan_of(everything(numbers, "t"), df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(40) == jobs(4)
