"""Yes or no, computed from the row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.expressions import Expression as Sql
from lakesmith.features import Feature
from lakesmith.features.row_expressions import checked, names_with, reads_of

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Flag(Feature):
    """One slot for each boolean SQL expression over gold's columns: 1 where it is true, 0 where it is false or unknown.

    Features below may name the columns.
    """

    kind: Literal["flag"] = "flag"
    columns: dict[str, Sql] = Field(min_length=1, description="Slot → boolean SQL expression over the row.")

    def columns_after(self, names: Names) -> Names:
        return names_with(self.columns, names)

    def reads(self) -> dict[str, tuple[str, ...]]:
        return reads_of(self.columns)

    def compile(self, draft: Draft) -> None:
        for name, text in self.columns.items():
            found = checked(name, text, draft, ("boolean",))
            made = replace(found, sql=f"coalesce({found.sql}, false)")
            draft.make(made, f"columns.{name}")
            draft.replace_number(made, draft.number(made), filled=True)
