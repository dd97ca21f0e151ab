"""How good the predicted classes are: accuracy, and precision, recall and F1 of the positive class. Exact counts."""

from __future__ import annotations

from typing import ClassVar, Literal

from lakesmith.metrics import Metric
from lakesmith.metrics.cells import WEIGHT, Cells, FloatArray, ratio


class Accuracy(Metric):
    """The share of rows whose predicted class is the true one."""

    kind: Literal["accuracy"] = "accuracy"
    sorts: ClassVar = frozenset({"binary", "multiclass"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return ratio(cells.total(WEIGHT, cells.label == cells.predicted), cells.total(WEIGHT))


class Precision(Metric):
    """The share of rows predicted positive that are positive: TP / (TP + FP)."""

    kind: Literal["precision"] = "precision"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "no test row is predicted positive"

    def of(self, cells: Cells) -> FloatArray:
        predicted = cells.predicted == 1
        return ratio(cells.total(WEIGHT, predicted & (cells.label == 1)), cells.total(WEIGHT, predicted))


class Recall(Metric):
    """The share of positive rows that are predicted positive: TP / (TP + FN)."""

    kind: Literal["recall"] = "recall"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "no test row is positive"

    def of(self, cells: Cells) -> FloatArray:
        positive = cells.label == 1
        return ratio(cells.total(WEIGHT, positive & (cells.predicted == 1)), cells.total(WEIGHT, positive))


class F1(Metric):
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""

    kind: Literal["f1"] = "f1"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "no test row is positive and none is predicted positive"

    def of(self, cells: Cells) -> FloatArray:
        hits = cells.total(WEIGHT, (cells.label == 1) & (cells.predicted == 1))
        either = cells.total(WEIGHT, cells.label == 1) + cells.total(WEIGHT, cells.predicted == 1)
        return ratio(2 * hits, either)
