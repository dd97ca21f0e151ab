"""DropColumns: columns left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class DropColumns(CleaningStep):
    """The same rows without the named columns; at least one column stays."""

    kind: Literal["drop_columns"] = "drop_columns"
    columns: tuple[str, ...] = Field(min_length=1, description="The columns to leave out.")

    def columns_after(self, names: Names) -> Names:
        """The names without the dropped ones."""
        names.need_all(self.columns, key="columns")
        left = names.without(self.columns)
        if not [name for name in left if not name.startswith(RESERVED)]:
            raise ConfigError(f"{names.table} would have no column left", key="columns", fix="Keep at least one.")
        return left

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection."""
        from pyspark.sql import functions as F

        return df.select(*[F.col(quote(name)) for name in df.columns if name not in self.columns])
