"""What steps on text share: the columns they are for, named or all that hold text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lakesmith.cleaning import CleaningStep
from lakesmith.cleaning.conditions import text_columns
from lakesmith.columns import Names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class TextStep(CleaningStep):
    """The same rows with other text in some columns."""

    columns: tuple[str, ...] | None = Field(None, min_length=1, description="Text columns; left out: all of them.")

    def columns_after(self, names: Names) -> Names:
        names.need_all(self.columns or (), key="columns")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        return tuple(text_columns(df, self.columns))
