"""Repeated rows, and rows and entities that stand on both sides of a split: one aggregate each, by hash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakesmith.profile.plan import Asked
from lakesmith.profile.prepared import HASH, Prepared
from lakesmith.profile.results import ColumnProfile
from lakesmith.profile.suspicions import Repeats

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

MOST_ENTITIES = 5
ENTITY_SHARES = (0.002, 0.6)  # different values among rows, of a column that may name an entity
FEWEST_ENTITIES = 30
ORDERED = 0.3  # association of neighbouring numbers with the label from which a number is an amount, not a name


def duplicate_rows(table: Prepared) -> int:
    """Rows that repeat an earlier one in every column that can be hashed (64 bits)."""
    from pyspark.sql import functions as F

    groups = table.frame.groupBy(HASH).count()
    row = groups.agg(F.sum("count").alias("rows"), F.count(F.lit(1)).alias("groups")).first()
    return int((row["rows"] or 0) - row["groups"]) if row is not None else 0


def repeats(table: Prepared, columns: Sequence[ColumnProfile], asked: Asked, aside: Sequence[str]) -> Repeats:
    """What train and test have in common; `aside` are columns a row's content is compared without: key, split."""
    from pyspark.sql import functions as F

    if asked.part is None:
        return Repeats()
    entities = _entities(columns, (*aside, asked.label, asked.part, asked.time))
    content = [
        n for n, name in enumerate(table.names) if name not in (*aside, asked.part) and table.sorts[n] != "other"
    ]
    values = [F.col(f"c{n}") for n in content]
    hashes = [F.xxhash64(*values, *[each.isNull() for each in values]) if content else F.lit(None).cast("bigint")]
    for name in entities:
        column = F.col(f"c{table.names.index(name)}")
        hashes.append(F.when(column.isNotNull(), F.xxhash64(column)))
    entries = [F.struct(F.lit(n).alias("n"), each.alias("hash")) for n, each in enumerate(hashes)]
    part = F.col(f"c{table.names.index(asked.part)}")
    rows = table.frame.where(part.isin("train", "test")).select(
        (part == "test").cast("int").alias("is_test"), _label(table, columns, asked).alias("y"),
        F.explode(F.array(*entries)).alias("entry"),
    )  # fmt: skip
    found = {row["n"]: row for row in _shared(rows).collect()}
    if 0 not in found:
        return Repeats()
    told = [(name, int(found[n]["shared"]), _ratio(found[n])) for n, name in enumerate(entities, 1)]
    return Repeats(int(found[0]["test"]), int(found[0]["shared"]), tuple(told))


def _shared(rows: DataFrame) -> DataFrame:
    """Per column of hashes: test rows, those whose hash training rows have too, and the label's sums by hash."""
    from pyspark.sql import functions as F

    y = F.col("y")
    groups = rows.groupBy("entry.n", "entry.hash").agg(
        F.sum("is_test").alias("test"), F.count_if(F.col("is_test") == 0).alias("train"),
        F.count(y).alias("known"), F.sum(y).alias("total"), F.sum(y * y).alias("square"),
    )  # fmt: skip
    is_shared = (F.col("train") > 0) & F.col("hash").isNotNull()
    has_label = F.col("known") > 0
    within = F.col("square") - F.col("total") * F.col("total") / F.col("known")
    return groups.groupBy("n").agg(
        F.sum("test").alias("test"), F.sum(F.when(is_shared, F.col("test")).otherwise(0)).alias("shared"),
        F.count_if(has_label).alias("groups"), F.sum("known").alias("known"), F.sum("total").alias("total"),
        F.sum("square").alias("square"), F.sum(F.when(has_label, within)).alias("within"),
    )  # fmt: skip


def _ratio(row: Row) -> float:
    """The correlation ratio of label and entity, corrected for the number of entities; 0 where it is undefined."""
    n, groups = row["known"], row["groups"]
    whole = (row["square"] or 0.0) - (row["total"] or 0.0) ** 2 / n if n else 0.0
    if n <= groups or whole <= 0:
        return 0.0
    return math.sqrt(max(1 - max(row["within"], 0.0) / (n - groups) / (whole / (n - 1)), 0.0))


def _entities(columns: Sequence[ColumnProfile], aside: Sequence[str | None]) -> list[str]:
    """Texts and whole numbers whose values come back, but not often: those with the most values first. Numbers whose
    order tells of the label count something, and name nothing."""
    low, high = ENTITY_SHARES
    able = [
        each
        for each in columns
        if each.name not in aside
        and each.sort in ("text", "integer")
        and each.distinct is not None
        and max(low * each.values, FEWEST_ENTITIES) <= each.distinct < high * each.values
        and (each.sort == "text" or each.association is None or each.association.strength < ORDERED)
    ]
    return [each.name for each in sorted(able, key=lambda each: -(each.distinct or 0))][:MOST_ENTITIES]


def _label(table: Prepared, columns: Sequence[ColumnProfile], asked: Asked) -> Column:
    """The label as a number near 0: centred, or whether it is the most frequent text."""
    from pyspark.sql import functions as F

    if asked.label is None:
        return F.lit(None).cast("double")
    place = table.names.index(asked.label)
    column, told = F.col(f"c{place}"), columns[place]
    if told.sort == "text":
        return (column == (told.top[0][0] if told.top else "")).cast("double")
    if told.mean is None:
        return F.lit(None).cast("double")
    return F.when(~F.isnan(column), (column - told.mean) / (told.stddev or 1.0))
