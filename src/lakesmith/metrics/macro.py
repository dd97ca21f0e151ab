"""Precision, recall and F1 of each class, and their plain means over the classes. Exact counts."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from lakesmith.metrics import Metric
from lakesmith.metrics.cells import WEIGHT, Cells, FloatArray, ratio


def class_totals(cells: Cells) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hits, true rows and predicted rows of each class; shape (replicates, classes) each."""
    size = int(max(cells.label.max(), cells.predicted.max())) + 1
    weights = cells.sums[WEIGHT]
    is_label = (cells.label[:, None] == np.arange(size)).astype(float)
    is_predicted = (cells.predicted[:, None] == np.arange(size)).astype(float)
    return weights @ (is_label * is_predicted), weights @ is_label, weights @ is_predicted


def _mean_over_classes(values: FloatArray, true: FloatArray, predicted: FloatArray) -> FloatArray:
    # A class that is never hit has 0, not nothing: a model must not gain by never predicting a hard class.
    present = (true + predicted) > 0
    return ratio(np.nan_to_num(values).sum(axis=1), present.sum(axis=1).astype(float))


class MacroPrecision(Metric):
    """The mean over classes of TP / (TP + FP), over the classes that occur among labels or predictions; 0 for a class
    that is never predicted. Equals scikit-learn's `precision_score(average="macro", zero_division=0)`."""

    kind: Literal["macro_precision"] = "macro_precision"
    sorts: ClassVar = frozenset({"multiclass"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        hits, true, predicted = class_totals(cells)
        return _mean_over_classes(ratio(hits, predicted), true, predicted)


class MacroRecall(Metric):
    """The mean over classes of TP / (TP + FN), over the classes that occur among labels or predictions; 0 for a class
    without a true row. Equals scikit-learn's `recall_score(average="macro", zero_division=0)`."""

    kind: Literal["macro_recall"] = "macro_recall"
    sorts: ClassVar = frozenset({"multiclass"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        hits, true, predicted = class_totals(cells)
        return _mean_over_classes(ratio(hits, true), true, predicted)


class MacroF1(Metric):
    """The mean over classes of 2 TP / (2 TP + FP + FN), over the classes that occur among labels or predictions.
    Equals scikit-learn's `f1_score(average="macro")`."""

    kind: Literal["macro_f1"] = "macro_f1"
    sorts: ClassVar = frozenset({"multiclass"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        hits, true, predicted = class_totals(cells)
        return _mean_over_classes(ratio(2 * hits, true + predicted), true, predicted)
