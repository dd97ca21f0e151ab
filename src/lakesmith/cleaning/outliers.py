"""Outliers: values beyond limits that are known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakesmith.cleaning import CleaningStep, Sifted
from lakesmith.cleaning.conditions import missing, sifted, types_of
from lakesmith.cleaning.constants import constant
from lakesmith.columns import Names, quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Limit = int | float | str


class Limits(BaseModel):
    """The smallest and the largest value that is no outlier; at least one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    low: Limit | None = Field(None, description="Smallest value allowed, of the column's type; null: none.")
    high: Limit | None = Field(None, description="Largest value allowed, of the column's type; null: none.")

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        if self.low is None and self.high is None:
            raise ValueError("neither `low` nor `high` is given")
        if self.low is not None and self.high is not None:
            if isinstance(self.low, str) != isinstance(self.high, str):
                raise ValueError("`low` and `high` are not of one type")
            if self.low > self.high:  # type: ignore[operator]
                raise ValueError(f"`low` is {self.low}, above `high`, which is {self.high}")
        return self


class Outliers(CleaningStep):
    """Rows with the values of numeric or time columns within fixed limits: others are clipped, dropped or quarantined.

    The limits are facts about the world (no age is below 0), written down beforehand. Limits learned from the data
    have no place in cleaning: it comes before the split, and would learn from test rows. The feature `clip_outliers`
    learns them on training rows only. Null and NaN are no values and break no limit.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["outliers"] = "outliers"
    limits: dict[str, Limits] = Field(min_length=1, description="Column → its limits, themselves allowed.")
    action: Literal["clip", "drop", "quarantine"] = Field(
        "quarantine",
        description="For a value beyond a limit: put the limit in its place, or drop or quarantine the row.",
    )

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        for name in self.limits:
            names.need(name, key=f"limits.{name}")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        """The limited columns, where values are clipped."""
        return tuple(self.limits) if self.action == "clip" else ()

    def sift(self, df: DataFrame) -> Sifted:
        """All rows with clipped values, or the rows within the limits and the others with the first limit broken."""
        from pyspark.sql import functions as F

        sides = {name: self._sides(df, name) for name in self.limits}
        if self.action != "clip":
            rules = [(beyond, told) for each in sides.values() for beyond, _, told in each]
            return sifted(df, rules, quarantine=self.action == "quarantine")
        clipped = {}
        for name, each in sides.items():
            value = F.col(quote(name))
            clipped[name] = F.coalesce(*[F.when(beyond, limit) for beyond, limit, _ in each], value)
        return Sifted(df.withColumns(clipped))

    def _sides(self, df: DataFrame, name: str) -> list[tuple[Column, Column, str]]:
        """For each limit of a column: whether the value is beyond it, never null; the limit; and the rule in words."""
        from pyspark.sql import functions as F

        type_, value = types_of(df)[name], F.col(quote(name))
        there = ~missing(name, type_)
        found = []
        if (low := self.limits[name].low) is not None:
            limit = constant(low, type_, key=f"limits.{name}.low", column=name)
            found.append((there & F.coalesce(value < limit, F.lit(False)), limit, f"outliers: '{name}' < {low}"))
        if (high := self.limits[name].high) is not None:
            limit = constant(high, type_, key=f"limits.{name}.high", column=name)
            found.append((there & F.coalesce(value > limit, F.lit(False)), limit, f"outliers: '{name}' > {high}"))
        return found
