"""Tasks: what is predicted, how the label is encoded, what the naive model would say, and what is measured.

A new task is one file: the class declares its columns, its evaluation cells (once for Spark, once for numpy) and its
report panels; `evaluation.py` and the metrics work on the cells alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from lakesmith.columns import Names
from lakesmith.errors import DataError
from lakesmith.families import LABEL
from lakesmith.metrics.cells import EvaluationTable, IntArray
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

__all__ = ["LABEL", "TASKS", "Answers", "AnyTask", "Baseline", "Outcome", "Target", "Task", "coarser"]
MOST_SPREAD_BINS = 500
T = TypeVar("T")


class Target(BaseModel):
    """What the training rows say about the label; JSON-serialisable, part of what a model is registered with.

    Classification: `classes` as text, in the order of their index, with their `counts` of rows.
    Regression: mean, standard deviation (n − 1) and approximate (level, value) `quantiles`.
    """

    model_config = ConfigDict(frozen=True)

    sort: str
    label: str
    rows: int
    unlabelled: int = 0
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    mean: float = 0.0
    stddev: float = 0.0
    quantiles: tuple[tuple[float, float], ...] = ()

    @property
    def priors(self) -> tuple[float, ...]:
        """The share of each class among the labelled training rows."""
        return tuple(count / self.rows for count in self.counts)


@dataclass(frozen=True)
class Baseline:
    """The naive model: the same answer for every row. `probability` is empty for regression."""

    told: str
    prediction: float
    probability: tuple[float, ...] = ()


@dataclass(frozen=True)
class Answers(Generic[T]):
    """One model's answers beside the labels, row by row: Spark columns or numpy arrays.

    `probability` holds an array a row: (rows, classes) in numpy. `threshold` overrules a binary `prediction`.
    `centre` is a number near the labels' mean.
    """

    label: T
    prediction: T
    probability: T | None = None
    threshold: float | None = None
    centre: float = 0.0

    @property
    def probabilities(self) -> T:
        """`probability`. Raises DataError where a classification model came without it."""
        if self.probability is None:
            raise DataError("the scored rows have no probability column, which a classification is judged by")
        return self.probability


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """Answers as the keys and sums of evaluation cells, row by row. `bins` is grain → bin (`metrics/cells.py`)."""

    label: T
    predicted: T
    score: T
    bins: Mapping[str, T]
    measures: Mapping[str, T]


class Task(Piece):
    """What is predicted from a row, and how it is judged."""

    sort: ClassVar[str]
    needs_label: ClassVar[bool] = True
    default_metric: ClassVar[str]
    measures: ClassVar[tuple[str, ...]]
    spread_bins: ClassVar[int] = MOST_SPREAD_BINS  # of the cells that intervals are computed from
    prediction_columns: ClassVar[Mapping[str, str]]  # of the predictions table: name → Spark type

    label: str = Field(min_length=1, description="The gold column to predict.")

    def columns_needed(self, names: Names) -> None:
        """Raises ConfigError when the label is no column."""
        names.need(self.label, key="label")

    def target(self, train: DataFrame) -> Target:
        """The label over the training rows, from one Spark action.

        Raises TrainingError where nothing can be learned (no labelled row, one value only, too many classes),
        DataError where label values are impossible (NaN, infinite, of a wrong type).
        """
        raise NotImplementedError

    def encoded(self, target: Target) -> Column:
        """The label as a double: the index of its class, or the number itself; null for no label or unknown class."""
        raise NotImplementedError

    def label_number(self, gold: DataFrame) -> Column | None:
        """The label as a number whose mean says how the labels of some rows lie: 1 for positive, else 0; or its value.
        None where a mean says nothing."""
        return None

    def balance_weight(self, target: Target) -> Column | None:
        """The weight that makes all classes count alike, or None where the task does not ask for it."""
        return None

    def baseline(self, target: Target) -> Baseline:
        """The naive model: class priors with the largest class predicted, or the mean."""
        raise NotImplementedError

    def decoded(
        self, target: Target, prediction: Column, probability: Column | None, threshold: float | None
    ) -> dict[str, Column]:
        """The columns of the predictions table from a model's output (`probability` is an array of double)."""
        raise NotImplementedError

    def chosen_threshold(self, table: EvaluationTable, model: str) -> float | None:
        """The score from which a row is predicted positive, chosen on this table, which must hold validation or
        out-of-fold rows and never test rows. None for tasks without a threshold."""
        return None

    def outcome(self, answers: Answers[Column], bins: Mapping[str, int]) -> Outcome[Column]:
        """The cells' keys and measures as Spark columns; `bins` is grain → how many bins."""
        raise NotImplementedError

    def outcome_of(self, answers: Answers[NDArray[Any]]) -> Outcome[NDArray[Any]]:
        """The same from numpy arrays, with one fine bin for each distinct score."""
        raise NotImplementedError

    def curves(self, table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, Any]:
        """The report's panels, JSON-able, at most 200 points a curve; {} without a valid test row."""
        raise NotImplementedError


TASKS: Catalogue[Task] = Catalogue(Task)
AnyTask = Annotated[Task, TASKS]


def coarser(ranks: IntArray) -> IntArray:
    """Ranks 0, 1, 2 … in at most MOST_SPREAD_BINS bins of about equally many ranks; unchanged where they are few."""
    size = int(ranks.max(initial=0)) + 1
    return ranks if size <= MOST_SPREAD_BINS else np.asarray(ranks * MOST_SPREAD_BINS // size)
