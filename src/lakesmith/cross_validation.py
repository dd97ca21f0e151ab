"""CrossValidator and TrainValidationSplit as in `pyspark.ml.tuning`, with the features fitted once a fold.

Same parameters, same folds, same metrics, same models. Where the estimator is a `Pipeline` and the parameter maps
touch only later stages, the stages before them are fitted once a fold, not once for every (map, fold), and only the
columns that the later stages and the evaluator read are cached. With nine maps on three folds the features are fitted
3 + 1 times instead of 28. Any other estimator is tuned as the stock class does it.

One difference on purpose: a map whose metric is NaN never wins. Stock takes the position of the maximum, and for numpy
that is the first NaN; here it is passed over, and if every map has NaN there is a TrainingError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np
from pyspark import inheritable_thread_target  # noqa: TID253 (two of its classes are extended here)
from pyspark.ml import Estimator, Model, Pipeline  # noqa: TID253
from pyspark.ml import tuning as stock  # noqa: TID253
from pyspark.ml.evaluation import Evaluator  # noqa: TID253
from pyspark.ml.param import Params  # noqa: TID253
from pyspark.sql import DataFrame  # noqa: TID253
from pyspark.sql import functions as F  # noqa: TID253

from lakesmith.errors import TrainingError
from lakesmith.folds import FoldRows, PreparedFold, PreparedFolds, joined

ParamMaps = Sequence[Mapping[Any, Any]]
# What these read is told by a formula or a statement, not by parameters that name columns.
READS_MORE_THAN_ITS_PARAMS = {"SQLTransformer", "RFormula", "RFormulaModel"}


class CrossValidator(stock.CrossValidator):
    """`pyspark.ml.tuning.CrossValidator`, with the untouched stages of a Pipeline fitted once a fold."""

    def _fit(self, dataset: DataFrame) -> stock.CrossValidatorModel:
        rows = [
            FoldRows(f"fold {position}", train, validation)
            for position, (train, validation) in enumerate(self._kFold(dataset))
        ]
        compared = _compare(self, rows)
        means, deviations = np.mean(compared.metrics, axis=0), np.std(compared.metrics, axis=0)
        best_model = _refit(self, dataset, means)
        return self._copyValues(
            stock.CrossValidatorModel(best_model, list(means), compared.models, list(deviations))  # type: ignore[arg-type]
        )


class TrainValidationSplit(stock.TrainValidationSplit):
    """`pyspark.ml.tuning.TrainValidationSplit`, with the untouched stages of a Pipeline fitted once."""

    def _fit(self, dataset: DataFrame) -> stock.TrainValidationSplitModel:
        drawn = f"{self.uid}_rand"
        # The very expressions of the stock class: the same seed divides the same rows.
        rows = dataset.select("*", F.rand(self.getOrDefault(self.seed)).alias(drawn))
        is_validation = rows[drawn] >= self.getTrainRatio()
        compared = _compare(self, [FoldRows("hold-out", rows.filter(~is_validation), rows.filter(is_validation))])
        best_model = _refit(self, dataset, compared.metrics[0])
        models = compared.models[0] if compared.models else None
        return self._copyValues(
            stock.TrainValidationSplitModel(best_model, compared.metrics[0], models)  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class SharedPrefix:
    """A pipeline cut before the first stage that a parameter map touches.

    `reads` names the columns that the rest and the evaluator read; None where that cannot be told.
    """

    stages: tuple[Any, ...]
    rest: Estimator[Any]
    reads: tuple[str, ...] | None


def shared_prefix(estimator: Estimator[Any], maps: ParamMaps, evaluator: Evaluator) -> SharedPrefix | None:
    """The stages that all maps leave alone, or None: no Pipeline, one of its stages is touched at the very start, or
    a map holds a parameter of something else."""
    if type(estimator) is not Pipeline:
        return None
    stages = estimator.getStages()
    owners = {part.uid: position for position in reversed(range(len(stages))) for part in _parts(stages[position])}
    touched = {owners.get(param.parent, 0) for each in maps for param in each}
    cut = min(touched | {len(stages) - 1})
    if cut <= 0:
        return None
    return SharedPrefix(
        tuple(stages[:cut]), Pipeline(stages=stages[cut:]), _columns_read([*stages[cut:], evaluator], maps)
    )


@dataclass(frozen=True)
class _Compared:
    """Metrics by fold and map, and the models too where they were asked for."""

    metrics: list[list[float]]
    models: list[list[Model]] | None


def _compare(validator: stock.CrossValidator | stock.TrainValidationSplit, rows: Sequence[FoldRows]) -> _Compared:
    estimator, maps, evaluator = (
        validator.getEstimator(),
        validator.getEstimatorParamMaps(),
        validator.getEvaluator(),
    )
    shared = shared_prefix(estimator, maps, evaluator)
    prefix, rest, reads = (shared.stages, shared.rest, shared.reads) if shared else ((), estimator, None)
    metrics, models = [], []
    # Without a prefix the rows themselves are what is cached, as in the stock class.
    with (
        PreparedFolds(rows, prefix, reads, pin_rows=shared is not None) as folds,
        ThreadPool(min(validator.getParallelism(), len(maps))) as threads,
    ):
        for position, fold in enumerate(folds):
            tried = _Trials(rest, maps, evaluator, fold, keeps_models=validator.getCollectSubModels())
            found = threads.map(lambda run: run(), tried.tasks())
            metrics.append([metric for metric, _ in found])
            models.append([model for _, model in found])
            folds.release(position)
    return _Compared(metrics, models if validator.getCollectSubModels() else None)


@dataclass(frozen=True)
class _Trials:
    """All maps on one fold."""

    estimator: Estimator[Any]
    maps: ParamMaps
    evaluator: Evaluator
    fold: PreparedFold
    keeps_models: bool

    def tasks(self) -> list[Any]:
        """One function per map, to be called in any thread, that gives the metric and the model (or None)."""
        session = self.fold.train.sparkSession
        return [inheritable_thread_target(session)(lambda i=i: self._try(i)) for i in range(len(self.maps))]

    def _try(self, position: int) -> tuple[float, Any]:
        params: Any = dict(self.maps[position])
        model = self.estimator.fit(self.fold.train, params)
        metric = self.evaluator.evaluate(model.transform(self.fold.validation, params))
        return metric, self._whole(model) if self.keeps_models else None

    def _whole(self, model: Any) -> Any:
        return joined(self.fold.features, model) if self.fold.features.stages else model


def _refit(
    validator: stock.CrossValidator | stock.TrainValidationSplit, dataset: DataFrame, metrics: Sequence[float]
) -> Any:
    """The whole estimator on all rows with the best map, NaN passed over."""
    maps = validator.getEstimatorParamMaps()
    if bool(np.all(np.isnan(metrics))):
        raise TrainingError(
            f"the metric is NaN for each of the {len(maps)} parameter maps",
            fix="Look at the label: a fold may hold one class only, or the metric may not be defined for it.",
        )
    best = np.nanargmax(metrics) if validator.getEvaluator().isLargerBetter() else np.nanargmin(metrics)
    return validator.getEstimator().fit(dataset, maps[int(best)])


def _parts(stage: Params) -> Iterator[Params]:
    """The stage and every stage inside it: a Pipeline's stages, OneVsRest's classifier, a validator's estimator."""
    yield stage
    for param in stage.params:
        value = stage.getOrDefault(param) if stage.isDefined(param) else None
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, Params):
                yield from _parts(each)


def _columns_read(stages: Sequence[Params], maps: ParamMaps) -> tuple[str, ...] | None:
    """The columns that the stages' parameters name, in their own values or in a map; None where a stage may read
    others: one that is not Spark's or XGBoost's own, or one that reads by a formula."""
    names: list[str] = []
    for stage in (part for each in stages for part in _parts(each)):
        is_known = type(stage).__module__.startswith(("pyspark.ml.", "xgboost.spark"))
        if not is_known or type(stage).__name__ in READS_MORE_THAN_ITS_PARAMS:
            return None
        set_here = {param: stage.getOrDefault(param) for param in stage.params if stage.isDefined(param)}
        for param, value in [*set_here.items(), *(pair for each in maps for pair in each.items())]:
            if param.name.lower().endswith(("col", "cols")):
                names += [each for each in (value if isinstance(value, list | tuple) else [value]) if each]
    # `point.x` names a field: the column is `point`.
    return tuple(dict.fromkeys(part for name in map(str, names) for part in (name, name.split(".")[0])))
