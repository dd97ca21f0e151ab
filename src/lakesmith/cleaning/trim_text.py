"""TrimText: text without white space around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.cleaning.conditions import text_columns
from lakesmith.cleaning.text_steps import TextStep
from lakesmith.columns import quote

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

AROUND = r"^[\s\p{Z}\x{FEFF}]+|[\s\p{Z}\x{FEFF}]+$"


class TrimText(TextStep):
    """The same rows with white space, of any alphabet, taken from both ends of text values. Null stays null."""

    kind: Literal["trim_text"] = "trim_text"
    empty_to_null: bool = Field(False, description="Whether text of which nothing is left becomes null.")

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection over the text columns."""
        from pyspark.sql import functions as F

        texts = text_columns(df, self.columns)
        trimmed = {name: F.regexp_replace(F.col(quote(name)), AROUND, "") for name in texts}
        if self.empty_to_null:
            trimmed = {name: F.nullif(value, F.lit("")) for name, value in trimmed.items()}
        return df.withColumns(trimmed) if trimmed else df
