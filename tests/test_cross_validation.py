from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from pyspark.ml import Pipeline, PipelineModel, tuning
from pyspark.ml.classification import LogisticRegression, OneVsRest
from pyspark.ml.evaluation import BinaryClassificationEvaluator, Evaluator, MulticlassClassificationEvaluator
from pyspark.ml.feature import OneHotEncoder, SQLTransformer, StandardScaler, StringIndexer, VectorAssembler
from pyspark.ml.param import Params
from pyspark.sql import DataFrame, SparkSession

from lakesmith.cross_validation import CrossValidator, TrainValidationSplit, shared_prefix
from lakesmith.errors import TrainingError
from tests.builders import frame


@pytest.fixture(scope="module")
def spark(spark: SparkSession) -> SparkSession:
    """A session of its own: where rows were counted with `observe`, stock models with a summary fail (Spark 4.1)."""
    return spark.newSession()


def auc() -> BinaryClassificationEvaluator:
    return BinaryClassificationEvaluator(numBins=0)


class CountedIndexer(StringIndexer):
    """A StringIndexer that counts how often it is fitted."""

    fits: ClassVar[list[int]] = []

    def _fit(self, dataset: DataFrame) -> Any:
        self.fits.append(1)
        return super()._fit(dataset)


class Scripted(Evaluator):
    """Gives the next of the scripted metrics at each call."""

    def __init__(self, metrics: list[float]) -> None:
        super().__init__()
        self.metrics = metrics

    def _evaluate(self, dataset: DataFrame) -> float:
        return self.metrics.pop(0)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> Iterator[DataFrame]:
    rng = random.Random(1)
    table = []
    for i in range(90):
        x, city = rng.gauss(0, 1), rng.choice("abc")
        late = x + (city == "a") + rng.gauss(0, 1) > 0.4
        table.append((i, x, rng.random(), city, float(late), i % 3))
    # Cached: after a shuffle the order of rows, and with it what `rand` draws, may differ from one job to the next.
    schema = "id int, x double, z double, city string, label double, part int"
    cached = frame(spark, schema, table, partitions=2).cache()
    cached.count()
    yield cached
    cached.unpersist()


def stages() -> list[Any]:
    return [
        CountedIndexer(inputCol="city", outputCol="city_index", handleInvalid="keep"),
        OneHotEncoder(inputCol="city_index", outputCol="city_vector"),
        VectorAssembler(inputCols=["x", "z", "city_vector"], outputCol="features"),
        LogisticRegression(maxIter=8),
    ]


def grid(regression: LogisticRegression, *, size: int = 3) -> list[Any]:
    builder = tuning.ParamGridBuilder().addGrid(regression.regParam, [0.0, 0.1, 1.0][:size])
    return builder.addGrid(regression.elasticNetParam, [0.0, 0.5, 1.0][:size]).build()


def cached_blocks(spark: SparkSession) -> set[int]:
    return {int(each) for each in spark.sparkContext._jsc.getPersistentRDDs()}


@pytest.mark.parametrize("fold_column", ["", "part"])
def test_the_same_metrics_and_model_as_stock_with_features_fitted_four_times(
    spark: SparkSession, rows: DataFrame, fold_column: str
) -> None:
    pipeline = Pipeline(stages=stages())
    settings = {
        "estimator": pipeline,
        "estimatorParamMaps": grid(pipeline.getStages()[-1], size=2)[1:],
        "evaluator": auc(),
        "numFolds": 3,
        "seed": 5,
        "foldCol": fold_column,
        "parallelism": 2,
    }
    stock = tuning.CrossValidator(**settings).fit(rows)
    CountedIndexer.fits.clear()
    before = cached_blocks(spark)
    ours = CrossValidator(**settings).fit(rows)
    assert len(CountedIndexer.fits) == 3 + 1
    assert cached_blocks(spark) == before
    assert type(ours) is tuning.CrossValidatorModel
    assert ours.avgMetrics == pytest.approx(stock.avgMetrics, abs=1e-9)
    assert ours.stdMetrics == pytest.approx(stock.stdMetrics, abs=1e-9)
    assert type(ours.bestModel) is PipelineModel
    assert ours.bestModel.stages[-1].getRegParam() == stock.bestModel.stages[-1].getRegParam()
    assert ours.getNumFolds() == 3


def test_train_validation_split_equals_stock(rows: DataFrame) -> None:
    pipeline = Pipeline(stages=stages())
    settings = {
        "estimator": pipeline,
        "estimatorParamMaps": grid(pipeline.getStages()[-1], size=2),
        "evaluator": auc(),
        "trainRatio": 0.7,
        "seed": 3,
    }
    stock = tuning.TrainValidationSplit(**settings).fit(rows)
    CountedIndexer.fits.clear()
    ours = TrainValidationSplit(**settings).fit(rows)
    assert len(CountedIndexer.fits) == 1 + 1
    assert type(ours) is tuning.TrainValidationSplitModel
    assert ours.validationMetrics == pytest.approx(stock.validationMetrics, abs=1e-9)


