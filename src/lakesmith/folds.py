"""Features fitted once a fold: what candidates are compared on, cached while they are compared and gone afterwards.

Stock tuning refits a whole pipeline for every (candidate, fold). Here the feature stages of a fold are fitted once, on
its training rows only; both sides are transformed, and only the columns a candidate reads are cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lakesmith.columns import quote
from lakesmith.errors import DataError
from lakesmith.features import ON_TRAINING
from lakesmith.fold_plans import Fold

if TYPE_CHECKING:
    from pyspark.ml import Estimator, PipelineModel, Transformer
    from pyspark.sql import DataFrame

    Stage = Estimator[Any] | Transformer


@dataclass(frozen=True)
class FoldRows:
    """The rows of one fold before any feature: to learn from, and to judge on."""

    name: str
    train: DataFrame
    validation: DataFrame


@dataclass(frozen=True)
class PreparedFold:
    """One fold after its features: both sides cached, reduced to the columns a candidate reads."""

    name: str
    train: DataFrame
    validation: DataFrame
    train_rows: int
    validation_rows: int
    features: PipelineModel


Spread = Callable[["DataFrame"], "DataFrame"]
Rows = Callable[["DataFrame"], "DataFrame"]


def spread_by(columns: Sequence[str], partitions: int) -> Spread:
    """Rows over as many partitions as there are tasks, by a hash of `columns`, and in their order: where a row lies
    then depends neither on how its table was written nor on which machine's part of a shuffle came first, and a forest
    draws the same rows. A small Delta file is one row group, which Spark reads as one full and many empty partitions;
    xgboost would train on one worker of many."""
    from pyspark.sql import functions as F

    by = [F.col(quote(each)) for each in columns]
    return lambda frame: frame.repartition(partitions, *by).sortWithinPartitions(*by)


@dataclass(frozen=True)
class FittedFeatures:
    """Feature stages fitted on training rows: the model that any row is scored by, and what training rows get.

    The two differ for a stage that has seen the label of the rows it was fitted on (`target_encode`): those get, from
    `on_training`, what the other training rows say of them, and all others what all training rows say. scikit-learn
    tells `fit_transform` from `fit().transform()` in the same way.
    """

    model: PipelineModel
    on_training: Rows


def fitted_features(prefix: Sequence[Stage], train: DataFrame) -> FittedFeatures:
    """The stages, each fitted on what those before it make of `train`."""
    from functools import reduce

    from pyspark.ml import Estimator, PipelineModel

    models: list[Any] = []
    steps: list[Rows] = []
    rows = train
    for stage in prefix:
        model = stage.fit(rows) if isinstance(stage, Estimator) else stage
        models.append(model)
        steps.append(getattr(model, ON_TRAINING, model.transform))
        rows = steps[-1](rows)
    return FittedFeatures(PipelineModel(models), lambda given: reduce(lambda frame, step: step(frame), steps, given))


def prepare(
    train: DataFrame,
    folds: Sequence[Fold],
    prefix: Sequence[Stage],
    keep: Sequence[str],
    spread: Spread | None = None,
    resampled: Rows | None = None,
) -> PreparedFolds:
    """The folds of `train`, each prepared when it is first asked for; to be used in a `with` block.

    `prefix` holds the feature stages, `keep` the columns a candidate reads (vector, label, weight, cluster …); a name
    that is no column then is passed over. `train` should be cheap to scan: each learning feature stage scans it once
    a fold. `spread` lays out the rows a candidate learns from (see `spread_by`); `resampled` draws them anew after
    their features. Neither touches validation rows.
    """
    rows = [FoldRows(fold.name, train.where(fold.train), train.where(fold.validation)) for fold in folds]
    return PreparedFolds(rows, prefix, keep, spread=spread, resampled=resampled)


class PreparedFolds:
    """Folds by position. Leaving the block uncaches all of them, also after an exception.

    With `pin_rows` a fold's untouched rows are cached while its features are fitted: for rows that are costly to read,
    or drawn by chance (`rand` may draw differently each time a plan is run).
    """

    def __init__(
        self, rows: Sequence[FoldRows], prefix: Sequence[Stage], keep: Sequence[str] | None, *,
        pin_rows: bool = False, spread: Spread | None = None, resampled: Rows | None = None,
    ) -> None:  # fmt: skip
        self._rows = tuple(rows)
        self._prefix = list(prefix)
        self._keep = keep
        self._pin_rows = pin_rows
        self._spread = spread or (lambda frame: frame)
        self._resampled = resampled or (lambda frame: frame)
        self._prepared: dict[int, PreparedFold] = {}
        self._locks = [Lock() for _ in self._rows]
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[PreparedFold]:
        return (self[position] for position in range(len(self)))

    def __getitem__(self, position: int) -> PreparedFold:
        """The fold, prepared now if it was not yet; threads that ask for one fold prepare it once.

        Raises DataError for a fold without rows on one side.
        """
        with self._locks[position]:
            if position not in self._prepared:
                if self._is_closed:
                    raise RuntimeError("the folds have been released; ask for them inside the `with` block")
                self._prepared[position] = self._prepare(self._rows[position])
            return self._prepared[position]

    def release(self, position: int) -> None:
        """Uncaches one fold; asked for again, it is prepared again."""
        with self._locks[position]:
            prepared = self._prepared.pop(position, None)
            if prepared is not None:
                prepared.train.unpersist()
                prepared.validation.unpersist()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed = True
        for position in range(len(self)):
            self.release(position)

    def _prepare(self, rows: FoldRows) -> PreparedFold:
        from pyspark import StorageLevel

        with ExitStack() as while_fitting, ExitStack() as on_failure:
            train, validation = rows.train, rows.validation
            if self._pin_rows:
                train = while_fitting.enter_context(cached(train))
                validation = while_fitting.enter_context(cached(validation))
            features = fitted_features(self._prefix, train)
            train = _kept(self._resampled(features.on_training(self._spread(train))), self._keep)
            validation = _kept(features.model.transform(validation), self._keep)
            for side in (train, validation):
                side.persist(StorageLevel.MEMORY_AND_DISK_DESER)
                on_failure.callback(side.unpersist)
            # Counting fills the cache, so that a trial's seconds are its own and two trials do not fill it twice.
            counts = {"train": train.count(), "validation": validation.count()}
            for name, count in counts.items():
                if not count:
                    raise DataError(f"'{rows.name}' has no {name} rows", fix="Use fewer folds, or another fold plan.")
            on_failure.pop_all()  # all went well: both stay cached until they are released
            return PreparedFold(rows.name, train, validation, counts["train"], counts["validation"], features.model)


@contextmanager
def cached(frame: DataFrame) -> Iterator[DataFrame]:
    """The frame, cached inside the block in memory and, where that is short, on disk."""
    from pyspark import StorageLevel

    frame.persist(StorageLevel.MEMORY_AND_DISK_DESER)
    try:
        yield frame
    finally:
        frame.unpersist()


def fit_with_features_once(
    train: DataFrame, prefix: Sequence[Stage], estimator: Estimator[Any], keep: Sequence[str]
) -> PipelineModel:
    """A pipeline of the prefix and the estimator, fitted on all rows of `train`.

    The estimator works on cached vectors, so that one with many passes does not compute the features in each.
    """
    features = fitted_features(prefix, train)
    with cached(_kept(features.on_training(train), keep)) as vectors:
        return joined(features.model, estimator.fit(vectors))


def joined(features: PipelineModel, model: Any) -> PipelineModel:
    """The two models as one pipeline model."""
    from pyspark.ml import PipelineModel

    return PipelineModel([*features.stages, *(model.stages if isinstance(model, PipelineModel) else [model])])


def _kept(frame: DataFrame, keep: Sequence[str] | None) -> DataFrame:
    from pyspark.sql import functions as F

    wanted = {name.casefold() for name in keep or ()}
    kept = [name for name in frame.columns if name.casefold() in wanted]
    return frame.select(*[F.col(quote(name)) for name in kept]) if kept else frame
