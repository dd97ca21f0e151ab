"""Expect: a rule that every row should keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep, Rule, Sifted
from lakesmith.cleaning.conditions import condition, shortened, sifted
from lakesmith.columns import Names
from lakesmith.expressions import Expression, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Expect(CleaningStep):
    """The same rows, with a rule about each of them: breaking it stops the run, quarantines the row, or is counted.

    A rule that gives null for a row is broken by it, and NaN counts as null: `price > 0` is broken where there is no
    price. Say `price IS NULL OR price > 0` to allow that.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["expect"] = "expect"
    rule: Expression = Field(description="SQL expression that is true for a row as it should be.")
    name: str | None = Field(None, min_length=1, max_length=200, description="The rule in words, for messages.")
    otherwise: Literal["fail", "quarantine", "warn"] = Field(
        "fail", description="For a row that breaks it: stop before anything is written, quarantine it, or count it."
    )

    @property
    def told(self) -> str:
        """The rule as messages and the quarantine tell it."""
        return f"expect: {self.name or shortened(self.rule)}"

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        compiled(self.rule, names, "rule")
        return names

    def sift(self, df: DataFrame) -> Sifted:
        """All rows, or those that keep the rule and the others where they are quarantined."""
        if self.otherwise != "quarantine":
            return Sifted(df)
        return sifted(df, [(~condition(self.rule, df, "rule"), self.told)], quarantine=True)

    def must_hold(self, df: DataFrame) -> Rule | None:
        """The rule, where `otherwise` is `fail`."""
        return Rule(self.told, condition(self.rule, df, "rule")) if self.otherwise == "fail" else None

    def watched(self, df: DataFrame) -> Rule | None:
        """The rule, where `otherwise` is `warn`."""
        return Rule(self.told, condition(self.rule, df, "rule")) if self.otherwise == "warn" else None