def test_collected_sub_models_are_whole_pipelines(rows: DataFrame) -> None:
    pipeline = Pipeline(stages=stages())
    validator = CrossValidator(
        estimator=pipeline,
        estimatorParamMaps=grid(pipeline.getStages()[-1], size=2)[:2],
        evaluator=auc(),
        numFolds=2,
        collectSubModels=True,
    )
    models = validator.fit(rows).subModels
    assert [len(each) for each in models] == [2, 2]
    assert models[1][1].transform(rows).where("prediction is null").count() == 0


def test_an_estimator_without_shared_stages_is_tuned_as_stock_does(spark: SparkSession, rows: DataFrame) -> None:
    vectors = Pipeline(stages=stages()[:3]).fit(rows).transform(rows)
    regression = LogisticRegression(maxIter=5)
    settings = {
        "estimator": regression,
        "estimatorParamMaps": grid(regression, size=2)[:2],
        "evaluator": auc(),
        "numFolds": 2,
        "seed": 1,
    }
    before = cached_blocks(spark)
    ours = CrossValidator(**settings).fit(vectors)
    assert ours.avgMetrics == pytest.approx(tuning.CrossValidator(**settings).fit(vectors).avgMetrics, abs=1e-9)
    assert cached_blocks(spark) == before


def scripted(rows: DataFrame, metrics: list[float]) -> tuning.CrossValidator:
    pipeline = Pipeline(stages=stages())
    return CrossValidator(
        estimator=pipeline,
        estimatorParamMaps=grid(pipeline.getStages()[-1])[:3],
        evaluator=Scripted(metrics),
        numFolds=2,
    )


def test_a_map_whose_metric_is_nan_never_wins(rows: DataFrame) -> None:
    model = scripted(rows, [0.5, math.nan, 0.7, 0.5, 0.9, 0.7]).fit(rows)
    assert model.bestModel.stages[-1].getElasticNetParam() == 1.0
    assert math.isnan(model.avgMetrics[1])


def test_only_nan_is_a_training_error(spark: SparkSession, rows: DataFrame) -> None:
    before = cached_blocks(spark)
    with pytest.raises(TrainingError, match="NaN for each of the 3 parameter maps"):
        scripted(rows, [math.nan] * 6).fit(rows)
    assert cached_blocks(spark) == before


def test_the_pipeline_is_cut_before_the_first_touched_stage(spark: SparkSession) -> None:
    indexer, encoder, assembler, regression = stages()
    pipeline = Pipeline(stages=[indexer, encoder, assembler, regression])

    def cut(*params: tuple[Params, str]) -> int | None:
        shared = shared_prefix(pipeline, [{owner.getParam(name): None for owner, name in params}], auc())
        return None if shared is None else len(shared.stages)

    assert cut((regression, "regParam")) == 3
    assert cut((regression, "regParam"), (encoder, "dropLast")) == 1
    assert cut((indexer, "handleInvalid")) is None
    assert cut() == 3
    assert cut((StandardScaler(), "withMean")) is None, "a parameter of another stage is stock's to judge"
    assert shared_prefix(regression, [{}], auc()) is None


def test_only_the_columns_that_later_stages_and_the_evaluator_read_are_kept(spark: SparkSession) -> None:
    regression = LogisticRegression(weightCol="z")
    one_vs_rest = OneVsRest(classifier=regression)
    evaluator = MulticlassClassificationEvaluator(labelCol="other_label")
    pipeline = Pipeline(stages=[*stages()[:3], one_vs_rest])
    shared = shared_prefix(pipeline, [{regression.featuresCol: "scaled"}], evaluator)
    assert shared is not None
    assert shared.reads is not None
    assert {"features", "scaled", "label", "z", "other_label"} <= set(shared.reads)
    assert not {"x", "city", "city_vector"} & set(shared.reads)


def test_a_stage_that_reads_by_a_statement_keeps_every_column(spark: SparkSession) -> None:
    statement = SQLTransformer(statement="SELECT *, x * 2 AS twice FROM __THIS__")
    regression = LogisticRegression()
    pipeline = Pipeline(stages=[*stages()[:3], statement, regression])
    shared = shared_prefix(pipeline, [{statement.statement: "SELECT * FROM __THIS__"}], auc())
    assert shared is not None
    assert shared.reads is None
    assert len(shared.stages) == 3
