"""Numbers computed from the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.expressions import Expression as Sql
from lakesmith.features import Feature
from lakesmith.features.row_expressions import checked, names_with, reads_of

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Expression(Feature):
    """One slot for each SQL expression over gold's columns that gives a number or a boolean (true is 1).

    Null, NaN and infinite results are missing; a division by zero stops the run as Spark is ANSI: write `try_divide`.
    Features below may name the columns.
    """

    kind: Literal["expression"] = "expression"
    columns: dict[str, Sql] = Field(min_length=1, description="Slot → SQL expression over the row.")

    def columns_after(self, names: Names) -> Names:
        return names_with(self.columns, names)

    def reads(self) -> dict[str, tuple[str, ...]]:
        return reads_of(self.columns)

    def compile(self, draft: Draft) -> None:
        for name, text in self.columns.items():
            made = checked(name, text, draft, ("numeric", "boolean"))
            draft.make(made, f"columns.{name}")
            draft.keep(made)
