"""What CSV and JSON lines have in common: texts typed strictly, and the first rule a record broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakesmith.sources import FILE, POSITION, RULE
from lakesmith.sources.lines import LINE, raw
from lakesmith.sources.opaque import opaque

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

NOT_UTF8 = "encoding: the line is not valid UTF-8"
Rules = Sequence[tuple["Column", str]]


def type_rule(column: str, type_: str) -> str:
    """How a value that is not of its column's type is told."""
    return f"type: '{column}' is not {type_}"


def not_utf8() -> tuple[Column, str]:
    """Spark replaces bytes that are not UTF-8 when it parses; this is asked of the bytes themselves."""
    from pyspark.sql import functions as F

    return ~F.is_valid_utf8(F.col(LINE)), NOT_UTF8


def first_broken(rules: Rules) -> Column:
    """The text of the first rule whose condition is true; null when none is."""
    from pyspark.sql import functions as F

    told = [F.when(broken, F.lit(rule)) for broken, rule in rules]
    return opaque(F.coalesce(*told)) if told else F.lit(None).cast("string")


def accounted(lines: DataFrame, values: Mapping[str, Column], rules: Rules) -> DataFrame:
    """One row per line: the named values, FILE, POSITION, RAW and the first broken of `rules` as RULE."""
    from pyspark.sql import functions as F

    named = [value.alias(name) for name, value in values.items()]
    return lines.select(*named, F.col(FILE), F.col(POSITION), raw(F.col(LINE)), first_broken(rules).alias(RULE))


def known_zone(zone: str) -> str:
    """The zone itself. Raises ValueError for a name the time zone database does not have."""
    if zone != "UTC":
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{zone}' is not a time zone, such as UTC or Europe/Berlin") from None
    return zone
