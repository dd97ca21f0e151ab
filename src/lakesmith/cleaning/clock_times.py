"""Times of a clock on the wall as instants, where clocks are changed twice a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import Column


class Instants(NamedTuple):
    """The first and the last instant at which a zone's clocks showed a time, as UTC without a zone.

    They differ for a time that clocks showed twice, and are null for one that they skipped.
    """

    earlier: Column
    later: Column


def instants(local: Column, zone: str) -> Instants:
    """The instants of a local time (timestamp_ntz).

    Both offsets around it are tried, that of a day before and that of a day after, and kept where they lead back to
    the same time on the clock: Spark itself moves a skipped time and takes the earlier of two.
    """
    from pyspark.sql import functions as F

    if zone == "UTC":
        return Instants(local, local)
    about = F.convert_timezone(F.lit(zone), F.lit("UTC"), local)
    one, other = (_candidate(local, about + F.expr(f"INTERVAL '{days}' DAY"), zone) for days in (-1, 1))
    return Instants(F.least(one, other), F.greatest(one, other))


def as_timestamp(utc: Column) -> Column:
    """UTC without a zone as a timestamp, whatever the session's zone is."""
    from pyspark.sql import functions as F

    return F.concat(utc.cast("string"), F.lit(" UTC")).try_cast("timestamp")


def _candidate(local: Column, near: Column, zone: str) -> Column:
    from pyspark.sql import functions as F

    offset = F.convert_timezone(F.lit("UTC"), F.lit(zone), near) - near
    instant = local - offset
    return F.when(F.convert_timezone(F.lit("UTC"), F.lit(zone), instant) == local, instant)
