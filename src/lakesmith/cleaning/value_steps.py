"""What steps share that read the values of named columns anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lakesmith.cleaning import CleaningStep
from lakesmith.columns import Names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class ValueStep(CleaningStep):
    """The same columns with other values in those that are named."""

    columns: tuple[str, ...] = Field(min_length=1, description="Columns whose values are read anew.")

    def columns_after(self, names: Names) -> Names:
        names.need_all(self.columns, key="columns")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        return self.columns
