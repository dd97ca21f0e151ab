"""KeepRows: the rows an expression is true for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep, Sifted
from lakesmith.cleaning.conditions import condition, shortened, sifted
from lakesmith.columns import Names
from lakesmith.expressions import Expression, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class KeepRows(CleaningStep):
    """The rows for which `where` is true; where it is false or null, the row is quarantined or dropped.

    NaN counts as null inside `where`.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["keep_rows"] = "keep_rows"
    where: Expression = Field(description="SQL expression that is true for the rows to keep.")
    otherwise: Literal["quarantine", "drop"] = Field("quarantine", description="What happens to the other rows.")

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        compiled(self.where, names, "where")
        return names

    def sift(self, df: DataFrame) -> Sifted:
        """The rows that fulfil `where`, and the others."""
        broken = ~condition(self.where, df, "where")
        return sifted(df, [(broken, f"keep_rows: {shortened(self.where)}")], quarantine=self.otherwise == "quarantine")
