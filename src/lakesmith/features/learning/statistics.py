"""Statistics of many columns from one aggregate: as many Spark jobs for 2,000 columns as for two."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, MapType, StructType, UserDefinedType

from lakesmith.columns import RESERVED, quote
from lakesmith.features.drafts import MISSING

# More expressions than this in one aggregate and Spark's planning takes longer than the work: then in long form.
WIDEST = 500
# Exact quantiles keep every distinct value in memory; with more rows than this a sample of about so many is used.
EXACT_ROWS = 1_000_000

Aggregates = Callable[[Column], Mapping[str, Column]]


def per_column(frame: DataFrame, columns: Sequence[str], aggregates: Aggregates) -> list[dict[str, Any]]:
    """The aggregates of each column, in the order of `columns`; all of them of one type. One Spark action.

    A frame without rows gives null for every aggregate but counts, which may be null too.
    """
    names = list(aggregates(F.lit(None)))
    if len(columns) * len(names) <= WIDEST:
        wide = [
            aggregate.alias(f"{name}_{position}")
            for position, column in enumerate(columns)
            for name, aggregate in aggregates(F.col(quote(column))).items()
        ]
        row = cast("Any", frame.agg(*wide).first())
        return [{name: row[f"{name}_{position}"] for name in names} for position in range(len(columns))]
    values = F.posexplode(F.array(*[F.col(quote(column)) for column in columns])).alias("position", "value")
    found = (
        frame.select(values)
        .groupBy("position")
        .agg(*[aggregate.alias(name) for name, aggregate in aggregates(F.col("value")).items()])
    )
    by_position = {row["position"]: row.asDict() for row in found.collect()}
    return [by_position.get(position, dict.fromkeys(names)) for position in range(len(columns))]


@dataclass(frozen=True)
class Moments:
    """Count of values, their mean and standard deviation (n − 1); NaN where there are too few values.

    Mean and deviation are rounded to ten significant digits: the order in which partitions are summed shows in the
    sixteenth.
    """

    count: int
    mean: float
    stddev: float


def moments(frame: DataFrame, columns: Sequence[str]) -> list[Moments]:
    """The moments of each double column, nulls left out."""
    found = per_column(
        frame,
        columns,
        lambda value: {"count": F.count(value), "mean": F.avg(value), "stddev": F.stddev_samp(value)},
    )
    return [Moments(each["count"] or 0, rounded(each["mean"]), rounded(each["stddev"])) for each in found]


def quantiles(frame: DataFrame, columns: Sequence[str], shares: Sequence[float]) -> list[list[float]]:
    """The quantiles of each double column at `shares`, nulls left out; [] for a column without values.

    Exact (linear between neighbours, as numpy's default) up to EXACT_ROWS rows, whatever the partitions. With more
    rows those of a sample of about EXACT_ROWS, chosen by a hash of the row's own values.
    """
    sampled = sample(frame, EXACT_ROWS)
    probabilities = F.array(*[F.lit(float(share)) for share in shares])
    found = per_column(sampled, columns, lambda value: {"values": F.percentile(value, probabilities)})
    return [list(each["values"] or ()) for each in found]


def extremes(frame: DataFrame, columns: Sequence[str]) -> list[tuple[float, float] | None]:
    """The least and the largest value of each double column; None for a column without values."""
    found = per_column(frame, columns, lambda value: {"least": F.min(value), "largest": F.max(value)})
    return [None if each["least"] is None else (each["least"], each["largest"]) for each in found]


@dataclass(frozen=True)
class Categories:
    """The most frequent values of a column with their row counts (ties: the lesser number or text first), and how
    many different values there are. Null, and MISSING which stands for it, is no value."""

    values: tuple[tuple[str, int], ...]
    distinct: int
    rows: int
    nulls: int

    @property
    def kept_rows(self) -> int:
        """Rows whose value is among `values`."""
        return sum(rows for _, rows in self.values)


def categories(frame: DataFrame, columns: Sequence[str], most: int) -> list[Categories]:
    """The `most` most frequent values of each column, as strings. One Spark action, in long form always: the driver
    gets `most` + 1 rows a column however many values there are."""
    pairs = [
        F.struct(F.lit(position).alias("position"), _value(column).alias("value"))
        for position, column in enumerate(columns)
    ]
    counts = frame.select(F.explode(F.array(*pairs)).alias("pair")).groupBy("pair.position", "pair.value").count()
    whole = Window.partitionBy("position")
    # Null comes first, so that its count is there whatever the cap.
    order = [F.col("value").isNotNull(), F.desc("count"), F.expr("try_cast(value AS DOUBLE)"), F.col("value")]
    ranked = counts.select(
        "position",
        "value",
        "count",
        F.row_number().over(whole.orderBy(*order)).alias("rank"),
        F.sum("count").over(whole).alias("rows"),
        F.count("value").over(whole).alias("distinct"),
    )
    found: list[list[Any]] = [[] for _ in columns]
    for row in ranked.where(F.col("rank") <= most + 1).orderBy("position", "rank").collect():
        found[row["position"]].append(row)
    return [_categories(each, most) for each in found]


def _value(column: str) -> Column:
    return F.nullif(F.col(quote(column)).cast("string"), F.lit(MISSING))


def _categories(rows: Sequence[Any], most: int) -> Categories:
    if not rows:
        return Categories((), 0, 0, 0)
    values = tuple((row["value"], row["count"]) for row in rows if row["value"] is not None)
    nulls = sum(row["count"] for row in rows if row["value"] is None)
    return Categories(values[:most], rows[0]["distinct"], rows[0]["rows"], nulls)


def sample(frame: DataFrame, most: int) -> DataFrame:
    """The rows, or about `most` of them where there are more, chosen by a hash of the row's own values."""
    count = frame.count()
    if count <= most:
        return frame
    no_hash = (MapType, ArrayType, StructType, BinaryType, UserDefinedType)
    plain = [each.name for each in frame.schema.fields if not isinstance(each.dataType, no_hash)]
    own = [name for name in plain if not name.startswith(RESERVED)] or plain
    drawn = F.shiftrightunsigned(F.xxhash64(*[F.col(quote(name)) for name in own], F.lit("quantiles")), 11)
    return frame.where(drawn < int(2**53 * (most / count)))


def rounded(value: float | None) -> float:
    """The value at ten significant digits, so that the order of sums does not show; NaN where there is none."""
    return float(f"{value:.10g}") if value is not None and math.isfinite(value) else math.nan
