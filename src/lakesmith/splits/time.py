"""Rows divided by time: learned from the past, judged on what came after."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError
from lakesmith.splits import RowFacts, Split

if TYPE_CHECKING:
    from pyspark.sql import Column

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds_of(instant: str) -> int:
    """Microseconds since 1970 of an ISO 8601 date or time, read as UTC where it names no zone."""
    try:
        parsed = datetime.fromisoformat(instant.strip())
    except ValueError:
        raise ValueError(
            f"'{instant}' is no date or time; write it like '2013-10-01' or '2013-10-01T06:00:00Z'"
        ) from None
    zoned = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
    since = zoned - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _checked(instant: str) -> str:
    microseconds_of(instant)
    return instant


Instant = Annotated[str, AfterValidator(_checked)]


class TimeSplit(Split):
    """Each row by the project's `time` column: train, then validation (if given), then test.

    Instants are ISO 8601, UTC where they name no zone; a part begins at its instant. Rows from `test_until` on are
    unlabelled: left out as if their label were not known yet. A labelled row without a time is refused.
    """

    kind: Literal["time"] = "time"
    test_from: Instant = Field(description="First instant of the test rows.")
    validation_from: Instant | None = Field(None, description="First instant of the validation rows, before test_from.")
    test_until: Instant | None = Field(None, description="First instant after the test rows.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        named = ("validation_from", "test_from", "test_until")
        given = [(name, microseconds_of(getattr(self, name))) for name in named if getattr(self, name) is not None]
        for (earlier, first), (later, second) in itertools.pairwise(given):
            if first >= second:
                raise ValueError(f"{earlier} ({getattr(self, earlier)}) is not before {later} ({getattr(self, later)})")
        return self

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        names.need(_declared(facts), key="kind")

    def needs_value(self, facts: RowFacts) -> tuple[str, ...]:
        return (_declared(facts),)

    def part(self, facts: RowFacts, frozen: Mapping[str, Any]) -> Column:
        from pyspark.sql import functions as F

        time = F.col(quote(_declared(facts))).cast("timestamp")
        parts = (("unlabelled", self.test_until), ("test", self.test_from), ("validation", self.validation_from))
        chosen = F.lit("train")
        for name, instant in reversed(parts):
            if instant is not None:
                starts = F.timestamp_micros(F.lit(microseconds_of(instant)))
                chosen = F.when(time >= starts, F.lit(name)).otherwise(chosen)
        return chosen


def _declared(facts: RowFacts) -> str:
    if facts.time is None:
        raise ConfigError(
            "a split by time needs a time column",
            key="kind",
            fix="Declare `time:` in the project, or choose another split.",
        )
    return facts.time
