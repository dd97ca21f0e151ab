"""A frame as the passes take it: numbers as doubles, texts as strings, whatever else as null or not, and a row hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lakesmith.columns import RESERVED, quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

Sort = Literal["number", "integer", "boolean", "date", "timestamp", "text", "other"]
NUMERIC: tuple[Sort, ...] = ("number", "integer", "boolean", "date", "timestamp")
HASH = f"{RESERVED}hash"


@dataclass(frozen=True)
class Prepared:
    """`frame` has the columns c0, c1, … in the order of `names` (numbers, texts, others) and HASH."""

    frame: DataFrame
    names: tuple[str, ...]
    sorts: tuple[Sort, ...]
    types: tuple[str, ...]

    @property
    def numbers(self) -> int:
        """How many columns are numbers."""
        return sum(sort in NUMERIC for sort in self.sorts)

    @property
    def texts(self) -> int:
        """How many columns are texts."""
        return self.sorts.count("text")


def prepared(frame: DataFrame) -> Prepared:
    """The frame for the passes; lazy. Dates and timestamps are seconds since 1970 UTC, booleans 0 and 1."""
    from pyspark.sql import functions as F

    fields = [(each.name, sort_of(each.dataType), each.dataType) for each in frame.schema.fields]
    order = [*[each for each in fields if each[1] in NUMERIC], *[each for each in fields if each[1] == "text"]]
    order += [each for each in fields if each[1] == "other"]
    columns = [_value(F.col(quote(name)), sort).alias(f"c{i}") for i, (name, sort, _) in enumerate(order)]
    hashed = [F.col(quote(name)) for name, sort, _ in order if sort != "other"] or [F.lit(0)]
    # A hash passes over nulls; with these it sees which columns they stand in.
    hashed += [each.isNull() for each in hashed]
    return Prepared(
        frame.select(*columns, F.xxhash64(*hashed).alias(HASH)),
        tuple(name for name, _, _ in order),
        tuple(sort for _, sort, _ in order),
        tuple(type_.simpleString() for _, _, type_ in order),
    )


def sort_of(type_: DataType) -> Sort:
    """What a column of this type is to a profile."""
    from pyspark.sql import types as t

    sorts: tuple[tuple[tuple[type[DataType], ...], Sort], ...] = (
        ((t.ByteType, t.ShortType, t.IntegerType, t.LongType), "integer"),
        ((t.FloatType, t.DoubleType, t.DecimalType), "number"),
        ((t.BooleanType,), "boolean"),
        ((t.DateType,), "date"),
        ((t.TimestampType, t.TimestampNTZType), "timestamp"),
        ((t.StringType, t.CharType, t.VarcharType), "text"),
    )
    return next((sort for types, sort in sorts if isinstance(type_, types)), "other")


def _value(column: Column, sort: Sort) -> Column:
    from pyspark.sql import functions as F

    if sort in ("number", "integer"):
        return column.cast("double")
    if sort == "boolean":
        return column.cast("int").cast("double")
    if sort in ("date", "timestamp"):
        return F.unix_micros(column.cast("timestamp")) / 1e6
    if sort == "text":
        return column.cast("string")
    return F.when(column.isNotNull(), F.lit(True))
