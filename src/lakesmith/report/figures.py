"""Figures: a chart, its title, what to read from it, and the table under it; one function a figure of the report.

Each function returns None when its part of the view is empty, and the page leaves the figure out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from lakesmith.facts import MetricRow, RowAccounting
from lakesmith.report.bars import Estimate, FlowRow, Segment, bar_chart, flow_chart, heat_map, histogram, interval_chart
from lakesmith.report.curves import LARGEST_BUBBLES, Dot, Line, bubble_chart, dot_chart, gap_chart, line_chart
from lakesmith.report.svg import Axis, spanning
from lakesmith.report.view import BinaryCurves, Confusion, Leaderboard, Point, RegressionCurves
from lakesmith.wording import count, decimal, share

LARGEST_HEAT_MAP = 24
TABLE_ROWS = 60
Cells = tuple[tuple[str, ...], ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """What the page shows for one chart. The first column of `table` names the row, the others are numbers."""

    title: str
    svg: Markup
    caption: str = ""
    headers: tuple[str, ...] = ()
    table: Cells = ()


def headline(metric: MetricRow | None, shared_rows: int | None) -> Figure | None:
    """Challenger, baseline and champion on one axis."""
    if metric is None or metric.challenger is None:
        return None
    blocks = [("on all test rows", [Estimate("challenger", metric.challenger, metric.interval, "blue")])]
    if metric.baseline is not None:
        blocks[0][1].append(Estimate("baseline", metric.baseline, None, "grey"))
    if metric.champion_shared is not None and metric.challenger_shared is not None:
        where = (
            f"on the {count(shared_rows)} rows both were tested on" if shared_rows else "on rows both were tested on"
        )
        shared = [
            Estimate("challenger", metric.challenger_shared, metric.challenger_shared_interval, "blue"),
            Estimate("champion", metric.champion_shared, metric.champion_shared_interval, "orange"),
        ]
        blocks.append((where, shared))
    described = ", ".join(f"{row.name} {decimal(row.value)} {where}" for where, rows in blocks for row in rows)
    direction = "higher is better" if metric.greater_is_better else "lower is better"
    return Figure(f"{metric.name}, {direction}", interval_chart(blocks, f"{metric.name}: {described}"))


def flow(rows: RowAccounting) -> Figure | None:
    """The main source's rows from reading to the parts of the split."""
    main = next((source for source in rows.sources if source.source == rows.main_source), None)
    bars: list[FlowRow] = []
    if main is not None:
        bars.append(_flow_row("Read", ("accepted", main.accepted, "blue"), ("quarantined", main.quarantined, "orange")))
        cleaned = rows.cleaned(main.source)
        if cleaned is not None:
            kept, away, dropped = cleaned
            bars.append(
                _flow_row(
                    "Cleaned", ("kept", kept, "blue"), ("quarantined", away, "orange"), ("dropped", dropped, "grey")
                )
            )
    if rows.gold is not None:
        bars.append(_flow_row("Gold", ("rows", rows.gold, "blue")))
    if rows.parts:
        looks = {"train": "blue", "validation": "green", "test": "sky", "unlabelled": "grey"}
        bars.append(_flow_row("Split", *((part, size, looks.get(part, "pink")) for part, size in rows.parts)))
    if not bars:
        return None
    words = "; ".join(f"{bar.name}: " + ", ".join(f"{count(s.rows)} {s.name}" for s in bar.segments) for bar in bars)
    title = f"Rows of {rows.main_source}" if rows.main_source else "Rows"
    return Figure(title, flow_chart(bars, f"Rows at each stage. {words}"))


def _flow_row(name: str, *parts: tuple[str, int, str]) -> FlowRow:
    return FlowRow(name, tuple(Segment(*part) for part in parts))


def trials(board: Leaderboard) -> Figure | None:
    """Every trial's value, with the best so far."""
    ordered = sorted(board.trials, key=lambda trial: trial.number)
    dots = [Dot(t.number, t.value, t.family, _span(t.fold_values), t.is_chosen) for t in ordered if t.value is not None]
    if not dots:
        return None
    failed = [trial.number for trial in ordered if trial.value is None]
    better = max if board.greater_is_better else min
    best: list[Point] = []
    for dot in dots:
        before = best[-1][1] if best else dot.value
        best += [(dot.number, before), (dot.number, better(before, dot.value))]
    axis = spanning(f"{board.metric} (mean of folds)", [v for d in dots for v in (d.value, *(d.span or ()))])
    words = f"{len(dots)} trials with a value, {len(failed)} without; best {board.metric} {decimal(best[-1][1])}"
    caption = "A line through a dot spans the values of its folds; the ring is the chosen trial."
    return Figure("Value of each trial", dot_chart(dots, failed, axis, best, words), caption)


