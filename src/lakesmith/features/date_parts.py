"""Parts of a date or a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.features import Feature, Input
from lakesmith.features.clocks import TIMES, Zone, moment, with_made

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

Part = Literal["minute", "hour", "day", "weekday", "dayofyear", "weekofyear", "month", "quarter", "year"]
# Part → Spark function. weekday() counts from Monday = 0.
_FUNCTIONS: dict[Part, str] = {"day": "dayofmonth"}
_OF_TIMES: tuple[Part, ...] = ("minute", "hour")


class DateParts(Feature):
    """One slot `<column>.<part>` for each part of each date or timestamp column; null where the column is.

    weekday counts from 0 = Monday, weekofyear is ISO 8601's. Parts of a timestamp are taken in `time_zone`, whatever
    the session's; those of a timestamp without zone as it stands. Features below may name the slots.
    """

    kind: Literal["date_parts"] = "date_parts"
    columns: tuple[str, ...] = Field(min_length=1, description="Date and timestamp columns.")
    parts: tuple[Part, ...] = Field(min_length=1, description="Which parts to take.")
    time_zone: Zone = Field("UTC", description="The zone a timestamp's parts are taken in, such as America/New_York.")

    def columns_after(self, names: Names) -> Names:
        made = [f"{column}.{part}" for column in self.columns for part in self.parts]
        return with_made(names, self.columns, made)

    def compile(self, draft: Draft) -> None:
        for position, name in enumerate(self.columns):
            key = f"columns[{position}]"
            each = draft.need(name, TIMES, key)
            for part in self.parts:
                if each.sort == "date" and part in _OF_TIMES:
                    raise ConfigError(f"'{name}' is a date, which has no {part}", key=key, fix=f"Leave {part} out.")
                sql = f"{_FUNCTIONS.get(part, part)}({moment(each, self.time_zone)})"
                made = Input(f"{name}.{part}", "numeric", sql, each.reads, "int")
                draft.make(made)
                draft.keep(made)
