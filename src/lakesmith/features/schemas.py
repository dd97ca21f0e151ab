"""What gold's schema says about columns and expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lakesmith.columns import quote
from lakesmith.errors import ConfigError
from lakesmith.features import Input, Sort

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructType


def inputs_of(schema: StructType) -> dict[str, Input]:
    """Column → what a feature may know of it, in the schema's order."""
    return {
        each.name: Input(each.name, _sort(each.dataType), quote(each.name), (each.name,), each.dataType.simpleString())
        for each in schema.fields
    }


def typing_of(schema: StructType) -> Callable[[str], Sort]:
    """The sort of a SQL expression over rows of the schema, by Spark's analysis alone; no job."""

    def type_of(sql: str) -> Sort:
        from pyspark.errors import AnalysisException
        from pyspark.sql import SparkSession
        from pyspark.sql import functions as F

        try:
            return _sort(SparkSession.active().createDataFrame([], schema).select(F.expr(sql)).schema[0].dataType)
        except AnalysisException as error:
            told = str(error).splitlines()[0]
            raise ConfigError(f"Spark refuses the expression: {told}", key="columns", fix="Correct it.") from None

    return type_of


def _sort(data_type: DataType) -> Sort:
    from pyspark.sql import types

    if isinstance(data_type, types.ArrayType) and isinstance(data_type.elementType, types.NumericType):
        return "array"
    sorts: dict[type[DataType], Sort] = {
        types.NumericType: "numeric",
        types.BooleanType: "boolean",
        types.StringType: "text",
        types.VarcharType: "text",
        types.CharType: "text",
        types.DateType: "date",
        types.TimestampNTZType: "timestamp_ntz",
        types.TimestampType: "timestamp",
    }
    return next((sort for of, sort in sorts.items() if isinstance(data_type, of)), "other")
