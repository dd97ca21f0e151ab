"""Metrics: functions of the evaluation table, in numpy; a metric never sees a frame."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from lakesmith.errors import ConfigError, nearest
from lakesmith.metrics.cells import Cells, EvaluationTable, FloatArray
from lakesmith.piece import Catalogue, Piece


class Metric(Piece):
    """One number that says how good a model is on the test rows, with the sorts of task it is defined for.

    `undefined` says when the value is NaN, beside the two cases common to all: no test row, or a test row whose score
    is null, NaN or infinite. A NaN never passes a gate and never wins a tuning.
    """

    sorts: ClassVar[frozenset[str]]
    greater_is_better: ClassVar[bool]
    bounds: ClassVar[tuple[float, float]]
    undefined: ClassVar[str]
    title: ClassVar[str] = ""  # its name for people, where `title_of` would not find it

    def of(self, cells: Cells) -> FloatArray:
        """The metric of each replicate of valid cells; shape (replicates,)."""
        raise NotImplementedError

    def bin_error(self, cells: Cells) -> float:
        """The most by which binning can have moved the value; 0 for what is computed from exact sums."""
        return 0.0

    def measured(self, cells: Cells) -> FloatArray:
        """As `of`, and NaN where a row has no valid score or there is no row."""
        return self.of(cells) if cells.is_valid else np.full(cells.replicates, np.nan)

    def value(self, table: EvaluationTable, model: str, *, shared: bool = False) -> float:
        """The metric of one model over its test rows, or over the rows that were test rows for every model."""
        return float(self.measured(table.cells(model, shared=shared))[0])


METRICS: Catalogue[Metric] = Catalogue(Metric)
AnyMetric = Annotated[Metric, METRICS]
ACRONYMS = frozenset({"roc", "auc", "pr", "ks", "f1", "rmse", "mae", "mape", "r2"})


def metrics_for(sort: str) -> dict[str, Metric]:
    """Name → metric, for all metrics of one sort of task."""
    return {kind: piece() for kind, piece in METRICS.kinds.items() if sort in piece.sorts}


def metric_named(name: str, sort: str, *, key: str = "metric") -> Metric:
    """The metric `name`. Raises ConfigError with the nearest name that the sort of task has."""
    known = metrics_for(sort)
    if name not in known:
        why = f"is not defined for a {sort} task" if name in METRICS.kinds else "is not a metric"
        raise ConfigError(f"'{name}' {why}", key=key, fix=nearest(name, known))
    return known[name]


def title_of(name: str) -> str:
    """The metric's name for people: its own title, or its name in words, as in 'ROC AUC' and 'Log loss'."""
    known = METRICS.kinds.get(name)
    if known is not None and known.title:
        return known.title
    words = [word.upper() if word in ACRONYMS else word for word in name.split("_")]
    return " ".join([words[0] if words[0].isupper() else words[0].capitalize(), *words[1:]])
