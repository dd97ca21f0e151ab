"""Plots by choice: what stands on the axis (keys), what is measured (values), by which group, added up how.

plot(flights, "bar", keys="carrier", values="arr_delay", grouping="origin", aggregation="avg")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError, nearest
from lakesmith.profile.drawings import drawn
from lakesmith.profile.results import Found

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Kind = Literal["bar", "line", "scatter", "box", "histogram"]
Aggregation = Literal["avg", "sum", "count", "min", "max"]
MOST_KEYS, MOST_POINTS, MOST_GROUPS, BINS = 40, 2_000, 6, 30
CHOICES = ("keys", "values", "grouping", "aggregation")
BOX_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Series(Found):
    """One group of a plot: its name ("" for the only one) and its points. A box's are (key, five percentiles)."""

    name: str
    points: tuple[tuple[str | float, tuple[float, ...]], ...]


class Plot(Found):
    """What was counted, and for a notebook its drawing. `note` says what was left out or sampled."""

    kind: Kind
    keys: str | None
    values: str | None
    aggregation: Aggregation
    series: tuple[Series, ...]
    note: str = ""

    @property
    def title(self) -> str:
        """What is drawn, in words."""
        measured = "rows" if self.values is None else self.values
        what = f"{self.aggregation} of {measured}" if self.kind in ("bar", "line") else measured
        return f"{what} by {self.keys}" if self.keys else what

    def svg(self) -> str:
        """The drawing."""
        return drawn(self)

    def _repr_html_(self) -> str:
        return f"<figure>{self.svg()}<figcaption>{self.note}</figcaption></figure>"


def plot(
    frame: DataFrame,
    kind: Kind,
    *,
    keys: str | None = None,
    values: str | None = None,
    grouping: str | None = None,
    aggregation: Aggregation = "avg",
) -> Plot:
    """One plot of `frame`, from at most two Spark actions; exact but for scatter, which draws a sample of rows.

    bar, line: `aggregation` of `values` (rows, for count without values) for each of `keys`, the 40 with most rows.
    box: the 5, 25, 50, 75 and 95 % percentiles of `values` by `keys`. histogram: rows in 30 equal bins of `values`.
    scatter: `keys` against `values`, up to 2,000 rows. `grouping` draws up to six groups apart. Rows without key or
    value are left out. Raises ConfigError for a column that is missing, or one that a kind needs or cannot take.
    """
    _check(frame, kind, keys, values, grouping, aggregation)
    from pyspark.sql import functions as F

    named = F.col(quote(grouping)).cast("string") if grouping is not None else F.lit("")
    value = F.col(quote(values)).cast("double") if values is not None else F.lit(1.0)
    key = F.col(quote(keys)) if keys is not None else F.lit("")
    rows = frame.select(named.alias("group"), key.alias("key"), value.alias("value"))
    rows = rows.where(F.col("group").isNotNull() & F.col("key").isNotNull() & _is_finite(F.col("value")))
    makers = {"bar": _aggregated, "line": _aggregated, "box": _boxes, "histogram": _binned, "scatter": _sampled}
    series, note = makers[kind](rows, aggregation)
    if kind == "line":
        series = tuple(each.model_copy(update={"points": tuple(sorted(each.points))}) for each in series)
    return Plot(kind=kind, keys=keys, values=values, aggregation=aggregation, series=series, note=note)


def plotted(frame: DataFrame, wanted: str) -> Plot:
    """The plot that words ask for: `bar,keys=carrier,values=arr_delay,grouping=origin,aggregation=avg`.

    Raises ConfigError for words that are no choice of a plot.
    """
    kind, *choices = wanted.split(",")
    given: dict[str, str] = {}
    for choice in choices:
        name, is_set, value = choice.partition("=")
        if name not in CHOICES or not is_set:
            raise ConfigError(f"'{choice}' is no choice of a plot", key="--plot", fix=nearest(name, CHOICES))
        given[name] = value
    return plot(frame, kind, **given)  # type: ignore[arg-type]  # checked there, with a list of what may stand


def _check(
    frame: DataFrame, kind: str, keys: str | None, values: str | None, grouping: str | None, aggregation: str
) -> None:
    if kind not in get_args(Kind):
        raise ConfigError(f"'{kind}' is no kind of plot", key="kind", fix=f"Use one of {', '.join(get_args(Kind))}.")
    if aggregation not in get_args(Aggregation):
        fix = f"Use one of {', '.join(get_args(Aggregation))}."
        raise ConfigError(f"'{aggregation}' is no aggregation", key="aggregation", fix=fix)
    names = Names("the table", tuple(frame.columns))
    for field, name in (("keys", keys), ("values", values), ("grouping", grouping)):
        if name is not None:
            names.need(name, key=field)
    if keys is None and kind in ("bar", "line", "scatter"):
        raise ConfigError(f"a {kind} plot needs keys", key="keys", fix="Name the column of the axis.")
    if values is None and (kind in ("scatter", "box", "histogram") or aggregation != "count"):
        raise ConfigError(f"a {kind} plot needs values", key="values", fix="Name the column that is measured.")


