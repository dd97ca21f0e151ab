"""Frames of facts: totals turned into rows, and keys that repeat, with up to five examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lakesmith.columns import quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

EXAMPLES = 5
COUNT = "_lakesmith_count"


def told(totals: DataFrame) -> DataFrame:
    """The columns of a one-row frame of counts as one fact each."""
    from pyspark.sql import functions as F

    rows = [
        F.struct(
            F.lit(name).alias("fact"),
            F.col(quote(name)).cast("bigint").alias("number"),
            F.lit(None).cast("string").alias("example"),
        )
        for name in totals.columns
    ]
    return totals.select(F.inline(F.array(*rows)))


def examples_of(counted: DataFrame, keys: Mapping[str, str]) -> DataFrame:
    """The keys that occur most often, if more than once, as `repeated` facts; `keys`: column → how a reader knows it.

    `counted` has one row per key with its rows in COUNT. The order is the same for any partitioning.
    """
    from pyspark.sql import functions as F

    text = key_text(keys).alias("example")
    repeated = counted.where(F.col(COUNT) > 1)
    repeated = repeated.select(F.lit("repeated").alias("fact"), F.col(COUNT).alias("number"), text)
    return repeated.orderBy(F.desc("number"), "example").limit(EXAMPLES)


def key_text(keys: Mapping[str, str]) -> Column:
    """A key as people read it: `origin=EWR, time_hour=2013-11-03 05:00:00`; a null value is written null."""
    from pyspark.sql import functions as F

    parts = [
        F.concat(F.lit(f"{known}="), F.coalesce(F.col(quote(column)).cast("string"), F.lit("null")))
        for column, known in keys.items()
    ]
    return F.concat_ws(", ", *parts)
