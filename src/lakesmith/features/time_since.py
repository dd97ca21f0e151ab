"""How long ago something was."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names
from lakesmith.features import Feature, Input
from lakesmith.features.clocks import TIMES, Zone, clock_seconds, seconds

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

_UNITS = {"seconds": "1D", "days": "86400D"}


class TimeSince(Feature):
    """One slot `<column> since <since>` for each date or timestamp column: the time that had passed at the column's
    moment since another column's, or since a fixed moment, in `unit` with fractions; null where either is.

    A negative time, where the other moment came later, is null: it was not known yet. `allow_negative` keeps it. Dates
    (their midnight), timestamps without zone and the fixed moment are those of `time_zone`. Features below may name
    the slots.
    """

    kind: Literal["time_since"] = "time_since"
    columns: tuple[str, ...] = Field(min_length=1, description="Date and timestamp columns: when the time is read.")
    since: str | None = Field(None, description="The date or timestamp column that the time is counted from.")
    since_time: datetime | None = Field(
        None, description="A fixed moment that the time is counted from, without zone: 2013-01-01T00:00:00."
    )
    unit: Literal["seconds", "days"] = Field("days", description="The unit; a day has 86,400 seconds.")
    allow_negative: bool = Field(False, description="Keep negative times instead of making them missing.")
    time_zone: Zone = Field("UTC", description="The zone of dates and of times without zone.")

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if (self.since is None) == (self.since_time is None):
            raise ValueError("give one of since (a column) and since_time (a fixed moment)")
        if self.since_time is not None and self.since_time.tzinfo is not None:
            raise ValueError("since_time is the clock's time in time_zone: leave its own zone out")
        return self

    def columns_after(self, names: Names) -> Names:
        names.need_all(self.columns, key="columns")
        if self.since is not None:
            names.need(self.since, key="since")
        made = [self._slot(column) for column in self.columns]
        names.free(made, key="columns")
        return names.plus(made)

    def compile(self, draft: Draft) -> None:
        begin, read = self._beginning(draft)
        for position, name in enumerate(self.columns):
            each = draft.need(name, TIMES, f"columns[{position}]")
            passed = f"(({seconds(each, self.time_zone)}) - ({begin})) / {_UNITS[self.unit]}"
            sql = passed if self.allow_negative else f"CASE WHEN {passed} >= 0D THEN {passed} END"
            made = Input(self._slot(name), "numeric", f"({sql})", tuple(dict.fromkeys((*each.reads, *read))))
            draft.make(made)
            draft.keep(made)

    def _beginning(self, draft: Draft) -> tuple[str, tuple[str, ...]]:
        if self.since is not None:
            found = draft.need(self.since, TIMES, "since")
            return seconds(found, self.time_zone), found.reads
        return clock_seconds(f"TIMESTAMP_NTZ '{self.since_time:%Y-%m-%d %H:%M:%S.%f}'", self.time_zone), ()

    def _slot(self, column: str) -> str:
        return (
            f"{column} since {self.since if self.since is not None else format(self.since_time, '%Y-%m-%d %H:%M:%S')}"
        )
