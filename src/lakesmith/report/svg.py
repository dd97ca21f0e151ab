"""Drawing: escaped SVG elements, axes with readable ticks, and the plot area that maps values to pixels.

Colours are classes (`s-blue`, `f-orange`, …) that the style sheet fills for light, dark and print.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from lakesmith.wording import printable, shortened

WIDTH = 460
CHARACTER = 6.9  # width of a 12 px sans-serif character in the widest common font
SERIES = ("blue", "orange", "green", "pink", "sky", "grey")


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """One element; text and attribute values are escaped, `class_` is `class`, `stroke_width` is `stroke-width`."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    opening = " ".join([name, *(f'{key}="{escape(_text(value))}"' for key, value in pairs)])
    inside = Markup("").join(child if isinstance(child, Markup) else escape(printable(child)) for child in children)
    return Markup(f"<{opening}/>") if not children else Markup(f"<{opening}>{inside}</{name}>")


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else _short(value)
    return printable(str(value))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def group(parts: Sequence[str]) -> Markup:
    """The parts, one after the other."""
    return Markup("").join(parts)


def label(x: float, y: float, text: str, class_: str = "", anchor: str = "start", limit: int = 200) -> Markup:
    """Text at a point; a shortened one keeps its full text as a tooltip."""
    shown = shortened(printable(text), limit)
    children = (shown, tag("title", text)) if shown != printable(text) else (shown,)
    return tag("text", *children, x=x, y=y, class_=class_ or None, text_anchor=None if anchor == "start" else anchor)


def upright(y: float, text: str) -> Markup:
    """The name of a vertical axis, read from below, its middle at `y`."""
    turned = f"translate(12 {y:.0f}) rotate(-90)"
    return tag("text", shortened(text, 44), class_="name", text_anchor="middle", transform=turned)


def drawing(height: float, description: str, parts: Sequence[str], width: float = WIDTH) -> Markup:
    """The SVG element with its description for those who cannot see it."""
    return tag("svg", group(parts), viewBox=f"0 0 {width:.0f} {height:.0f}", role="img", aria_label=description)


@dataclass(frozen=True)
class Axis:
    """One axis: its label and the values at its two ends."""

    label: str
    low: float
    high: float
    is_share: bool = False
    is_whole: bool = False

    @property
    def ticks(self) -> list[float]:
        """Four to seven round values within the axis."""
        step = _round_step((self.high - self.low) / 5)
        step = max(1.0, math.ceil(step)) if self.is_whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]

    def words(self, value: float) -> str:
        """A tick's label, with as many decimals as the step needs."""
        step = _round_step((self.high - self.low) / 5)
        if self.is_share:
            digits = max(0, -math.floor(math.log10(step * 100) + 1e-9))
            return f"{value * 100:.{digits}f} %"
        if self.is_whole:
            return f"{value:,.0f}"
        if max(abs(self.low), abs(self.high)) >= 1e7 or step < 1e-5:
            return f"{value:.3g}"
        digits = max(0, math.ceil(-math.log10(step) - 1e-9))
        digits += step * 10**digits % 1 > 1e-6
        return f"{value:,.{digits}f}".replace("-", "−")


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)


def spanning(text: str, values: Sequence[float], *, is_share: bool = False, margin: float = 0.06) -> Axis:
    """An axis just wider than the finite values; a single value gets room on both sides."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    room = (high - low) * margin or max(abs(high) * 0.1, 1e-6)
    return Axis(text, low - room, high + room, is_share=is_share)


@dataclass(frozen=True)
class Plot:
    """The area inside the axes."""

    x: Axis
    y: Axis
    names: tuple[str, ...] = ()
    right: int = 16
    bottom: int = 48
    top: int = field(init=False)
    left: int = field(init=False)
    height: int = field(init=False)

    def __post_init__(self) -> None:
        longest = max((len(self.y.words(tick)) for tick in self.y.ticks), default=3)
        lines = max((line for _, line in _legend_places(self.names)), default=0) + 1
        object.__setattr__(self, "left", int(34 + longest * CHARACTER))
        object.__setattr__(self, "top", 14 + 20 * lines)
        object.__setattr__(self, "height", 300 + 20 * lines)

    def across(self, value: float) -> float:
        """Pixels from the left for a value of the x axis."""
        return self.left + (value - self.x.low) / (self.x.high - self.x.low) * (WIDTH - self.left - self.right)

    def down(self, value: float) -> float:
        """Pixels from the top for a value of the y axis."""
        inside = self.height - self.top - self.bottom
        return self.height - self.bottom - (value - self.y.low) / (self.y.high - self.y.low) * inside

    def axes(self) -> Markup:
        """Grid lines, tick labels and axis labels."""
        base, middle = self.height - self.bottom, (self.top + self.height - self.bottom) / 2
        rows = [
            tag("line", x1=self.left, x2=WIDTH - self.right, y1=self.down(t), y2=self.down(t), class_="grid")
            + label(self.left - 7, self.down(t) + 4, self.y.words(t), "tick", "end")
            for t in self.y.ticks
        ]
        columns = [
            tag("line", x1=self.across(t), x2=self.across(t), y1=base, y2=base + 4, class_="axis")
            + label(self.across(t), base + 17, self.x.words(t), "tick", "middle")
            for t in self.x.ticks
        ]
        names = [
            tag("line", x1=self.left, x2=WIDTH - self.right, y1=base, y2=base, class_="axis"),
            label((self.left + WIDTH - self.right) / 2, self.height - 8, self.x.label, "name", "middle", 64),
            upright(middle, self.y.label),
        ]
        return group([*rows, *columns, *names])

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """Path data through the finite points, without those less than a pixel from the one before."""
        drawn: list[tuple[float, float]] = []
        finite = [(self.across(x), self.down(y)) for x, y in points if math.isfinite(x) and math.isfinite(y)]
        for index, (x, y) in enumerate(finite):
            is_end = index in (0, len(finite) - 1)
            if is_end or max(abs(x - drawn[-1][0]), abs(y - drawn[-1][1])) >= 1:
                drawn.append((x, y))
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) if drawn else ""

    def legend(self, keys: Sequence[Markup]) -> Markup:
        """The names, each after its key: a drawing of at most 20 × 10 px around (10, 0)."""
        places = zip(self.names, keys, _legend_places(self.names), strict=True)
        return group(
            [
                tag("g", key, label(25, 4, name, "legend", limit=30), transform=f"translate({x:.0f} {14 + 20 * line})")
                for name, key, (x, line) in places
            ]
        )


def _legend_places(names: Sequence[str]) -> list[tuple[float, int]]:
    """Pixels from the left and line of each entry, wrapped at the width of the drawing."""
    places, x, line = [], 0.0, 0
    for name in names:
        length = 25 + min(len(name), 30) * CHARACTER
        if x and x + length > WIDTH:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += length + 14
    return places
