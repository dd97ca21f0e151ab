"""DropNulls: rows without a value where one is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep, Sifted
from lakesmith.cleaning.conditions import missing, sifted, types_of
from lakesmith.columns import Names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class DropNulls(CleaningStep):
    """The rows that have a value in every named column; NaN counts as null. The others are quarantined or dropped."""

    changes_rows: ClassVar[bool] = True

    kind: Literal["drop_nulls"] = "drop_nulls"
    columns: tuple[str, ...] = Field(min_length=1, description="Columns that need a value.")
    otherwise: Literal["quarantine", "drop"] = Field("quarantine", description="What happens to the other rows.")

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        names.need_all(self.columns, key="columns")
        return names

    def sift(self, df: DataFrame) -> Sifted:
        """The complete rows, and the others with the first column that has no value."""
        types = types_of(df)
        broken = [(missing(name, types[name]), f"drop_nulls: '{name}' is null") for name in self.columns]
        return sifted(df, broken, quarantine=self.otherwise == "quarantine")
