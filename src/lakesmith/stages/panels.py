"""The panels that a task drew from the evaluation cells, as the figures of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from lakesmith.report.view import (
    BinaryCurves,
    CalibrationBin,
    ClassMetrics,
    Confusion,
    HistogramBin,
    MulticlassCurves,
    Point,
    RegressionCurves,
)
from lakesmith.stages.evaluate import EvaluateResult

Panels = Mapping[str, Any]
RULES = {"f1": "best F1 on validation rows", "youden": "best Youden's J on validation rows"}


def binary_curves(evaluated: EvaluateResult, threshold: float | None, rule: object) -> BinaryCurves:
    """The figures of a binary challenger, and the champion's curves on the rows both were tested on."""
    panels, champion = evaluated.curves, evaluated.champion_curves
    confusion = _confusion(panels)
    return BinaryCurves(
        positive=confusion.classes[1] if confusion is not None else "",
        roc=_points(panels, "roc"),
        roc_champion=_points(champion, "roc"),
        precision_recall=_points(panels, "pr"),
        precision_recall_champion=_points(champion, "pr"),
        positive_share=_positive_share(confusion),
        calibration=tuple(
            CalibrationBin(mean_score=each["score"], positive_share=each["share"], rows=round(each["rows"]))
            for each in panels.get("calibration", ())
        ),
        histogram=_histogram(panels.get("scores", {})),
        threshold=threshold,
        threshold_rule=RULES.get(str(rule), "given in the project file"),
        confusion=confusion,
        **_gap(panels.get("ks", {})),
    )


def multiclass_curves(evaluated: EvaluateResult) -> MulticlassCurves:
    """Precision, recall and F1 of each class and on average, and the confusion matrix."""
    classes = tuple(
        ClassMetrics(
            name=each["class"],
            rows=round(each["rows"]),
            precision=_or_nan(each["precision"]),
            recall=_or_nan(each["recall"]),
            f1=_or_nan(each["f1"]),
        )
        for each in evaluated.curves.get("per_class", ())
    )
    macro = ClassMetrics(
        name="mean of classes",
        rows=sum(each.rows for each in classes),
        precision=evaluated.challenger.get("macro_precision", nan),
        recall=evaluated.challenger.get("macro_recall", nan),
        f1=evaluated.challenger.get("macro_f1", nan),
    )
    return MulticlassCurves(classes=classes, macro=macro if classes else None, confusion=_confusion(evaluated.curves))


def regression_curves(evaluated: EvaluateResult) -> RegressionCurves:
    """Mean actual value by predicted value, and the quantiles of actual − predicted."""
    levels = evaluated.curves.get("predicted_vs_actual", ())
    errors = evaluated.curves.get("residual_quantiles", {})
    # Errors are predicted − actual: turned over, the least of them is the greatest residual.
    residuals = sorted((1 - float(level), -error) for level, error in errors.items())
    return RegressionCurves(
        points=tuple((each["predicted"], each["actual"], round(each["rows"])) for each in levels),
        residual_quantiles=tuple(residuals),
    )


def _points(panels: Panels, name: str) -> tuple[Point, ...]:
    curve = panels.get(name, {"x": (), "y": ()})
    return tuple(zip(curve["x"], curve["y"], strict=True))


def _confusion(panels: Panels) -> Confusion | None:
    found = panels.get("confusion")
    if found is None:
        return None
    counts = tuple(tuple(round(weight) for weight in line) for line in found["weights"])
    return Confusion(classes=tuple(found["classes"]), counts=counts)


def _positive_share(confusion: Confusion | None) -> float | None:
    if confusion is None:
        return None
    rows = sum(map(sum, confusion.counts))
    return sum(confusion.counts[1]) / rows if rows else None


def _histogram(scores: Panels) -> tuple[HistogramBin, ...]:
    edges: Sequence[float] = scores.get("edges", ())
    rows = zip(edges[:-1], edges[1:], scores.get("negative", ()), scores.get("positive", ()), strict=True)
    return tuple(
        HistogramBin(low=low, high=high, negatives=round(negatives), positives=round(positives))
        for low, high, negatives, positives in rows
    )


def _gap(ks: Panels) -> dict[str, Any]:
    """Both classes' cumulative shares over the score, and where they are furthest apart."""
    points = tuple(zip(ks.get("score", ()), ks.get("negative", ()), ks.get("positive", ()), strict=True))
    if not points:
        return {}
    score, negatives, positives = max(points, key=lambda point: abs(point[1] - point[2]))
    return {"ks": points, "ks_value": abs(negatives - positives), "ks_at": score}


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
