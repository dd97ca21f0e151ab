"""ConvertUnits: measurements in another unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator, model_validator

from lakesmith.cleaning.conditions import number_columns
from lakesmith.cleaning.units import UNITS, conversion
from lakesmith.cleaning.value_steps import ValueStep
from lakesmith.columns import quote
from lakesmith.errors import nearest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class ConvertUnits(ValueStep):
    """The same columns as doubles in unit `to`; their names stay, so `rename` a column whose name tells its unit.

    Factors are exact (cleaning/units.py has the table and its sources). Null stays null, NaN stays NaN.
    """

    kind: Literal["convert_units"] = "convert_units"
    columns: tuple[str, ...] = Field(min_length=1, description="Numeric columns, all in one unit.")
    from_: str = Field(alias="from", description="The unit they are in: mi, lb, F, km/h, gal, h, …")
    to: str = Field(description="The unit they come to, of the same dimension.")

    @field_validator("from_", "to")
    @classmethod
    def _known_unit(cls, unit: str) -> str:
        if unit not in UNITS:
            told = nearest(unit, UNITS) or f"There are {', '.join(UNITS)}."
            raise ValueError(f"'{unit}' is not a unit. {told}")
        return unit

    @model_validator(mode="after")
    def _one_dimension(self) -> ConvertUnits:
        of, to = UNITS[self.from_].dimension, UNITS[self.to].dimension
        if of != to:
            raise ValueError(f"'{self.from_}' is a unit of {of}, '{self.to}' one of {to}")
        return self

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection."""
        from pyspark.sql import functions as F

        how = conversion(UNITS[self.from_], UNITS[self.to])
        converted = {
            name: (F.col(quote(name)).cast("double") + how.before) * how.numerator / how.denominator + how.after
            for name in number_columns(df, self.columns)
        }
        return df.withColumns(converted)
