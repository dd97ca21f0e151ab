"""StandardizeNulls: one null for the many ways of writing that there is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.cleaning.conditions import text_columns
from lakesmith.cleaning.text_steps import TextStep
from lakesmith.cleaning.trim_text import AROUND
from lakesmith.columns import quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# The markers that pandas, R and spreadsheets write, and the signs people type.
MARKERS = ("", "NA", "N/A", "#N/A", "NaN", "null", "none", "nil", "-", "--", "?")


class StandardizeNulls(TextStep):
    """The same rows with null for text that only says that there is no value.

    White space around a value does not count when it is compared; a value that stays is left as it is.
    """

    kind: Literal["standardize_nulls"] = "standardize_nulls"
    values: tuple[str, ...] = Field(MARKERS, min_length=1, description="Texts that mean null.")
    ignore_case: bool = Field(True, description="Whether `na` means null where `NA` does.")

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection over the text columns."""
        from pyspark.sql import functions as F

        texts = text_columns(df, self.columns)
        # Trimmed and lowered by Spark as the values are: its lower case is not Python's in every alphabet.
        markers = [self._compared(F.lit(value)) for value in self.values]
        kept = {name: F.when(~self._compared(F.col(quote(name))).isin(markers), F.col(quote(name))) for name in texts}
        return df.withColumns(kept) if kept else df

    def _compared(self, text: Column) -> Column:
        from pyspark.sql import functions as F

        trimmed = F.regexp_replace(text, AROUND, "")
        return F.lower(trimmed) if self.ignore_case else trimmed