def _is_finite(value: Column) -> Column:
    from pyspark.sql import functions as F

    return value.isNotNull() & ~F.isnan(value) & (F.abs(value) < float("inf"))


def _aggregated(rows: DataFrame, aggregation: str) -> tuple[tuple[Series, ...], str]:
    from pyspark.sql import functions as F

    counted = rows.groupBy("group", "key").agg(
        getattr(F, aggregation)("value").cast("double").alias("shown"), F.count(F.lit(1)).alias("rows")
    )
    found = [(row["group"], _plain(row["key"]), float(row["shown"]), row["rows"]) for row in counted.collect()]
    totals: dict[str | float, int] = {}
    for _, key, _, count in found:
        totals[key] = totals.get(key, 0) + count
    kept = sorted(totals, key=lambda key: (-totals[key], str(key)))[:MOST_KEYS]
    place = {key: position for position, key in enumerate(kept)}
    note = f"{len(totals) - len(kept):,} keys with fewer rows are left out" if len(totals) > len(kept) else ""
    points = [(group, key, (shown,)) for group, key, shown, _ in found if key in place]
    return _series(sorted(points, key=lambda point: place[point[1]]), note)


def _boxes(rows: DataFrame, _: str) -> tuple[tuple[Series, ...], str]:
    from pyspark.sql import functions as F

    shares = F.array(*[F.lit(share) for share in BOX_SHARES])
    found = rows.groupBy("group", "key").agg(F.percentile("value", shares).alias("box"), F.count("*").alias("rows"))
    kept = found.orderBy(F.desc("rows"), F.col("key").cast("string"), "group").limit(MOST_KEYS + 1).collect()
    points = [(row["group"], _plain(row["key"]), tuple(row["box"])) for row in kept[:MOST_KEYS]]
    return _series(points, f"the {MOST_KEYS} with most rows" if len(kept) > MOST_KEYS else "")


def _binned(rows: DataFrame, _: str) -> tuple[tuple[Series, ...], str]:
    from pyspark.sql import functions as F

    ends = rows.agg(F.min("value").alias("low"), F.max("value").alias("high")).first()
    if ends is None or ends["low"] is None:
        return (), "no row has a value"
    low, width = ends["low"], (ends["high"] - ends["low"]) / BINS or 1.0
    place = F.least(F.floor((F.col("value") - low) / width), F.lit(BINS - 1)).cast("int")
    counted = rows.groupBy("group", place.alias("bin")).count().collect()
    points = [(row["group"], low + row["bin"] * width, (float(row["count"]), width)) for row in counted]
    return _series(sorted(points, key=lambda point: (point[0], point[1])), "")


def _sampled(rows: DataFrame, _: str) -> tuple[tuple[Series, ...], str]:
    from pyspark.sql import functions as F

    numbers = rows.withColumn("key", F.col("key").cast("double")).where(_is_finite(F.col("key")))
    drawn_rows = numbers.orderBy(F.xxhash64("group", "key", "value")).limit(MOST_POINTS + 1).collect()
    points = [(row["group"], row["key"], (row["value"],)) for row in drawn_rows[:MOST_POINTS]]
    return _series(points, f"a sample of {MOST_POINTS:,} rows" if len(drawn_rows) > MOST_POINTS else "")


def _plain(key: object) -> str | float:
    return float(key) if isinstance(key, int | float) and not isinstance(key, bool) else str(key)


def _series(points: Sequence[tuple[str, str | float, tuple[float, ...]]], note: str) -> tuple[tuple[Series, ...], str]:
    """One series a group, the six with most points; groups beyond them are named in the note."""
    groups: dict[str, list[tuple[str | float, tuple[float, ...]]]] = {}
    for group, key, values in points:
        groups.setdefault(group, []).append((key, values))
    names = sorted(sorted(groups), key=lambda name: -len(groups[name]))
    told = [note] if note else []
    if len(names) > MOST_GROUPS:
        told.append(f"{len(names) - MOST_GROUPS:,} groups are left out")
    return tuple(Series(name=name, points=tuple(groups[name])) for name in names[:MOST_GROUPS]), "; ".join(told)
