"""The time range of training rows, and predicates that compare a row's time with an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class TimeRange:
    """First and last instant among the training rows, in microseconds since 1970 UTC."""

    column: str
    first: int
    last: int

    @property
    def span(self) -> int:
        """Microseconds from first to last."""
        return self.last - self.first

    def before(self, instant: int) -> Column:
        """Whether a row's time lies before the instant."""
        from pyspark.sql import functions as F

        return self._time() < F.timestamp_micros(F.lit(instant))

    def since(self, instant: int) -> Column:
        """Whether a row's time is the instant or later."""
        from pyspark.sql import functions as F

        return self._time() >= F.timestamp_micros(F.lit(instant))

    def _time(self) -> Column:
        from pyspark.sql import functions as F

        return F.col(quote(self.column)).cast("timestamp")


def declared_time(facts: RowFacts, names: Names | None = None) -> str:
    """The project's time column. Raises ConfigError when none is declared or `names` does not hold it."""
    if facts.time is None:
        raise ConfigError(
            "folds by time need a time column", key="kind", fix="Declare `time:` in the project, or choose other folds."
        )
    return facts.time if names is None else names.need(facts.time, key="kind")


def time_range(train: DataFrame, facts: RowFacts) -> TimeRange:
    """First and last time of the rows, from one job.

    The column is a date or a timestamp (with or without time zone). Raises DataError for rows without a time, for no
    rows, and for rows of one instant only.
    """
    from pyspark.sql import functions as F

    column = declared_time(facts)
    time = F.col(quote(column)).cast("timestamp")
    found = train.agg(
        F.unix_micros(F.min(time)).alias("first"),
        F.unix_micros(F.max(time)).alias("last"),
        F.count_if(time.isNull()).alias("absent"),
    ).first()
    if found is None or found["first"] is None:
        raise DataError(f"no training row has a time in '{column}'", fix="Look at the split, or choose other folds.")
    if found["absent"]:
        raise DataError(
            f"{found['absent']:,} training rows have no time in '{column}'",
            fix="Drop them in clean, or choose folds that do not look at time.",
        )
    if found["first"] == found["last"]:
        raise DataError(f"all training rows have one and the same time in '{column}'", fix="Choose other folds.")
    return TimeRange(column, found["first"], found["last"])
