"""Candidates: a family with its parameters, fitted and measured on every fold; its features are fitted once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import fmean
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from lakesmith import session
from lakesmith.barriers import fitted_at_once
from lakesmith.families import Family
from lakesmith.fold_plans import Fold
from lakesmith.folds import PreparedFold, PreparedFolds, prepare, spread_by
from lakesmith.metrics import Metric
from lakesmith.pipelines import FEATURES, LABEL, WEIGHT, FeaturePlan, feature_plan, model_stages
from lakesmith.project import Project
from lakesmith.resampling import Drawing
from lakesmith.tasks import Target
from lakesmith.trial_reports import Report

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

KEPT = (FEATURES, LABEL, WEIGHT)
TRIAL = "trial"


@dataclass
class Candidates:
    """Judges candidates on the folds of `train` (gold's labelled training rows with LABEL, and WEIGHT if weighted).

    To be used in a `with` block: outside it no fold is cached. Families that take missing values and those that do
    not see different vectors; each kind is prepared when the first of its families asks.
    """

    project: Project
    train: DataFrame
    folds: Sequence[Fold]
    target: Target
    metric: Metric
    parallelism: int
    thresholds: dict[int, float] = field(default_factory=dict)
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

    def estimator(self, family: Family, slots: int) -> Any:
        """The family's estimator for this task, on so many task slots."""
        project, is_weighted = self.project, WEIGHT in self.train.columns
        return model_stages(family, project.task.sort, self.target.classes, is_weighted, slots, project.seed)[0]

    def fitted(self, family: Family, vectors: DataFrame) -> Any:
        """The family's model, learned from cached vectors, in the same steps as in every trial. Raises EnvironmentFault
        when it needs more task slots at once than there are."""
        return deque(self._models(family, vectors), maxlen=1).pop()

    def _steps(self, family: Family) -> tuple[Family, ...]:
        return family.steps() if self.project.tune.early_termination is not None else ()

    def _models(self, family: Family, vectors: DataFrame) -> Iterator[Any]:
        """The model after each step of the fit; one where the family is fitted in one piece."""
        model = None
        for step in self._steps(family) or (family,):
            model = self._fitted(step, vectors, model)
            yield model

    def _fitted(self, family: Family, vectors: DataFrame, earlier: Any | None) -> Any:
        def fit(slots: int) -> Any:
            return session.without_summary(family.fitted(self.estimator(family, slots), vectors, earlier))

        if family.tasks_at_once(self.parallelism) == 1:
            return fit(self.parallelism)
        return fitted_at_once(vectors.sparkSession, self.parallelism, family.tasks_at_once, fit)

    def judged(self, family: Family, number: int, report: Report) -> list[float]:
        """The metric on each fold's validation rows, for trial `number`, told to `report` as soon as it is known; NaN
        where it is undefined."""
        tables, values = [], []
        for position, fold in enumerate(self._folds(family), start=1):
            is_last = position == len(self.folds)
            tables.append(self._table(family, fold, report, is_last))
            values.append(self.metric.value(tables[-1], TRIAL))
            report(values[-1], is_last=is_last)
        if all(value == value for value in values):
            chosen = [self.project.task.chosen_threshold(table, TRIAL) for table in tables]
            told = [each for each in chosen if each is not None]
            if told:
                self.thresholds[number] = fmean(told)
        return values

    def _folds(self, family: Family) -> PreparedFolds:
        with self._lock:
            kind = family.accepts_missing
            if kind not in self._prepared:
                made = prepare(self.train, self.folds, self.plan(family).stages, KEPT, self.spread, self.resampled)
                self._prepared[kind] = self._stack.enter_context(made)
            return self._prepared[kind]

    def _table(self, family: Family, fold: PreparedFold, report: Report, is_last: bool) -> Any:
        """The evaluation table of the fold's model; the steps of its fit are reported."""
        table, steps = None, len(self._steps(family))
        for position, model in enumerate(self._models(family, fold.train), start=1):
            table = self._judged(model, fold)
            if steps:
                report.interval(fold.name, self.metric.value(table, TRIAL), is_last=is_last and position == steps)
        return table

    def _judged(self, model: Any, fold: PreparedFold) -> Any:
        from lakesmith.evaluation import evaluation_table

        scored = model.transform(fold.validation)
        renamed = {each: f"{TRIAL}_{each}" for each in ("prediction", "probability") if each in scored.columns}
        return evaluation_table(self.project.task, scored.withColumnsRenamed(renamed), [TRIAL])
