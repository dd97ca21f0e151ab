"""Candidates: a family with its parameters, fitted and measured on every fold; its features are fitted once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from lakesmith import session
from lakesmith.barriers import fitted_at_once
from lakesmith.evaluation import Judge, evaluation_table
from lakesmith.families import Family, Fit, Fitted, Watch
from lakesmith.fold_plans import Fold
from lakesmith.folds import PreparedFold, PreparedFolds, prepare, spread_by
from lakesmith.metrics import Metric
from lakesmith.pipelines import FEATURES, LABEL, WEIGHT, FeaturePlan, feature_plan, learned, slot_of_each
from lakesmith.project import Project
from lakesmith.resampling import Drawing
from lakesmith.tasks import Target
from lakesmith.trial_runs import Report

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel, Transformer
    from pyspark.sql import DataFrame

KEPT = (FEATURES, LABEL, WEIGHT)
TRIAL = "trial"


@dataclass
class Candidates:
    """Judges candidates on the folds of `train` (gold's labelled training rows with LABEL, and WEIGHT if weighted).

    To be used in a `with` block: outside it no fold is cached. Families that take missing values and those that do
    not see different vectors; each kind is prepared when the first of its families asks. `folder` holds what a fit
    keeps on disk, `bases` the networks that others go on from, by address. `thresholds` and `epochs` are filled for
    each trial that is judged.
    """

    project: Project
    train: DataFrame
    folds: Sequence[Fold]
    target: Target
    metric: Metric
    parallelism: int
    folder: Path
    bases: Mapping[str, Path] = field(default_factory=dict)
    say: Callable[[str], None] = lambda _line: None
    thresholds: dict[int, float] = field(default_factory=dict)
    epochs: dict[int, int] = field(default_factory=dict)
    _prepared: dict[bool, PreparedFolds] = field(default_factory=dict, repr=False)
    _stack: ExitStack = field(default_factory=ExitStack, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def spread(self, rows: DataFrame) -> DataFrame:
        """The rows laid out for a fit: by key over all tasks."""
        return spread_by(self.project.key, self.parallelism)(rows)

    def resampled(self, rows: DataFrame) -> DataFrame:
        """Training rows after their features, drawn anew as the project asks."""
        from pyspark.ml.functions import vector_to_array
        from pyspark.sql import functions as F

        drawing = Drawing(self.project.key, self.project.seed, len(self.target.classes))
        for position, each in enumerate(self.project.resample):
            with self.project.located(f"resample[{position}]"):
                rows = each.apply(rows, drawing)
        if not self.project.resample:
            return rows
        # Made and repeated rows lie where the drawing left them: every task of a fit gets its part again.
        by = F.xxhash64(vector_to_array(F.col(FEATURES)))
        return rows.repartition(self.parallelism, by).sortWithinPartitions(by, LABEL)

    def plan(self, family: Family) -> FeaturePlan:
        """The features compiled for what the family can take; no Spark job."""
        project = self.project
        with project.located(""):
            return feature_plan(
                project.features, self.train.schema, project.facts, family.accepts_missing, weight=project.weight
            )

    def fitted(
        self,
        family: Family,
        vectors: DataFrame,
        features: PipelineModel,
        name: str,
        *,
        watch: Watch | None = None,
        epochs: int | None = None,
    ) -> Fitted:
        """The family's model, learned from cached vectors that `features` have made. Raises EnvironmentFault when it
        needs more task slots at once than there are.

        `name` tells these rows from others; `watch` belongs to a trial, `epochs` to a final fit (see `Fit`).
        """
        base = family.starts_from()

        def fit(slots: int) -> Fitted:
            made = learned(family, Fit(
                vectors, self.project.task.sort, len(self.target.classes), WEIGHT in vectors.columns, slots,
                self.project.seed, slot_of_each(self.plan(family).slots, features), self.folder / name, watch, epochs,
                self.bases[base] if base is not None else None, self.say,
            ))  # fmt: skip
            return replace(made, model=session.without_summary(made.model))

        if family.tasks_at_once(self.parallelism) == 1:
            return fit(self.parallelism)
        return fitted_at_once(vectors.sparkSession, self.parallelism, family.tasks_at_once, fit)

    def judged(self, family: Family, number: int, report: Report) -> list[float]:
        """The metric on each fold's validation rows, for trial `number`, told to `report` as soon as it is known; NaN
        where it is undefined."""
        tables, values, epochs = [], [], []
        for fold in self._folds(family):
            made = self._fitted_on(family, fold, report)
            epochs += [made.epochs] if made.epochs is not None else []
            tables.append(self._table(made.model, fold))
            values.append(self.metric.value(tables[-1], TRIAL))
            report(values[-1])
        if all(value == value for value in values):
            chosen = [self.project.task.chosen_threshold(table, TRIAL) for table in tables]
            told = [each for each in chosen if each is not None]
            if told:
                self.thresholds[number] = fmean(told)
        if epochs:
            self.epochs[number] = round(fmean(epochs))
        return values

    def _fitted_on(self, family: Family, fold: PreparedFold, report: Report) -> Fitted:
        judge = Judge(self.project.task, self.metric, self.target)
        told = partial(report.interval, fold.name)
        watch = Watch(fold.validation, judge, self.metric.greater_is_better, told)
        return self.fitted(family, fold.train, fold.features, fold.name, watch=watch)

    def _folds(self, family: Family) -> PreparedFolds:
        with self._lock:
            kind = family.accepts_missing
            if kind not in self._prepared:
                made = prepare(self.train, self.folds, self.plan(family).stages, KEPT, self.spread, self.resampled)
                self._prepared[kind] = self._stack.enter_context(made)
            return self._prepared[kind]

    def _table(self, model: Transformer, fold: PreparedFold) -> Any:
        scored = model.transform(fold.validation)
        renamed = {each: f"{TRIAL}_{each}" for each in ("prediction", "probability") if each in scored.columns}
        return evaluation_table(self.project.task, scored.withColumnsRenamed(renamed), [TRIAL])
