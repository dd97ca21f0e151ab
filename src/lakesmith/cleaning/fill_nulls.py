"""FillNulls: a placeholder where there is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep
from lakesmith.cleaning.conditions import missing, types_of
from lakesmith.cleaning.constants import Constant, constant
from lakesmith.columns import Names, quote

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class FillNulls(CleaningStep):
    """The same rows with a constant for null, and for NaN. The constant is one of the column's type.

    For values a model should guess at, use the feature `impute`: it learns on training rows only.
    """

    kind: Literal["fill_nulls"] = "fill_nulls"
    values: dict[str, Constant] = Field(min_length=1, description="Column → its placeholder.")

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        for name in self.values:
            names.need(name, key=f"values.{name}")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        """The filled columns."""
        return tuple(self.values)

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection."""
        from pyspark.sql import functions as F

        types = types_of(df)
        filled = {}
        for name, value in self.values.items():
            placeholder = constant(value, types[name], key=f"values.{name}", column=name)
            filled[name] = F.when(missing(name, types[name]), placeholder).otherwise(F.col(quote(name)))
        return df.withColumns(filled)
