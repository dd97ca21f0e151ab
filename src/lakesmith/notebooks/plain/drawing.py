"""Training rows drawn anew so that classes have other shares, by a hash of the key: the same rows every time."""

# ruff: noqa: TID253 (imported when a notebook is generated)

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def hashed_share(key: list[str], salt: str) -> Column:
    """A number in [0, 1) drawn from the key's values."""
    hashed = F.xxhash64(*[F.col(each).cast("string") for each in key], F.lit(salt))
    return F.shiftrightunsigned(hashed, 11).cast("double") / F.lit(float(2**53))


def by_class(rows: DataFrame, label: str, factor: Callable[[int, list[int]], float]) -> Column:
    """`factor` of the number of rows of the row's class and of all classes."""
    counts = {row[label]: row["count"] for row in rows.groupBy(label).count().collect()}
    column = F.lit(1.0)
    for each, count in counts.items():
        column = F.when(F.col(label) == each, F.lit(float(factor(count, list(counts.values()))))).otherwise(column)
    return column


def oversampled(rows: DataFrame, label: str, key: list[str], share: float, salt: str) -> DataFrame:
    """Rows of the smaller classes repeated until each class has `share` of the largest's number."""
    factor = by_class(rows, label, lambda count, counts: max(1.0, max(counts) * share / count))
    # The whole part of the factor for every row, and once more where the hash is below the rest.
    times = F.floor(factor) + (hashed_share(key, salt) < factor - F.floor(factor)).cast("int")
    return rows.withColumn("copy", F.explode(F.sequence(F.lit(1), times.cast("int")))).drop("copy")


def undersampled(rows: DataFrame, label: str, key: list[str], share: float, salt: str) -> DataFrame:
    """Rows of the larger classes left out until the smallest has `share` of their number."""
    kept = by_class(rows, label, lambda count, counts: min(1.0, min(counts) / share / count))
    return rows.where(hashed_share(key, salt) < kept)
