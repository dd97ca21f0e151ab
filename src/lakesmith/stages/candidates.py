"""Candidates: a family with its parameters, fitted and measured on every fold; its features are fitted once."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from lakesmith import session
from lakesmith.barriers import fitted_at_once
from lakesmith.evaluation import EvaluationTable, Judge, evaluation_table
from lakesmith.families import Family, Fit, Fitted, Watch
from lakesmith.fold_plans import Fold
from lakesmith.folds import PreparedFold, PreparedFolds, prepare, spread_by
from lakesmith.metrics import Metric
from lakesmith.pipelines import FEATURES, LABEL, WEIGHT, FeaturePlan, feature_plan, learned, slot_of_each
from lakesmith.project import Project
from lakesmith.resampling import Drawing
from lakesmith.tasks import Target
from lakesmith.trial_reports import Report

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

    def fit(
        self, family: Family, vectors: DataFrame, features: PipelineModel, name: str, told: str = "", **more: Any
    ) -> Fit:
        """What the family learns from: cached vectors that `features` have made, called `name` to tell them from
        others; `told` begins its lines of progress, `more` are fields of a trial or of a final fit (see `Fit`)."""
        base = family.starts_from()
        return Fit(
            vectors=vectors,
            sort=self.project.task.sort,
            classes=len(self.target.classes),
            is_weighted=WEIGHT in vectors.columns,
            seed=self.project.seed,
            slots=lambda: slot_of_each(self.plan(family).slots, features),
            folder=self.folder / hashlib.sha256(name.encode()).hexdigest()[:16],
            base=self.bases[base] if base is not None else None,
            say=lambda line: self.say(f"{told or name}: {line}"),
            **more,
        )

    def fitted(self, family: Family, fit: Fit) -> Fitted:
        """The family's model, learned in the same steps as in every trial. Raises EnvironmentFault when it needs more
        task slots at once than there are."""
        return deque(self._models(family, fit), maxlen=1).pop()

    def _steps(self, family: Family) -> tuple[Family, ...]:
        return family.steps() if self.project.tune.early_termination is not None else ()

    def _models(self, family: Family, fit: Fit) -> Iterator[Fitted]:
        """The model after each step of the fit; one where the family is fitted in one piece."""
        made = None
        for step in self._steps(family) or (family,):
            made = self._fitted(step, replace(fit, earlier=made.model if made is not None else None))
            yield made

    def _fitted(self, family: Family, fit: Fit) -> Fitted:
        def on(slots: int) -> Fitted:
            made = learned(family, replace(fit, parallelism=slots))
            return replace(made, model=session.without_summary(made.model))

        if family.tasks_at_once(self.parallelism) == 1:
            return on(self.parallelism)
        return fitted_at_once(fit.vectors.sparkSession, self.parallelism, family.tasks_at_once, on)

    def judged(self, family: Family, number: int, report: Report) -> list[float]:
        """The metric on each fold's validation rows, for trial `number`, told to `report` as soon as it is known; NaN
        where it is undefined."""
        tables, values, epochs = [], [], []
        for position, fold in enumerate(self._folds(family), start=1):
            is_last = position == len(self.folds)
            made, table = self._judged(family, number, fold, partial(report.interval, fold.name), is_last)
            tables.append(table)
            values.append(self.metric.value(table, TRIAL))
            epochs += [made.epochs] if made.epochs is not None else []
            report(values[-1], is_last=is_last)
        if all(value == value for value in values):
            chosen = [self.project.task.chosen_threshold(table, TRIAL) for table in tables]
            told = [each for each in chosen if each is not None]
            if told:
                self.thresholds[number] = fmean(told)
        if epochs:
            self.epochs[number] = round(fmean(epochs))
        return values

    def _judged(
        self, family: Family, number: int, fold: PreparedFold, report: Callable[..., None], is_last: bool
    ) -> tuple[Fitted, EvaluationTable]:
        """The fold's model and its evaluation table. What is known on the way is reported: by the fit itself after
        each epoch, or here after each of its steps."""

        heard = 0

        def told(place: int, metric: float, is_over: bool) -> None:
            nonlocal heard
            if place > heard:
                heard = place
                report(metric, is_last=is_last and is_over)

        judge = Judge(self.project.task, self.metric, self.target)
        watch = Watch(fold.validation, judge, self.metric.greater_is_better, told)
        who, steps = f"trial {number + 1}, {fold.name}", len(self._steps(family))
        fit = self.fit(family, fold.train, fold.features, fold.name, who, watch=watch)
        for position, made in enumerate(self._models(family, fit), start=1):
            table = self._table(made.model, fold)
            if steps:
                told(position, self.metric.value(table, TRIAL), position == steps)
        return made, table

    def _folds(self, family: Family) -> PreparedFolds:
        with self._lock:
            kind = family.accepts_missing
            if kind not in self._prepared:
                made = prepare(self.train, self.folds, self.plan(family).stages, KEPT, self.spread, self.resampled)
                self._prepared[kind] = self._stack.enter_context(made)
            return self._prepared[kind]

    def _table(self, model: Transformer, fold: PreparedFold) -> EvaluationTable:
        scored = model.transform(fold.validation)
        answers: tuple[str, ...] = ("prediction", "probability")
        renamed = {each: f"{TRIAL}_{each}" for each in answers if each in scored.columns}
        return evaluation_table(self.project.task, scored.withColumnsRenamed(renamed), [TRIAL])
