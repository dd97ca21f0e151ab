"""How well a binary score ranks: ROC AUC, PR AUC, Kolmogorov-Smirnov. The only metrics that carry a bin error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from lakesmith.metrics import Metric
from lakesmith.metrics.cells import ROWS, Cells, FloatArray, ratio


def class_weights(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """The weight of positive and of negative rows in each score bin, lowest score first; (replicates, bins) each."""
    return cells.by(cells.bin, where=cells.label == 1), cells.by(cells.bin, where=cells.label == 0)


def from_the_top(weights: FloatArray) -> FloatArray:
    """The weight at or above each bin, highest bin first."""
    return np.cumsum(weights[:, ::-1], axis=1)


class RocAuc(Metric):
    """The share of (positive, negative) pairs in which the positive row has the higher score, ties counted half.

    The Mann-Whitney form of the area under the ROC curve (Hanley and McNeil 1982); equals scikit-learn's
    `roc_auc_score`.
    """

    kind: Literal["roc_auc"] = "roc_auc"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "the test rows are of one class only"

    def of(self, cells: Cells) -> FloatArray:
        positive, negative = class_weights(cells)
        below = np.cumsum(negative, axis=1) - negative / 2
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return ratio((positive * below).sum(axis=1), pairs)

    def bin_error(self, cells: Cells) -> float:
        """Half the share of pairs that fall into one bin: ½ Σ p n / (P N)."""
        positive, negative = class_weights(cells)
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return 0.0 if cells.is_exact else float(ratio((positive * negative).sum(axis=1) / 2, pairs)[0])


class PrAuc(Metric):
    """The average precision: precision at each score, weighted by the step in recall there.

    AP = Σ (R_n − R_{n−1}) P_n, equal to scikit-learn's `average_precision_score`. Not the trapezoid rule of Spark's
    `areaUnderPR`: between two points of a PR curve precision is not linear, and the rule is too optimistic (Davis and
    Goadrich 2006).
    """

    kind: Literal["pr_auc"] = "pr_auc"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "no test row is positive"

    def of(self, cells: Cells) -> FloatArray:
        positive, negative = class_weights(cells)
        hits, alarms = from_the_top(positive), from_the_top(positive + negative)
        precision = np.nan_to_num(ratio(hits, alarms))
        return ratio((positive[:, ::-1] * precision).sum(axis=1), hits[:, -1])

    def bin_error(self, cells: Cells) -> float:
        """The larger distance to the two extreme orders inside every bin: all positives first, all negatives first."""
        if cells.is_exact:
            return 0.0
        positive, negative = (weights[:, ::-1] for weights in class_weights(cells))
        rows = cells.by(cells.bin, ROWS, where=cells.label == 1)[:, ::-1]
        hits = np.cumsum(positive, axis=1)
        misses = np.cumsum(negative, axis=1)
        earlier, first = hits - positive, np.nan_to_num(ratio(positive, rows))
        best = np.nan_to_num(ratio(hits, hits + misses - negative)) * positive
        worst = np.nan_to_num(ratio(earlier + first, earlier + first + misses)) * positive
        value, total = self.of(cells), hits[:, -1]
        spread = np.maximum(ratio(best.sum(axis=1), total) - value, value - ratio(worst.sum(axis=1), total))
        return float(spread[0])


class KolmogorovSmirnov(Metric):
    """The largest distance between the score distributions of positive and negative rows: max |TPR − FPR|."""

    kind: Literal["ks"] = "ks"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "the test rows are of one class only"

    def of(self, cells: Cells) -> FloatArray:
        positive, negative = (from_the_top(weights) for weights in class_weights(cells))
        distance = np.abs(ratio(positive, positive[:, -1:]) - ratio(negative, negative[:, -1:]))
        return np.asarray(distance.max(axis=1))

    def bin_error(self, cells: Cells) -> float:
        """The largest share of a class in a bin that holds both classes: in it the distance may be larger."""
        if cells.is_exact:
            return 0.0
        positive, negative = class_weights(cells)
        shares = np.maximum(positive / positive.sum(axis=1), negative / negative.sum(axis=1))
        return float(shares.max(where=(positive > 0) & (negative > 0), initial=0.0))
