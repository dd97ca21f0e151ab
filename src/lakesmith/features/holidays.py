"""Public holidays near a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names
from lakesmith.errors import ConfigError, EnvironmentFault, nearest
from lakesmith.features import Feature, Input
from lakesmith.features.clocks import TIMES, Zone, moment, with_made

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

_EPOCH = date(1970, 1, 1)
# Part → SQL of the day `d` and the holidays `h`, both in days since 1970.
_PARTS = {
    "is_holiday": "CASE WHEN array_contains(h, d) THEN 1 ELSE 0 END",
    "days_to_next": "array_min(filter(h, each -> each >= d)) - d",
    "days_since_last": "d - array_max(filter(h, each -> each <= d))",
}
Part = Literal["is_holiday", "days_to_next", "days_since_last"]


class Holidays(Feature):
    """Slots `<column>.is_holiday` (1 or 0), `.days_to_next` and `.days_since_last` (whole days; 0 on a holiday) by the
    public holidays of a country; null where the column is, and outside `first_year` … `last_year`.

    The calendar is that of the PyPI package `holidays` when the model is trained, and becomes part of the model:
    scoring needs no package. The day of a timestamp is the one in `time_zone`. Features below may name the slots.
    """

    kind: Literal["holidays"] = "holidays"
    columns: tuple[str, ...] = Field(min_length=1, description="Date and timestamp columns.")
    country: str = Field(description="The country's code in ISO 3166-1, such as DE or US.")
    subdivision: str | None = Field(None, description="A state or province in ISO 3166-2, such as BY or CA.")
    first_year: int = Field(2000, ge=1900, le=2100, description="First year the model knows the holidays of.")
    last_year: int = Field(2040, ge=1900, le=2100, description="Last year the model knows the holidays of.")
    parts: tuple[Part, ...] = Field(
        ("is_holiday", "days_to_next", "days_since_last"), min_length=1, description="Which slots to make."
    )
    time_zone: Zone = Field("UTC", description="The zone a timestamp's day is taken in, such as Europe/Berlin.")

    @model_validator(mode="after")
    def _years_ascend(self) -> Self:
        if self.first_year > self.last_year:
            raise ValueError("first_year must not be after last_year")
        return self

    def columns_after(self, names: Names) -> Names:
        made = [f"{column}.{part}" for column in self.columns for part in self.parts]
        return with_made(names, self.columns, made)

    def compile(self, draft: Draft) -> None:
        chosen = [draft.need(name, TIMES, f"columns[{j}]") for j, name in enumerate(self.columns)]
        days = ",".join(str(day) for day in self._days())
        for each in chosen:
            day = f"datediff({moment(each, self.time_zone)}, DATE '1970-01-01')"
            for part in self.parts:
                # transform() over an array of one names its element, so that neither is written twice.
                told = f"transform(array(CAST(split('{days}', ',') AS ARRAY<INT>)), h -> {_PARTS[part]})[0]"
                sql = f"CASE WHEN {self._is_known(day)} THEN transform(array({day}), d -> {told})[0] END"
                made = Input(f"{each.name}.{part}", "numeric", f"({sql})", each.reads, "int")
                draft.make(made)
                draft.keep(made)

    def _is_known(self, day: str) -> str:
        first, last = date(self.first_year, 1, 1), date(self.last_year, 12, 31)
        return f"{day} BETWEEN {(first - _EPOCH).days} AND {(last - _EPOCH).days}"

    def _days(self) -> list[int]:
        """The holidays in days since 1970, with those of a year on either side, so that each day has neighbours."""
        try:
            import holidays
        except ImportError:
            raise EnvironmentFault(
                "the calendars of the package 'holidays' are needed to train with the feature holidays",
                key="kind",
                fix="Install lakesmith[holidays].",
            ) from None
        known = holidays.list_supported_countries()
        if self.country not in known:
            raise ConfigError(
                f"no calendar of '{self.country}'", key="country", fix=nearest(self.country, sorted(known))
            )
        parts = known[self.country]
        if self.subdivision is not None and self.subdivision not in parts:
            told = nearest(self.subdivision, sorted(parts)) if parts else "Leave it out."
            raise ConfigError(f"no calendar of '{self.subdivision}' in {self.country}", key="subdivision", fix=told)
        years = range(self.first_year - 1, self.last_year + 2)
        found = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years)
        return sorted((day - _EPOCH) // timedelta(days=1) for day in found)
