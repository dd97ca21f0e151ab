"""A digest of all rows of a table that keeps no version of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.columns import quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def fingerprint(table: DataFrame) -> str:
    """`rows N, hash H`, from one pass: equal rows in any order give the same text, other rows another one.

    The sum, over all rows, of two 64-bit hashes of a row's columns (xxHash64, Spark's `xxhash64`); two rows that are
    equal count twice.
    """
    from pyspark.sql import functions as F

    columns = [_hashable(table, name) for name in table.columns]
    hashes = (F.xxhash64(*columns), F.xxhash64(F.lit("lakesmith"), *columns))
    sums = [F.sum(each.cast("decimal(20,0)")).cast("string") for each in hashes]
    row = table.agg(F.count(F.lit(1)).alias("rows"), F.concat_ws(" ", *sums).alias("hash")).first()
    return f"rows {row['rows']}, hash {row['hash'] or 0}" if row is not None else "rows 0, hash 0"


def _hashable(table: DataFrame, name: str) -> Column:
    """The column, maps and variants as their JSON: Spark does not hash them."""
    from pyspark.sql import functions as F

    column, type_ = F.col(quote(name)), table.schema[name].dataType.simpleString()
    return F.to_json(F.struct(column)) if "map<" in type_ or "variant" in type_ else column
