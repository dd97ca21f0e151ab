"""Rename: other names for columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from lakesmith.cleaning import CleaningStep
from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError
from lakesmith.sources import check_names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Rename(CleaningStep):
    """The same rows with some columns under new names, in their old places. Two columns may swap names."""

    kind: Literal["rename"] = "rename"
    columns: dict[str, str] = Field(min_length=1, description="Old name → new name.")

    @field_validator("columns")
    @classmethod
    def _possible(cls, columns: dict[str, str]) -> dict[str, str]:
        check_names(columns.values())
        return columns

    def columns_after(self, names: Names) -> Names:
        """The new names in the old ones' places."""
        for old in self.columns:
            names.need(old, key=f"columns.{old}")
        kept = {name.casefold() for name in names if name not in self.columns}
        for old, new in self.columns.items():
            if new.casefold() in kept:
                told = f"'{new}' is already a column of {names.table}"
                raise ConfigError(told, key=f"columns.{old}", fix="Choose another name.")
        return names.renamed([self.columns.get(name, name) for name in names])

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection."""
        from pyspark.sql import functions as F

        return df.select(*[F.col(quote(name)).alias(self.columns.get(name, name)) for name in df.columns])
