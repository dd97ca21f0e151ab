from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import Imputer, StandardScaler, VectorAssembler
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakesmith.errors import DataError
from lakesmith.fold_plans import Fold
from lakesmith.folds import fit_with_features_once, prepare
from tests.builders import count_jobs, frame


def prefix() -> list[Any]:
    return [
        Imputer(inputCols=["x"], outputCols=["filled"]),
        VectorAssembler(inputCols=["filled"], outputCol="raw"),
        StandardScaler(inputCol="raw", outputCol="features", withMean=True),
    ]


def two_folds() -> list[Fold]:
    return [Fold("first", F.col("id") < 20, F.col("id") >= 20), Fold("second", F.col("id") >= 20, F.col("id") < 20)]


def cached_blocks(spark: SparkSession) -> set[int]:
    return {int(each) for each in spark.sparkContext._jsc.getPersistentRDDs()}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    return frame(
        spark,
        "id int, x double, label double",
        [(i, None if i % 7 == 0 else float(i), float(i % 3 == 0)) for i in range(40)],
        partitions=2,
    )


def test_each_side_holds_its_rows_and_only_the_kept_columns(rows: DataFrame) -> None:
    with prepare(rows, two_folds(), prefix(), ["features", "label", "weight"]) as folds:
        assert len(folds) == 2
        first = folds[0]
        assert first.train.columns == ["label", "features"]
        assert (first.train_rows, first.validation_rows) == (20, 20)
        assert first.train.count() == 20


def test_validation_rows_leave_no_trace_in_the_features(rows: DataFrame) -> None:
    poisoned = rows.withColumn("x", F.when(F.col("id") >= 20, F.lit(1e9)).otherwise(F.col("x")))
    means = []
    for each in (rows, poisoned):
        with prepare(each, two_folds()[:1], prefix(), ["features"]) as folds:
            means.append(folds[0].features.stages[2].mean.toArray().tolist())
    assert means[0] == means[1]


def test_a_fold_is_prepared_when_it_is_asked_for_and_once(spark: SparkSession, rows: DataFrame) -> None:
    with count_jobs(spark) as jobs, prepare(rows, two_folds(), prefix(), ["features"]) as folds:
        pass
    assert jobs.count == 0
    with prepare(rows, two_folds(), prefix(), ["features"]) as folds, ThreadPoolExecutor(4) as threads:
        asked = list(threads.map(lambda _: folds[1], range(4)))
    assert len({id(each) for each in asked}) == 1


def test_nothing_stays_cached_after_the_block_nor_after_an_exception(spark: SparkSession, rows: DataFrame) -> None:
    before = cached_blocks(spark)
    with prepare(rows, two_folds(), prefix(), ["features", "label"]) as folds:
        assert [fold.name for fold in folds] == ["first", "second"]
        assert len(cached_blocks(spark) - before) == 4
        folds.release(0)
        assert len(cached_blocks(spark) - before) == 2
    assert cached_blocks(spark) == before
    with pytest.raises(KeyboardInterrupt):
        interrupted(rows)
    assert cached_blocks(spark) == before


def interrupted(rows: DataFrame) -> None:
    with prepare(rows, two_folds(), prefix(), ["features"]) as folds:
        assert folds[0]
        raise KeyboardInterrupt


def test_a_fold_without_rows_on_one_side_is_told_by_name(spark: SparkSession, rows: DataFrame) -> None:
    before = cached_blocks(spark)
    empty = Fold("window 2 of 3", F.col("id") < 20, F.col("id") > 99)
    with (
        prepare(rows, [empty], prefix(), ["features"]) as folds,
        pytest.raises(DataError, match=r"'window 2 of 3' has no validation rows"),
    ):
        assert folds[0]
    assert cached_blocks(spark) == before


def test_released_folds_are_not_prepared_again(rows: DataFrame) -> None:
    with prepare(rows, two_folds(), prefix(), ["features"]) as folds:
        pass
    with pytest.raises(RuntimeError, match="inside the `with` block"):
        assert folds[0]


def test_fitting_with_features_once_gives_the_pipeline_that_a_plain_fit_gives(
    spark: SparkSession, rows: DataFrame
) -> None:
    before = cached_blocks(spark)
    model = fit_with_features_once(rows, prefix(), LogisticRegression(), ["features", "label"])
    plain = Pipeline(stages=[*prefix(), LogisticRegression()]).fit(rows)
    assert [type(stage) for stage in model.stages] == [type(stage) for stage in plain.stages]
    assert model.stages[-1].coefficients.toArray() == pytest.approx(plain.stages[-1].coefficients.toArray(), abs=1e-12)
    assert cached_blocks(spark) == before
