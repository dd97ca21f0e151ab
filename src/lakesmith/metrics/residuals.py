"""How far predictions are off: RMSE, MAE, R², MAPE from exact sums, the median from residual bins."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from lakesmith.metrics import Metric
from lakesmith.metrics.cells import WEIGHT, Cells, FloatArray, IntArray, ratio


def quantile(cells: Cells, share: float, key: IntArray, measure: str) -> FloatArray:
    """The quantile of a value known by bin; shape (replicates,).

    Where bins are distinct values: the least value with `share` of the weight at or below it, and the middle of two
    where the weight falls exactly between them. Else linear between the bins' means, each at the middle of its weight.
    """
    weights, sums = cells.by(key), cells.by(key, measure)
    values = np.nan_to_num(ratio(sums, weights))
    found = np.empty(cells.replicates)
    for replicate in range(cells.replicates):
        held = weights[replicate] > 0
        found[replicate] = _quantile(weights[replicate][held], values[replicate][held], share, cells.is_exact)
    return found


def _quantile(weights: FloatArray, values: FloatArray, share: float, is_exact: bool) -> float:
    reached = np.cumsum(weights)
    goal = share * reached[-1]
    if not is_exact:
        return float(np.interp(goal, reached - weights / 2, values))
    at = min(int(np.searchsorted(reached, goal)), len(values) - 1)
    after = min(int(np.searchsorted(reached, goal, side="right")), len(values) - 1)
    return float((values[at] + values[after]) / 2)


class Rmse(Metric):
    """The root of the mean squared error, in units of the label."""

    kind: Literal["rmse"] = "rmse"
    sorts: ClassVar = frozenset({"regression"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, np.inf)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return np.sqrt(cells.mean("squared_error"))


class Mae(Metric):
    """The mean absolute error, in units of the label."""

    kind: Literal["mae"] = "mae"
    sorts: ClassVar = frozenset({"regression"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, np.inf)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return cells.mean("absolute_error")


class R2(Metric):
    """1 − Σ (y − ŷ)² / Σ (y − ȳ)², ȳ being the mean of the test rows; equals scikit-learn's `r2_score`."""

    kind: Literal["r2"] = "r2"
    title: ClassVar = "R²"
    sorts: ClassVar = frozenset({"regression"})
    greater_is_better: ClassVar = True
    bounds: ClassVar = (-np.inf, 1.0)
    undefined: ClassVar = "the label has one value only among the test rows"

    def of(self, cells: Cells) -> FloatArray:
        # Labels are summed as distances from a centre near their mean, so that this difference keeps its digits.
        squares = cells.total("label_squared")
        around = squares - ratio(cells.total("label_offset") ** 2, cells.total(WEIGHT))
        around = np.where(around > 1e-12 * squares, around, 0.0)
        return 1 - ratio(cells.total("squared_error"), around)


class Mape(Metric):
    """The mean of |y − ŷ| / |y| over the rows whose label is not zero, as a share (0.1 is ten per cent)."""

    kind: Literal["mape"] = "mape"
    sorts: ClassVar = frozenset({"regression"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, np.inf)
    undefined: ClassVar = "the label of every test row is zero"

    def of(self, cells: Cells) -> FloatArray:
        return ratio(cells.total("relative_error"), cells.total("label_not_zero"))


class MedianAbsError(Metric):
    """The median of |y − ŷ|, in units of the label."""

    kind: Literal["median_abs_error"] = "median_abs_error"
    title: ClassVar = "Median absolute error"
    sorts: ClassVar = frozenset({"regression"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, np.inf)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return quantile(cells, 0.5, np.abs(cells.bin), "absolute_error")

    def bin_error(self, cells: Cells) -> float:
        """The distance between the mean errors of the bins on both sides of the median's bin."""
        if cells.is_exact:
            return 0.0
        key = np.abs(cells.bin)
        weights, means = cells.by(key)[0], ratio(cells.by(key, "absolute_error"), cells.by(key))[0]
        at = int(np.searchsorted(np.cumsum(weights), weights.sum() / 2))
        return float(means[min(at + 1, len(means) - 1)] - means[max(at - 1, 0)])
