"""Charts with one measured axis: bars, stacked flows, histograms, intervals, heat maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lakesmith.report.svg import CHARACTER, WIDTH, Axis, Plot, drawing, group, label, spanning, tag, upright
from lakesmith.wording import count, decimal, share, shortened


def bar_chart(values: Sequence[tuple[str, float]], axis: str, description: str) -> Markup:
    """Horizontal bars with their names on the left and their shares at the end."""
    left = min(190.0, 14 + max(len(name) for name, _ in values) * CHARACTER)
    room, longest = WIDTH - left - 56, max((value for _, value in values), default=0) or 1
    parts: list[Markup] = []
    for index, (name, value) in enumerate(values):
        y = 6 + index * 22
        length = max(value / longest * room, 1.0)
        parts.append(label(left - 8, y + 12, name, "tick", "end", int(left / CHARACTER) - 1))
        parts.append(tag("rect", x=left, y=y, width=length, height=15, rx=2, class_="f-blue"))
        parts.append(label(left + length + 6, y + 12, share(value), "value"))
    bottom = 6 + len(values) * 22
    parts.append(tag("line", x1=left, x2=left, y1=2, y2=bottom, class_="axis"))
    parts.append(label(left, bottom + 14, axis, "name", limit=60))
    return drawing(bottom + 20, description, parts)


@dataclass(frozen=True)
class Segment:
    """One part of a flow row."""

    name: str
    rows: int
    look: str


@dataclass(frozen=True)
class FlowRow:
    """One stage of the flow: what its rows became."""

    name: str
    segments: tuple[Segment, ...]


def flow_chart(rows: Sequence[FlowRow], description: str) -> Markup:
    """One bar per stage on one scale of rows, its parts named above it with a key and their counts."""
    most = max((sum(part.rows for part in row.segments) for row in rows), default=0) or 1
    parts: list[Markup] = []
    for index, row in enumerate(rows):
        top = 4 + index * 58
        parts.append(label(0, top + 14, row.name, "strong"))
        parts.append(_flow_keys(row.segments, top + 14))
        x = 0.0
        for part in row.segments:
            length = part.rows / most * WIDTH
            if part.rows:
                shown = max(length - 1, 1.5)
                parts.append(tag("rect", x=x, y=top + 22, width=shown, height=20, rx=2, class_=f"f-{part.look}"))
            x += length
    return drawing(len(rows) * 58, description, parts)


def _flow_keys(segments: Sequence[Segment], y: float) -> Markup:
    # one text, so that the browser and not an estimate places the coloured squares
    parts = [
        tag("tspan", "■", class_=f"f-{part.look}", dx=0 if index == 0 else 12)
        + tag("tspan", f" {count(part.rows)} {shortened(part.name, 20)}")
        for index, part in enumerate(segments)
    ]
    return tag("text", *parts, x=WIDTH, y=y, class_="value", text_anchor="end")


def histogram(
    bins: Sequence[tuple[float, float, float, float]], names: tuple[str, str], x_label: str, description: str
) -> Markup:
    """Two overlaid outlines; a bin is (low, high, share of the first class, share of the second)."""
    tallest = max((max(first, second) for _, _, first, second in bins), default=0) or 1
    y = Axis("share of the class's rows", 0, tallest * 1.05, is_share=True)
    plot = Plot(Axis(x_label, bins[0][0], bins[-1][1]), y, names)
    parts = [plot.axes()]
    keys = []
    for index, look in enumerate(("grey", "blue")):
        outline = [(edge, each[2 + index]) for each in bins for edge in each[:2]]
        closed = [(bins[0][0], 0.0), *outline, (bins[-1][1], 0.0)]
        parts.append(tag("path", d=plot.path(closed) + "Z", class_=f"area f-{look}"))
        parts.append(tag("path", d=plot.path(outline), class_=f"line thin s-{look}"))
        keys.append(tag("rect", x=4, y=-5, width=14, height=10, rx=2, class_=f"edged f-{look} s-{look}"))
    return drawing(plot.height, description, [*parts, plot.legend(keys)])


@dataclass(frozen=True)
class Estimate:
    """A value with its interval: one row of an interval chart."""

    name: str
    value: float
    interval: tuple[float, float] | None
    look: str


def interval_chart(blocks: Sequence[tuple[str, Sequence[Estimate]]], description: str) -> Markup:
    """Blocks of rows, each block under its heading and on an axis of its own; one dot with its whiskers a row."""
    parts: list[Markup] = []
    y = 0.0
    for heading, rows in blocks:
        drawn, height = _interval_block(heading, rows, y)
        parts.append(drawn)
        y += height + 22
    return drawing(y - 22, description, parts)


def _interval_block(heading: str, rows: Sequence[Estimate], top: float) -> tuple[Markup, float]:
    ends = [value for row in rows for value in (row.value, *(row.interval or ()))]
    scale, left, right = spanning("", ends, margin=0.1), 84.0, WIDTH - 62.0

    def across(value: float) -> float:
        return left + (value - scale.low) / (scale.high - scale.low) * (right - left)

    base = top + 26 + 28 * len(rows)
    ticks = [
        tag("line", x1=across(t), x2=across(t), y1=top + 24, y2=base, class_="grid")
        + label(across(t), base + 16, scale.words(t), "tick", "middle")
        for t in scale.ticks
    ]
    lines = [_estimate(row, across, top + 40 + 28 * index, right) for index, row in enumerate(rows)]
    axis = tag("line", x1=left, x2=right, y1=base, y2=base, class_="axis")
    return group([label(0, top + 13, heading, "name", limit=70), *ticks, axis, *lines]), 26 + 28 * len(rows) + 20


def _estimate(row: Estimate, across: Callable[[float], float], y: float, right: float) -> Markup:
    parts = [label(0, y + 4, row.name, "strong")]
    if row.interval is not None:
        x1, x2 = across(row.interval[0]), across(row.interval[1])
        ends = f"M{x1:.1f} {y - 5:.1f}v10M{x2:.1f} {y - 5:.1f}v10M{x1:.1f} {y:.1f}H{x2:.1f}"
        parts.append(tag("path", d=ends, class_=f"line s-{row.look}"))
    if math.isfinite(row.value):
        parts.append(tag("circle", cx=across(row.value), cy=y, r=5.5, class_=f"f-{row.look}"))
    parts.append(label(right + 10, y + 4, decimal(row.value), "strong"))
    return group(parts)


def heat_map(classes: Sequence[str], counts: Sequence[Sequence[int]], description: str) -> Markup:
    """Actual classes down, predicted across; a cell's shade is its share of the actual class, its text the rows."""
    left = min(130.0, 34 + max(len(name) for name in classes) * CHARACTER)
    side = (WIDTH - left) / len(classes)
    tall = min(side, 84.0)
    parts = [
        label(left + (WIDTH - left) / 2, 14, "predicted", "name", "middle"),
        upright(34 + tall * len(classes) / 2, "actual"),
    ]
    letters = max(int(side / CHARACTER) - 1, 2)
    for index, name in enumerate(classes):
        parts.append(label(left + side * (index + 0.5), 32, name, "tick", "middle", letters))
        parts.append(label(left - 7, 44 + tall * (index + 0.5), name, "tick", "end", int((left - 28) / CHARACTER)))
    for row, line in enumerate(counts):
        total = sum(line) or 1
        parts += [
            _cell(left + side * column, 40 + tall * row, side, tall, rows, rows / total)
            for column, rows in enumerate(line)
        ]
    return drawing(42 + tall * len(classes), description, parts)


def _cell(x: float, y: float, wide: float, tall: float, rows: int, part: float) -> Markup:
    # never so dark that ink is hard to read on it
    shade = f"{0.05 + 0.57 * part:.2f}"
    parts = [tag("rect", x=x + 1, y=y + 1, width=wide - 2, height=tall - 2, rx=2, class_="heat", fill_opacity=shade)]
    if len(count(rows)) * CHARACTER < wide - 4:
        is_tall = tall > 40
        parts.append(label(x + wide / 2, y + tall / 2 + (-1 if is_tall else 4), count(rows), "strong", "middle"))
        if is_tall:
            parts.append(label(x + wide / 2, y + tall / 2 + 15, share(part), "", "middle"))
    return group(parts)
