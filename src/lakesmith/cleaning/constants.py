"""Constants of a project file as values of a column's type, refused where they are none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from lakesmith.errors import ConfigError
from lakesmith.sources.types import FLOATS, INTEGERS, decimal_size

if TYPE_CHECKING:
    from pyspark.sql import Column

Constant = bool | int | float | str
_BITS = {"tinyint": 7, "smallint": 15, "int": 31, "bigint": 63}


def constant(value: Constant, type_: str, *, key: str, column: str) -> Column:
    """The constant in a column's type. Raises ConfigError when the column could not hold it unchanged."""
    from pyspark.sql import functions as F

    if not _fits(value, type_):
        raise ConfigError(
            f"{value!r} is not a value of '{column}', which is {type_}",
            key=key,
            fix="Give one of its type, or cast it first.",
        )
    return F.lit(str(value) if decimal_size(type_) or type_ in ("date", "timestamp", "timestamp_ntz") else value).cast(
        type_
    )


def _fits(value: Constant, type_: str) -> bool:
    if isinstance(value, bool):
        return type_ == "boolean"
    if type_ in INTEGERS:
        return isinstance(value, int) and -(2 ** _BITS[type_]) <= value < 2 ** _BITS[type_]
    if type_ in FLOATS:
        return isinstance(value, int | float)
    if (size := decimal_size(type_)) is not None:
        return _fits_decimal(value, *size)
    if not isinstance(value, str):
        return False
    if type_ == "date":
        return _parses_date(value)
    return type_ == "string" or (type_ in ("timestamp", "timestamp_ntz") and _parses_time(value))


def _fits_decimal(value: Constant, digits: int, scale: int) -> bool:
    try:
        number = Decimal(str(value))
        return number == round(number, scale) and abs(number) < 10 ** (digits - scale)
    except (InvalidOperation, ValueError, OverflowError):
        return False


def _parses_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _parses_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
