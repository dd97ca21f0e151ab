"""The shape of gold: column types a model signature can name, and a digest of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.columns import RESERVED, quote
from lakesmith.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

# One decimal or timestamp_ntz column turns a whole MLflow signature into `Any`; tinyint and smallint are not in it
# at all. A float column would refuse the doubles that every client sends, a double column takes both.
WIDENED = {
    "decimal": "double",  # without decimals and within 18 digits: bigint, which keeps every digit of an id
    "float": "double",
    "byte": "int",
    "short": "int",
    "timestamp_ntz": "timestamp",
    "varchar": "string",
    "char": "string",
    "void": "string",
}
KEPT = ("boolean", "integer", "long", "double", "string", "binary", "date", "timestamp")


def own_columns(df: DataFrame) -> DataFrame:
    """The frame without lakesmith's own columns, such as the file a record came from."""
    from pyspark.sql import functions as F

    return df.select(*[F.col(quote(name)) for name in df.columns if not name.startswith(RESERVED)])


def with_signature_types(df: DataFrame) -> tuple[DataFrame, dict[str, str]]:
    """The frame with every column of a type a model signature can name, and the changes: column → 'from → to'.

    timestamp_ntz is read as UTC, arrays of numbers become arrays of doubles. Raises ConfigError for other arrays, maps,
    structs and intervals.
    """
    from pyspark.sql import functions as F

    columns: list[Column] = []
    changes: dict[str, str] = {}
    for field in df.schema.fields:
        name, found = field.name, field.dataType.typeName().split("(")[0]
        is_numbers = _is_numbers(field.dataType)
        if found not in KEPT and found not in WIDENED and not is_numbers:
            raise ConfigError(
                f"the column '{name}' of gold is {field.dataType.simpleString()[:80]}, which no model can take",
                fix="Build plain columns from it in derive, or drop it in clean.",
            )
        wider = "bigint" if _is_whole(field.dataType) else "array<double>" if is_numbers else WIDENED.get(found)
        wider = None if wider == field.dataType.simpleString() else wider
        column = F.col(quote(name))
        columns.append(column if wider is None else column.cast(wider).alias(name))
        if wider is not None:
            changes[name] = f"{field.dataType.simpleString()} → {wider}"
    return df.select(*columns), changes


def _is_numbers(data_type: DataType) -> bool:
    from pyspark.sql.types import ArrayType, NumericType

    return isinstance(data_type, ArrayType) and isinstance(data_type.elementType, NumericType)


def _is_whole(data_type: DataType) -> bool:
    from pyspark.sql.types import DecimalType

    return isinstance(data_type, DecimalType) and data_type.scale == 0 and data_type.precision <= 18


def digest_of(df: DataFrame) -> Column:
    """A bigint over names, types and values of all columns: null differs from the empty string, and values that moved
    to a neighbour differ from values that stayed."""
    from pyspark.sql import functions as F

    values: list[Column] = [F.lit(df.schema.simpleString())]
    for name in df.columns:
        # xxhash64 skips nulls, so that (null, 'a') and ('a', null) would be equal; the flag keeps the place.
        values += [F.col(quote(name)), F.col(quote(name)).isNull()]
    return F.xxhash64(*values)


def is_known(df: DataFrame, column: str) -> Column:
    """Whether the column has a value: neither null nor NaN."""
    from pyspark.sql import functions as F

    value = F.col(quote(column))
    known = value.isNotNull()
    return known & ~F.isnan(value) if df.schema[column].dataType.typeName() in ("float", "double") else known
