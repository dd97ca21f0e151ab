"""MapValues: some values of a column replaced by others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep, Sifted
from lakesmith.cleaning.conditions import sifted, types_of
from lakesmith.cleaning.constants import Constant, constant
from lakesmith.columns import Names, quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class MapValues(CleaningStep):
    """The same column with values looked up in a table; it keeps its type.

    Values are compared as text (`true`, `1.5`). Null stays null. A value that is not in the table stays, becomes
    null, or sends its row to quarantine.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["map_values"] = "map_values"
    column: str = Field(min_length=1, description="The column.")
    values: dict[str, Constant | None] = Field(min_length=1, description="Old value, as text → new value or null.")
    otherwise: Literal["keep", "null", "quarantine"] = Field("keep", description="For a value that is not in `values`.")

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        names.need(self.column, key="column")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def apply(self, df: DataFrame) -> DataFrame:
        """One look-up a row, in a map: a chain of cases would be slow to plan."""
        from pyspark.sql import functions as F

        found = F.try_element_at(self._table(df), F.col(quote(self.column)).cast("string"))
        if self.otherwise == "keep":
            found = F.when(self._is_known(df), found).otherwise(F.col(quote(self.column)))
        return df.withColumn(self.column, found)

    def sift(self, df: DataFrame) -> Sifted:
        """Rows with a value in the table, and the others where they are quarantined."""
        if self.otherwise != "quarantine":
            return Sifted(self.apply(df))
        from pyspark.sql import functions as F

        unknown = F.col(quote(self.column)).isNotNull() & ~self._is_known(df)
        parts = sifted(df, [(unknown, f"map_values: '{self.column}' is none of the values")], quarantine=True)
        return Sifted(self.apply(parts.kept), parts.rejected)

    def _is_known(self, df: DataFrame) -> Column:
        from pyspark.sql import functions as F

        known = F.map_contains_key(self._table(df), F.col(quote(self.column)).cast("string"))
        return F.coalesce(known, F.lit(False))

    def _table(self, df: DataFrame) -> Column:
        from pyspark.sql import functions as F

        type_ = types_of(df)[self.column]
        entries: list[Column] = []
        for old, new in self.values.items():
            value = None if new is None else constant(new, type_, key=f"values.{old}", column=self.column)
            entries += [F.lit(old), F.lit(None).cast(type_) if value is None else value]
        return F.create_map(*entries)
