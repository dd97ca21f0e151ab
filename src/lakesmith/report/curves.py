"""Charts with two measured axes: lines, bubbles, trials over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lakesmith.report.svg import SERIES, WIDTH, Axis, Plot, drawing, group, label, spanning, tag

Point = tuple[float, float]
LARGEST_BUBBLES = 1500


@dataclass(frozen=True)
class Line:
    """One line: its name, its points, its look (`blue`, `orange dashed`, `grey dotted` …) and marked points."""

    name: str
    points: Sequence[Point]
    look: str = "blue"
    sizes: Sequence[float] | None = None

    def draw(self, plot: Plot) -> Markup:
        """The line, and a marker per point where sizes are given."""
        line = tag("path", d=plot.path(self.points), class_=f"line {_stroke(self.look)}")
        dots = [
            tag("circle", cx=plot.across(x), cy=plot.down(y), r=float(radius), class_=f"f-{self.look.split()[0]}")
            for (x, y), radius in zip(self.points, self.sizes or (), strict=False)
            if math.isfinite(x) and math.isfinite(y)
        ]
        return group([line, *dots])

    @property
    def key(self) -> Markup:
        """The line's sample for a legend."""
        return tag("path", d="M0 0H20", class_=f"line {_stroke(self.look)}")


def _stroke(look: str) -> str:
    colour, *pattern = look.split()
    return " ".join([f"s-{colour}", *pattern])


def line_chart(
    lines: Sequence[Line], x: Axis, y: Axis, description: str, marks: Sequence[tuple[float, float, str]] = ()
) -> Markup:
    """Lines over one another, with a legend and points called out by name."""
    shown = [line for line in lines if line.points]
    plot = Plot(x, y, tuple(line.name for line in shown))
    drawn = [line.draw(plot) for line in shown]
    keys = plot.legend([line.key for line in shown])
    called = [_mark(plot, *mark) for mark in marks]
    return drawing(plot.height, description, [plot.axes(), *drawn, *called, keys])


def _mark(plot: Plot, x: float, y: float, text: str) -> Markup:
    across, down = plot.across(x), plot.down(y)
    is_right = across > WIDTH * 0.62
    return group(
        [
            tag("circle", cx=across, cy=down, r=5, class_="mark"),
            label(
                across + (-10 if is_right else 10), down + 16, text, "value halo", "end" if is_right else "start", 40
            ),
        ]
    )


def gap_chart(lower: Line, upper: Line, at: float | None, text: str, x: Axis, description: str) -> Markup:
    """Two cumulative lines and the widest gap between them."""
    plot = Plot(x, Axis("share of the class at or below", 0, 1, is_share=True), (lower.name, upper.name))
    parts = [plot.axes(), lower.draw(plot), upper.draw(plot)]
    if at is not None:
        heights = [min(line.points, key=lambda point: abs(point[0] - at))[1] for line in (lower, upper)]
        across, downs = plot.across(at), [plot.down(height) for height in heights]
        is_right = across > WIDTH * 0.62
        parts.append(tag("line", x1=across, x2=across, y1=downs[0], y2=downs[1], class_="gap"))
        side, anchor = (-8.0, "end") if is_right else (8.0, "start")
        parts.append(label(across + side, sum(downs) / 2 + 4, text, "value halo", anchor, 40))
    keys = plot.legend([lower.key, upper.key])
    return drawing(plot.height, description, [*parts, keys])


def bubble_chart(points: Sequence[tuple[float, float, int]], x_label: str, y_label: str, description: str) -> Markup:
    """Bubbles whose area is their row count, on equal axes with the diagonal where both are the same."""
    largest = sorted(points, key=lambda point: -point[2])[:LARGEST_BUBBLES]
    ends = [value for x, y, _ in largest for value in (x, y)]
    x, y = spanning(x_label, ends, margin=0.03), spanning(y_label, ends, margin=0.03)
    plot, most = Plot(x, y, ("rows (area)", "prediction = actual")), max((rows for *_, rows in largest), default=1)
    bubbles = [
        tag("circle", cx=plot.across(px), cy=plot.down(py), r=1.2 + 9 * math.sqrt(rows / most), class_="bubble")
        for px, py, rows in largest
    ]
    diagonal = Line("", [(x.low, x.low), (x.high, x.high)], "grey dotted")
    keys = plot.legend([tag("circle", cx=12, cy=0, r=6, class_="bubble"), diagonal.key])
    return drawing(plot.height, description, [plot.axes(), *bubbles, diagonal.draw(plot), keys])


@dataclass(frozen=True)
class Dot:
    """One trial: its number, value, the span of its fold values, and the family that gives its colour and shape."""

    number: int
    value: float
    family: str
    span: tuple[float, float] | None = None
    is_chosen: bool = False


def dot_chart(dots: Sequence[Dot], failed: Sequence[int], y: Axis, best: Sequence[Point], description: str) -> Markup:
    """Trials in the order they started, the best so far as a stepped line, failed ones on the lower edge."""
    numbers = [dot.number for dot in dots] + list(failed)
    families = sorted({dot.family for dot in dots})
    looks = {family: (SERIES[index % 5], index % 4) for index, family in enumerate(families)}
    names = (*families, "best so far", *(["no value"] if failed else []))
    plot = Plot(Axis("trial", min(numbers) - 0.5, max(numbers) + 0.5, is_whole=True), y, names)
    parts = [plot.axes(), tag("path", d=plot.path(best), class_="line s-grey thin")]
    parts += [_trial(plot, dot, looks[dot.family]) for dot in dots]
    parts += [_cross(plot.across(number), plot.height - plot.bottom - 6) for number in failed]
    keys = [_shape(10, 0, *looks[family]) for family in families]
    keys += [tag("path", d="M0 0H20", class_="line s-grey thin"), *([_cross(10, 0)] if failed else [])]
    return drawing(plot.height, description, [*parts, plot.legend(keys)])


def _trial(plot: Plot, dot: Dot, look: tuple[str, int]) -> Markup:
    x, y = plot.across(dot.number), plot.down(dot.value)
    parts = []
    if dot.span is not None:
        ends = (plot.down(dot.span[0]), plot.down(dot.span[1]))
        parts.append(tag("line", x1=x, x2=x, y1=ends[0], y2=ends[1], class_=f"whisker s-{look[0]}"))
    if dot.is_chosen:
        parts.append(tag("circle", cx=x, cy=y, r=9, class_="ring"))
    return group([*parts, _shape(x, y, *look)])


def _shape(x: float, y: float, colour: str, shape: int) -> Markup:
    if shape == 0:
        return tag("circle", cx=x, cy=y, r=4.5, class_=f"f-{colour}")
    corners = {
        1: ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        2: ((0, -5.5), (5, 4), (-5, 4)),
        3: ((0, -6), (5, 0), (0, 6), (-5, 0)),
    }[shape]
    return tag("path", d="M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "Z", class_=f"f-{colour}")


def _cross(x: float, y: float) -> Markup:
    d = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
    return tag("path", d=d, class_="line s-vermilion thin")
