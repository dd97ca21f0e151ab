"""The report's panels from evaluation cells: curves, calibration, confusion, residuals; and the best threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from lakesmith.errors import TrainingError
from lakesmith.metrics.cells import WEIGHT, Cells, FloatArray, IntArray, ratio
from lakesmith.metrics.macro import class_totals
from lakesmith.metrics.ranking import class_weights, from_the_top
from lakesmith.metrics.residuals import quantile

MOST_POINTS = 200
CALIBRATION_GROUPS = 10
LEVEL_GROUPS = 20
RESIDUAL_LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def best_threshold(cells: Cells, policy: Literal["f1", "youden"]) -> float:
    """The least score to predict positive from, best for F1 or for Youden's J; the highest one among equals.

    Raises TrainingError when the rows are of one class only.
    """
    positive, negative = class_weights(cells) if cells.is_valid else (np.zeros((1, 1)), np.zeros((1, 1)))
    if positive.sum() == 0 or negative.sum() == 0:
        raise TrainingError(
            "the threshold cannot be chosen: the validation rows are of one class only, or have no valid score",
            key="threshold",
            fix="Give a number, or choose folds whose validation rows hold both classes.",
        )
    hits, alarms = from_the_top(positive)[0], from_the_top(negative)[0]
    gain = 2 * hits / (hits[-1] + hits + alarms) if policy == "f1" else hits / hits[-1] - alarms / alarms[-1]
    scores = _least_by_bin(cells)[::-1]
    return float(scores[int(np.argmax(gain))])


def binary_panels(cells: Cells, classes: Sequence[str]) -> dict[str, Any]:
    """ROC and PR curves, calibration by tenths of the rows, score histogram by class, confusion matrix."""
    if not cells.is_valid:
        return {}
    positive, negative = class_weights(cells)
    hits, alarms = from_the_top(positive)[0], from_the_top(negative)[0]
    panels: dict[str, Any] = {
        "confusion": _confusion(cells, classes),
        "calibration": _calibration(cells),
        "scores": _score_histogram(cells),
    }
    if hits[-1] > 0 and alarms[-1] > 0:
        panels["ks"] = _shares_below(cells, positive[0], negative[0])
        recall, fall_out = hits / hits[-1], alarms / alarms[-1]
        at = thinned(np.concatenate([[0.0], recall + fall_out]))
        panels["roc"] = _points(np.concatenate([[0.0], fall_out])[at], np.concatenate([[0.0], recall])[at])
        at = thinned(recall + fall_out)
        panels["pr"] = _points(recall[at], (hits / (hits + alarms))[at])
    return panels


def multiclass_panels(cells: Cells, classes: Sequence[str]) -> dict[str, Any]:
    """Confusion matrix, and precision, recall, F1 and rows of each class (null where undefined)."""
    if not cells.is_valid:
        return {}
    hits, true, predicted = (totals[0] for totals in class_totals(cells))
    measured = zip(ratio(hits, predicted), ratio(hits, true), ratio(2 * hits, true + predicted), true, strict=True)
    names = ("precision", "recall", "f1", "rows")
    per_class = [
        {"class": _class(classes, index), **dict(zip(names, map(_or_none, values), strict=True))}
        for index, values in enumerate(measured)
    ]
    return {"confusion": _confusion(cells, classes), "per_class": per_class}


def regression_panels(cells: Cells, levels: Cells) -> dict[str, Any]:
    """Residual quantiles and histogram, and mean prediction against mean label by twentieths of the predictions."""
    if not cells.is_valid:
        return {}
    quantiles = {f"{share:g}": float(quantile(cells, share, cells.bin, "error")[0]) for share in RESIDUAL_LEVELS}
    weights, errors = cells.by(cells.bin)[0], cells.by(cells.bin, "error")[0]
    low, high = quantiles["0.01"], quantiles["0.99"]
    edges = np.linspace(low, high, 41) if high > low else np.array([low - 0.5, low + 0.5])
    counts = np.histogram(np.clip(errors / weights, edges[0], edges[-1]), bins=edges, weights=weights)[0]
    panels: dict[str, Any] = {
        "residual_quantiles": quantiles,
        "residuals": {"edges": edges.tolist(), "weights": counts.tolist()},
    }
    if levels.is_valid:
        panels["predicted_vs_actual"] = _levels(levels)
    return panels


def thinned(travelled: FloatArray) -> IntArray:
    """Positions of at most 200 points of a curve, evenly spread over the distance travelled, both ends kept."""
    if len(travelled) <= MOST_POINTS:
        return np.arange(len(travelled))
    goals = np.linspace(travelled[0], travelled[-1], MOST_POINTS)
    found: IntArray = np.unique(np.minimum(np.searchsorted(travelled, goals), len(travelled) - 1))
    return np.unique(np.concatenate([[0], found, [len(travelled) - 1]]))


def equal_groups(weights: FloatArray, groups: int) -> IntArray:
    """The group of each ordered bin, 0 … groups − 1, of about equal weight."""
    middle = np.cumsum(weights) - weights / 2
    group: IntArray = np.minimum((middle / weights.sum() * groups).astype(np.int64), groups - 1)
    return group


def _calibration(cells: Cells) -> list[dict[str, float]]:
    weights, scores = cells.by(cells.bin)[0], cells.by(cells.bin, "score")[0]
    positive = class_weights(cells)[0][0]
    group = equal_groups(weights, CALIBRATION_GROUPS)
    rows, score, hit = (np.bincount(group, values) for values in (weights, scores, positive))
    return [
        {"score": float(score[each] / rows[each]), "share": float(hit[each] / rows[each]), "rows": float(rows[each])}
        for each in np.flatnonzero(rows)
    ]


def _score_histogram(cells: Cells) -> dict[str, list[float]]:
    positive, negative = class_weights(cells)
    scores = cells.by(cells.bin, "score")[0] / cells.by(cells.bin)[0]
    edges = np.linspace(0, 1, 51)
    found = {
        name: np.histogram(scores, bins=edges, weights=weights[0])[0].tolist()
        for name, weights in (("positive", positive), ("negative", negative))
    }
    return {"edges": edges.tolist(), **found}


def _shares_below(cells: Cells, positive: FloatArray, negative: FloatArray) -> dict[str, list[float]]:
    """Score, and the share of each class at or below it; the score of the widest gap is among the points."""
    scores = cells.by(cells.bin, "score")[0] / cells.by(cells.bin)[0]
    shares = {name: np.cumsum(each) / each.sum() for name, each in (("positive", positive), ("negative", negative))}
    widest = int(np.argmax(np.abs(shares["positive"] - shares["negative"])))
    at = np.union1d(thinned(shares["positive"] + shares["negative"]), [widest])
    return {"score": scores[at].tolist(), **{name: each[at].tolist() for name, each in shares.items()}}


def _levels(levels: Cells) -> list[dict[str, float]]:
    weights, predicted, errors = (levels.by(levels.bin, name)[0] for name in (WEIGHT, "prediction", "error"))
    group = equal_groups(weights, LEVEL_GROUPS)
    rows, prediction, error = (np.bincount(group, values) for values in (weights, predicted, errors))
    return [
        {
            "predicted": float(prediction[each] / rows[each]),
            "actual": float((prediction[each] - error[each]) / rows[each]),
            "rows": float(rows[each]),
        }
        for each in np.flatnonzero(rows)
    ]


def _confusion(cells: Cells, classes: Sequence[str]) -> dict[str, Any]:
    """Weights by [true class][predicted class]."""
    size = max(len(classes), int(max(cells.label.max(), cells.predicted.max())) + 1)
    flat = np.bincount(cells.label * size + cells.predicted, cells.sums[WEIGHT][0], size * size)
    return {
        "classes": [_class(classes, index) for index in range(size)],
        "weights": flat.reshape(size, size).tolist(),
    }


def _least_by_bin(cells: Cells) -> FloatArray:
    order = np.argsort(cells.bin, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(cells.bin[order]) != 0]))
    return np.minimum.reduceat(cells.low[order], starts)


def _points(x: FloatArray, y: FloatArray) -> dict[str, list[float]]:
    return {"x": x.tolist(), "y": y.tolist()}


def _class(classes: Sequence[str], index: int) -> str:
    return classes[index] if index < len(classes) else str(index)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
