"""Plots as SVG, on the report's axes and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from lakesmith.report.svg import SERIES, Axis, Plot, drawing, group, label, spanning, tag

if TYPE_CHECKING:
    from lakesmith.profile import plots

STYLE = "text{font:12px sans-serif}.grid{stroke:#ddd}.axis{stroke:#888}.line{fill:none;stroke-width:2}" + "".join(
    f".f-{name}{{fill:{colour}}}.s-{name}{{stroke:{colour}}}"
    for name, colour in zip(SERIES, ("#0067a8", "#d98200", "#00805c", "#b45f93", "#5fb0e0", "#868b90"), strict=True)
)


def drawn(plot: plots.Plot) -> Markup:
    """The drawing with its own style, so that it can stand in any page; empty axes where there is nothing."""
    names = tuple(each.name for each in plot.series) if len(plot.series) > 1 else ()
    keys = list(dict.fromkeys(key for each in plot.series for key, _ in each.points))
    is_named = plot.kind in ("bar", "box") or not all(isinstance(key, float) for key in keys)
    place = {key: float(i) for i, key in enumerate(sorted(keys, key=str) if plot.kind == "line" else keys)}
    x = Axis("", -0.5, max(len(keys), 1) - 0.5) if is_named else spanning(plot.keys or plot.values or "", _floats(keys))
    heights = [value for each in plot.series for _, values in each.points for value in _heights(plot.kind, values)]
    is_from_zero = plot.kind in ("bar", "histogram")
    area = Plot(x, spanning(plot.title, [*heights, *([0.0] if is_from_zero else [])]), names)
    parts = [_axes(area, keys if is_named else None)]
    for number, series in enumerate(plot.series):
        at = [(place[key] if is_named else float(key), values) for key, values in series.points]
        parts.append(_marks(plot.kind, area, at, number, len(plot.series)))
    keys_of = [tag("rect", x=4, y=-5, width=12, height=10, class_=f"f-{colour}") for colour in SERIES]
    parts.append(area.legend(keys_of[: len(names)]))
    return drawing(area.height, plot.title, [tag("style", Markup(STYLE)), *parts])


def _floats(keys: list[str | float]) -> list[float]:
    return [float(key) for key in keys]


def _heights(kind: str, values: tuple[float, ...]) -> tuple[float, ...]:
    return values[:1] if kind == "histogram" else values


def _axes(area: Plot, names: list[str | float] | None) -> Markup:
    """The area's axes, or with the keys' names below where they are no numbers: as many as have room."""
    if names is None:
        return area.axes()
    plain = Plot(Axis(area.x.label, area.x.low, area.x.high), area.y, area.names)
    base, step = plain.height - plain.bottom, max(1, len(names) // 12 + 1)
    rows = [
        tag("line", x1=plain.left, x2=444, y1=plain.down(t), y2=plain.down(t), class_="grid")
        + label(plain.left - 7, plain.down(t) + 4, plain.y.words(t), "tick", "end")
        for t in plain.y.ticks
    ]
    columns = [
        label(plain.across(i), base + 17, _told(name), "tick", "middle", 11)
        for i, name in enumerate(names)
        if i % step == 0
    ]
    return group([*rows, *columns, tag("line", x1=plain.left, x2=444, y1=base, y2=base, class_="axis")])


def _told(name: str | float) -> str:
    return f"{name:g}" if isinstance(name, float) else name


def _marks(kind: str, area: Plot, at: list[tuple[float, tuple[float, ...]]], number: int, of: int) -> Markup:
    colour = SERIES[number]
    if kind == "line":
        path = area.path([(x, values[0]) for x, values in sorted(at)])
        return tag("path", d=path, class_=f"line s-{colour}")
    if kind == "scatter":
        dots = [tag("circle", cx=area.across(x), cy=area.down(v[0]), r=2, class_=f"f-{colour}") for x, v in at]
        return group(dots)
    if kind == "box":
        return group([_box(area, x + (number - (of - 1) / 2) * 0.8 / of, values, 0.3 / of, colour) for x, values in at])
    bars = []
    for x, values in at:
        left, width = (x - 0.4 + number * 0.8 / of, 0.8 / of) if kind == "bar" else (x, values[1] * 0.95)
        top, bottom = sorted((area.down(values[0]), area.down(max(area.y.low, 0.0))))
        size = max(area.across(left + width) - area.across(left), 0.5)
        bars.append(tag("rect", x=area.across(left), y=top, width=size, height=bottom - top, class_=f"f-{colour}",
                        opacity=0.6 if of > 1 and kind == "histogram" else None))  # fmt: skip
    return group(bars)


def _box(area: Plot, x: float, values: tuple[float, ...], half: float, colour: str) -> Markup:
    low, first, middle, third, high = (area.down(value) for value in values)
    left, right, centre = area.across(x - half), area.across(x + half), area.across(x)
    return group(
        [
            tag("line", x1=centre, x2=centre, y1=low, y2=high, class_=f"s-{colour}"),
            tag("rect", x=left, y=third, width=right - left, height=first - third, class_=f"f-{colour}", opacity=0.6),
            tag("line", x1=left, x2=right, y1=middle, y2=middle, class_=f"s-{colour}", stroke_width=2),
        ]
    )
