"""Hours, weekdays, months and days of the year as points on a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.features import Feature, Input
from lakesmith.features.clocks import TIMES, Zone, moment, with_made

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

Part = Literal["hour", "weekday", "month", "dayofyear"]
# Part, which is also Spark's function → its first number and the length of its cycle.
_CIRCLES: dict[Part, tuple[int, str]] = {
    "hour": (0, "24D"),
    "weekday": (0, "7D"),
    "month": (1, "12D"),
    "dayofyear": (1, "365.25D"),
}
_WAVES = ("sin", "cos")


class Cyclic(Feature):
    """Two slots for each part of each date or timestamp column, `<column>.<part> sin` and `… cos`: the sine and cosine
    of the part's share of its cycle, so that 23 h is as near to 0 h as 1 h is; null where the column is.

    The cycle begins at 0 h, Monday, January and 1 January; a year has 365.25 days. Parts of a timestamp are taken in
    `time_zone`, those of a timestamp without zone as it stands. Features below may name the slots.
    """

    kind: Literal["cyclic"] = "cyclic"
    columns: tuple[str, ...] = Field(min_length=1, description="Date and timestamp columns.")
    parts: tuple[Part, ...] = Field(min_length=1, description="Which cycles to take.")
    time_zone: Zone = Field("UTC", description="The zone a timestamp's parts are taken in, such as America/New_York.")

    def columns_after(self, names: Names) -> Names:
        made = [f"{column}.{part} {wave}" for column in self.columns for part in self.parts for wave in _WAVES]
        return with_made(names, self.columns, made)

    def compile(self, draft: Draft) -> None:
        for position, name in enumerate(self.columns):
            key = f"columns[{position}]"
            each = draft.need(name, TIMES, key)
            for part in self.parts:
                if each.sort == "date" and part == "hour":
                    raise ConfigError(f"'{name}' is a date, which has no hour", key=key, fix="Leave hour out.")
                first, length = _CIRCLES[part]
                angle = f"2D * pi() * ({part}({moment(each, self.time_zone)}) - {first}) / {length}"
                for wave in _WAVES:
                    made = Input(f"{name}.{part} {wave}", "numeric", f"{wave}({angle})", each.reads)
                    draft.make(made)
                    draft.keep(made)