def learning(board: Leaderboard) -> Figure | None:
    """The chosen trial's metric on the validation rows after each epoch, fold by fold; None where it has no epochs."""
    chosen = next((trial for trial in board.trials if trial.is_chosen), None)
    folds = {} if chosen is None else {fold: found for fold, found in chosen.intervals.items() if len(found) > 1}
    if not folds:
        return None
    looks = ("blue", "orange dashed", "grey", "blue dotted", "orange")
    lines = [
        Line(
            fold, tuple((float(place), value) for place, value in enumerate(found, start=1)), looks[number % len(looks)]
        )
        for number, (fold, found) in enumerate(folds.items())
    ]
    longest = max(len(found) for found in folds.values())
    x = Axis("epoch, or step of the fit", 1, longest, is_whole=True)
    y = spanning(board.metric, [value for found in folds.values() for value in found])
    words = f"{board.metric} of the chosen trial on the validation rows, over {longest} epochs"
    table = tuple(
        (str(place + 1), *(decimal(found[place]) if place < len(found) else "" for found in folds.values()))
        for place in range(longest)
    )
    caption = "The chosen trial, measured on the validation rows as it learned."
    return Figure("Learning", line_chart(lines, x, y, words), caption, ("epoch", *folds), table)


def _span(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if len(values) > 1 else None


def roc(curves: BinaryCurves) -> Figure | None:
    """True against false positive rate."""
    if not curves.roc:
        return None
    lines = [Line("guessing", ((0.0, 0.0), (1.0, 1.0)), "grey dotted")]
    lines += [Line("champion", curves.roc_champion, "orange dashed")] if curves.roc_champion else []
    lines += [Line("challenger", curves.roc, "blue")]
    x, y = (Axis(name, 0, 1, is_share=True) for name in ("false positive rate", "true positive rate"))
    svg = line_chart(lines, x, y, "ROC curve: true positive rate against false positive rate", _threshold_mark(curves))
    headers = ("false positive rate", "true positive rate")
    return Figure("ROC curve", svg, "The further above the diagonal, the better.", headers, _points(curves.roc))


def _threshold_mark(curves: BinaryCurves) -> list[tuple[float, float, str]]:
    if curves.threshold is None or curves.confusion is None or len(curves.confusion.counts) != 2:
        return []
    (true_negative, false_positive), (false_negative, true_positive) = curves.confusion.counts
    negatives, positives = true_negative + false_positive, false_negative + true_positive
    if not negatives or not positives:
        return []
    return [(false_positive / negatives, true_positive / positives, f"threshold {curves.threshold:.4g}")]


def precision_recall(curves: BinaryCurves) -> Figure | None:
    """Precision against recall."""
    if not curves.precision_recall:
        return None
    guess = curves.positive_share
    lines = [Line("guessing", ((0.0, guess), (1.0, guess)), "grey dotted")] if guess is not None else []
    if curves.precision_recall_champion:
        lines.append(Line("champion", curves.precision_recall_champion, "orange dashed"))
    lines.append(Line("challenger", curves.precision_recall, "blue"))
    x, y = (Axis(name, 0, 1, is_share=True) for name in ("recall", "precision"))
    svg = line_chart(lines, x, y, "Precision against recall")
    caption = "Of the rows called positive, the share that is; against the share of positives found."
    return Figure("Precision and recall", svg, caption, ("recall", "precision"), _points(curves.precision_recall))


def calibration(curves: BinaryCurves) -> Figure | None:
    """Observed share of positives against the mean score."""
    bins = curves.calibration
    if not bins:
        return None
    top = min(1.0, max(max(each.mean_score, each.positive_share) for each in bins) * 1.08) or 1.0
    most = max(each.rows for each in bins) or 1
    points = [(each.mean_score, each.positive_share) for each in bins]
    sizes = [2.5 + 4.5 * (each.rows / most) ** 0.5 for each in bins]
    lines = [
        Line("perfect", ((0.0, 0.0), (top, top)), "grey dotted"),
        Line("challenger (dot area: rows)", points, "blue", sizes),
    ]
    x, y = (Axis(name, 0, top, is_share=True) for name in ("mean score of the bin", "share of positives"))
    table = tuple((decimal(b.mean_score), decimal(b.positive_share), count(b.rows)) for b in bins)
    svg = line_chart(lines, x, y, "Calibration: share of positives against mean score")
    caption = "Dots on the diagonal: a score of 30 % comes true for 30 % of rows."
    return Figure("Calibration", svg, caption, ("mean score", "share of positives", "rows"), table)


def ks(curves: BinaryCurves) -> Figure | None:
    """Cumulative shares of both classes over the score."""
    if not curves.ks:
        return None
    negatives = Line("negatives", [(score, low) for score, low, _ in curves.ks], "grey")
    positives = Line("positives", [(score, high) for score, _, high in curves.ks], "blue")
    value = decimal(curves.ks_value)
    axis = Axis("score", curves.ks[0][0], max(curves.ks[-1][0], curves.ks[0][0] + 1e-9))
    svg = gap_chart(positives, negatives, curves.ks_at, f"KS {value}", axis, f"Kolmogorov–Smirnov gap {value}")
    rows = tuple(tuple(decimal(value) for value in point) for point in _thinned(curves.ks))
    caption = "The widest gap between both classes' cumulative shares."
    return Figure("Kolmogorov–Smirnov", svg, caption, ("score", "negatives", "positives"), rows)


def score_histogram(curves: BinaryCurves) -> Figure | None:
    """How the scores of both classes are spread."""
    bins = curves.histogram
    if not bins:
        return None
    negatives, positives = sum(b.negatives for b in bins) or 1, sum(b.positives for b in bins) or 1
    shares = [(b.low, b.high, b.negatives / negatives, b.positives / positives) for b in bins]
    table = tuple((f"{decimal(b.low)} to {decimal(b.high)}", count(b.negatives), count(b.positives)) for b in bins)
    svg = histogram(shares, ("negatives", "positives"), "score", "Histogram of scores by class")
    caption = "Each class adds up to 100 %: how far the model pulls them apart."
    return Figure("Scores", svg, caption, ("score", "negatives", "positives"), table)


def confusion(matrix: Confusion | None, caption: str = "") -> Figure | None:
    """Actual against predicted classes."""
    if matrix is None or not matrix.classes or len(matrix.classes) > LARGEST_HEAT_MAP:
        return None
    headers = ("actual", *(f"predicted {name}" for name in matrix.classes))
    table = tuple(
        (name, *(count(rows) for rows in line)) for name, line in zip(matrix.classes, matrix.counts, strict=False)
    )
    svg = heat_map(matrix.classes, matrix.counts, "Confusion matrix: rows by actual and predicted class")
    return Figure("Confusion matrix", svg, caption or "Shade: share of the actual class.", headers, table)


def predicted_actual(curves: RegressionCurves) -> Figure | None:
    """Actual against predicted values."""
    if not curves.points:
        return None
    unit = f" ({curves.unit})" if curves.unit else ""
    svg = bubble_chart(curves.points, f"predicted{unit}", f"actual{unit}", "Actual against predicted values")
    largest = sorted(curves.points, key=lambda point: -point[2])[:TABLE_ROWS]
    table = tuple((decimal(x), decimal(y), count(rows)) for x, y, rows in largest)
    cut = f" The {count(LARGEST_BUBBLES)} cells with most rows." if len(curves.points) > LARGEST_BUBBLES else ""
    caption = f"On the line, the prediction came true.{cut}"
    return Figure("Predicted and actual", svg, caption, ("predicted", "actual", "rows"), table)


def residuals(curves: RegressionCurves) -> Figure | None:
    """Residual at each quantile."""
    if not curves.residual_quantiles:
        return None
    unit = f" ({curves.unit})" if curves.unit else ""
    lines = [
        Line("no error", ((0.0, 0.0), (1.0, 0.0)), "grey dotted"),
        Line("actual − predicted", curves.residual_quantiles, "blue", [2.5] * len(curves.residual_quantiles)),
    ]
    y = spanning(f"residual{unit}", [0.0, *(value for _, value in curves.residual_quantiles)])
    svg = line_chart(lines, Axis("share of test rows at or below", 0, 1, is_share=True), y, "Residual quantiles")
    table = tuple((share(quantile), decimal(value)) for quantile, value in curves.residual_quantiles)
    return Figure(
        "Residuals", svg, "Flat and near zero is good; tails show the worst misses.", ("quantile", "residual"), table
    )


def importances(values: Sequence[tuple[str, float]], title: str, meaning: str, top: int = 20) -> Figure | None:
    """The largest importances."""
    if not values:
        return None
    shown = tuple(values[:top])
    rest = f"Top {top} of {count(len(values))}." if len(values) > top else ""
    svg = bar_chart(shown, meaning or "importance", f"{title}: {shown[0][0]} is largest")
    table = tuple((name, share(value)) for name, value in values[:TABLE_ROWS])
    return Figure(title, svg, rest, ("name", "importance"), table)


def _points(points: Sequence[Point]) -> Cells:
    return tuple((decimal(x), decimal(y)) for x, y in _thinned(points))


def _thinned(points: Sequence[T], most: int = 30) -> list[T]:
    step = max(1, -(-len(points) // most))
    return [*points[::step], *points[-1:]] if step > 1 else list(points)
