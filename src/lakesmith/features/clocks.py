"""Moments as SQL: a column of dates or times in one time zone, whatever the session's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from lakesmith.columns import Names
from lakesmith.errors import nearest
from lakesmith.features import Input, Sort
from lakesmith.features.statements import text_literal


def with_made(names: Names, columns: Sequence[str], made: Sequence[str]) -> Names:
    """The names and those that a feature makes of `columns`. Raises ConfigError (key = columns) for one that is
    missing, and for a made name that is taken."""
    names.need_all(columns, key="columns")
    names.free(made, key="columns")
    return names.plus(made)


TIMES: tuple[Sort, ...] = ("timestamp", "timestamp_ntz", "date")
_EPOCH = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"


def _known(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"'{zone}' is not a time zone. {nearest(zone, sorted(available_timezones()))}")
    return zone


Zone = Annotated[str, AfterValidator(_known)]


def moment(each: Input, zone: str) -> str:
    """The column as a date or as a time without zone: what the clocks of `zone` showed, to the second."""
    if each.sort != "timestamp":
        return each.sql
    # Through seconds since 1970, as a cast to timestamp_ntz would follow the session's zone. Fractions of a second
    # do not matter to any part.
    utc = f"{_EPOCH} + make_dt_interval(0, 0, 0, unix_seconds({each.sql}))"
    return utc if zone == "UTC" else f"convert_timezone('UTC', {text_literal(zone)}, {utc})"


def seconds(each: Input, zone: str) -> str:
    """Seconds since 1970 began in UTC, as a double; a date (its midnight) or a time without zone is one of `zone`."""
    if each.sort == "timestamp":
        return f"unix_micros({each.sql}) / 1e6D"
    return clock_seconds(each.sql, zone)


def clock_seconds(sql: str, zone: str) -> str:
    """Seconds since 1970 began in UTC, at which the clocks of `zone` show the date or the time without zone."""
    local = f"CAST({sql} AS TIMESTAMP_NTZ)"
    utc = local if zone == "UTC" else f"convert_timezone({text_literal(zone)}, 'UTC', {local})"
    return f"timestampdiff(MICROSECOND, {_EPOCH}, {utc}) / 1e6D"
