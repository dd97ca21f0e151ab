"""Text to typed values, strictly: what would be changed on the way becomes null, and the caller tells it from an
empty value by its text.

Spark's own casts round decimals, cut the time off a date, turn `1e999` into infinity, take `1d` for a double and
`10:00` for today at ten, and move a local time that a clock change skipped. None of that passes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.sources.types import FLOATS, INTEGERS, decimal_size

if TYPE_CHECKING:
    from pyspark.sql import Column

NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
WORD = r"^\s*[+-]?[0-9A-Za-z]+\s*$"
NOT_FINITE = r"(?i)^\s*[+-]?(nan|inf|infinity)\s*$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LOCAL_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
ZONE = r"(Z|[+-][0-9]{2}:?[0-9]{2})$"
_ZONE_LETTERS = frozenset("XxzZVO")


@dataclass(frozen=True)
class Formats:
    """How text writes dates and times. None is ISO 8601; `time_zone` holds for times that name no zone."""

    date: str | None = None
    timestamp: str | None = None
    time_zone: str = "UTC"


def typed(text: Column, type_: str, formats: Formats, *, words_for_not_finite: bool = True) -> Column:
    """`text` as the canonical type; null where it is null, is not of the type, or would not come through unchanged.

    `words_for_not_finite` lets `NaN`, `inf`, `-Infinity` pass as floats; a number too large for its type never does.
    """
    from pyspark.sql import functions as F

    if type_ == "string":
        return text
    if type_ in FLOATS:
        return _floating(text, type_, words_for_not_finite)
    if (size := decimal_size(type_)) is not None:
        return F.when(text.rlike(_decimal_pattern(size[1])), text.try_cast(type_))
    if type_ == "date":
        if formats.date is not None:
            return F.try_to_date(text, formats.date)
        return F.when(text.rlike(DATE), text.try_cast("date"))
    if type_ == "timestamp":
        return _instant(text, formats)
    if type_ == "timestamp_ntz":
        return _local(text, formats)
    if type_ in INTEGERS or type_ == "boolean":
        return F.when(text.rlike(WORD), text.try_cast(type_))  # the cast alone takes control characters for spaces
    return text.try_cast(type_)


def _floating(text: Column, type_: str, words_for_not_finite: bool) -> Column:
    from pyspark.sql import functions as F

    number = text.try_cast(type_)
    finite = text.rlike(NUMBER) & (F.abs(number) < F.lit(float("inf")))
    return F.when(finite | text.rlike(NOT_FINITE), number) if words_for_not_finite else F.when(finite, number)


def _decimal_pattern(scale: int) -> str:
    """Digits with at most `scale` after the point, zeros beyond them aside. No exponent: its rounding is not seen."""
    fraction = rf"[0-9]{{0,{scale}}}0*"
    return rf"^\s*[+-]?([0-9]+(\.{fraction})?|\.[0-9]{{1,{scale}}}0*)\s*$" if scale else r"^\s*[+-]?[0-9]+(\.0*)?\s*$"


def _instant(text: Column, formats: Formats) -> Column:
    from pyspark.sql import functions as F

    if formats.timestamp is not None and names_zone(formats.timestamp):
        return F.try_to_timestamp(text, F.lit(formats.timestamp))
    local = _local(text, formats)
    if formats.timestamp is not None:
        return _at(local, formats.time_zone)
    with_seconds = F.regexp_replace(text, "^(.{16})(?=Z|[+-])", "$1:00")  # Spark wants them before a zone
    with_zone = F.when(text.rlike(LOCAL_TIME + ZONE), with_seconds.try_cast("timestamp"))
    return F.coalesce(_at(local, formats.time_zone), with_zone)


def _at(local: Column, zone: str) -> Column:
    """The instant of a local time in a zone; null for a time that a clock change skipped."""
    from pyspark.sql import functions as F

    instant = F.concat(local.cast("string"), F.lit(f" {zone}")).try_cast("timestamp")
    if zone == "UTC":
        return instant
    as_utc = F.convert_timezone(F.lit(zone), F.lit("UTC"), local)
    return F.when(F.convert_timezone(F.lit("UTC"), F.lit(zone), as_utc) == local, instant)


def _local(text: Column, formats: Formats) -> Column:
    """The time as the clock showed it, without a zone."""
    from pyspark.sql import functions as F

    if formats.timestamp is None:
        return F.when(text.rlike(LOCAL_TIME + "$"), text.try_cast("timestamp_ntz"))
    # Read as UTC whatever the session's zone is, and taken back from there to the clock's time.
    instant = F.try_to_timestamp(F.concat(text, F.lit(" +00:00")), F.lit(f"{formats.timestamp} XXX"))
    return F.convert_timezone(F.current_timezone(), F.lit("UTC"), instant.cast("timestamp_ntz"))


def names_zone(pattern: str) -> bool:
    """Whether a Spark pattern of times reads a zone."""
    unquoted = "".join(pattern.split("'")[::2])
    return any(letter in _ZONE_LETTERS for letter in unquoted)
