"""Reference: values that must exist in another table of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from lakesmith.cleaning import CleaningStep, Rule, Sifted
from lakesmith.cleaning.conditions import is_number, sifted, types_of
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.errors import ConfigError
from lakesmith.piece import Scope

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_FOUND = f"{RESERVED}found"
_KEY = f"{RESERVED}key"


class Reference(CleaningStep):
    """The same rows, with a rule about each: its values are those of some row of another table, as a foreign key's.

    A row that breaks it stops the run, is quarantined, or is counted. The other table is seen cleaned, so a row it
    lost counts as absent; `table` may be the step's own, as the steps before left it. A row with a null in one of
    `columns` refers to nothing and breaks no rule (SQL's MATCH SIMPLE).
    """

    scope: ClassVar[Scope] = "table"
    changes_rows: ClassVar[bool] = True

    kind: Literal["reference"] = "reference"
    columns: tuple[str, ...] = Field(min_length=1, description="Columns whose values, together, must exist.")
    table: str = Field(min_length=1, description="The source they must exist in, cleaned before this one.")
    to: tuple[str, ...] = Field((), description="Its columns they are looked up in; left out: of the same names.")
    otherwise: Literal["fail", "quarantine", "warn"] = Field(
        "fail", description="For a row that breaks it: stop before anything is written, quarantine it, or count it."
    )

    @model_validator(mode="after")
    def _paired(self) -> Reference:
        if self.to and len(self.to) != len(self.columns):
            raise ValueError(f"{len(self.columns)} `columns` and {len(self.to)} `to` do not pair")
        return self

    @property
    def told(self) -> str:
        """The rule as messages and the quarantine tell it."""
        return f"reference: {', '.join(map(repr, self.columns))} in {self.table}"

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        names.need_all(self.columns, key="columns")
        return names

    def tables(self) -> tuple[str, ...]:
        """The table referred to."""
        return (self.table,)

    def columns_needed(self, tables: Mapping[str, Names]) -> None:
        """The table has the columns."""
        tables[self.table].need_all(self.to or self.columns, key="to" if self.to else "columns")

    def beside(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """The rows with a mark where the other table has their values: one join with its distinct keys."""
        from pyspark.sql import functions as F

        other = tables[self.table]
        self._check_types(types_of(df), types_of(other))
        keys = {f"{_KEY}{place}": name for place, name in enumerate(self.to or self.columns)}
        known = other.select(*[F.col(quote(name)).alias(key) for key, name in keys.items()]).dropna().distinct()
        known = known.withColumn(_FOUND, F.lit(True))
        same = [F.col(quote(name)) == F.col(key) for name, key in zip(self.columns, keys, strict=True)]
        return df.join(known, same, "left").drop(*keys)

    def sift(self, df: DataFrame) -> Sifted:
        """All rows, or those that keep the rule and the others where they are quarantined."""
        if self.otherwise != "quarantine":
            return Sifted(df.drop(_FOUND))
        kept, rejected = sifted(df, [(~self._holds(), self.told)], quarantine=True)
        return Sifted(kept.drop(_FOUND), rejected.drop(_FOUND) if rejected is not None else None)

    def must_hold(self, df: DataFrame) -> Rule | None:
        """The rule, where `otherwise` is `fail`."""
        return Rule(self.told, self._holds()) if self.otherwise == "fail" else None

    def watched(self, df: DataFrame) -> Rule | None:
        """The rule, where `otherwise` is `warn`."""
        return Rule(self.told, self._holds()) if self.otherwise == "warn" else None

    def _holds(self) -> Column:
        from pyspark.sql import functions as F

        refers_to_nothing = F.greatest(*[F.col(quote(name)).isNull() for name in self.columns], F.lit(False))
        return F.col(_FOUND).isNotNull() | refers_to_nothing

    def _check_types(self, ours: dict[str, str], theirs: dict[str, str]) -> None:
        for place, (one, other) in enumerate(zip(self.columns, self.to or self.columns, strict=True)):
            of, to = ours[one], theirs[other]
            if (of != to and not (is_number(of) and is_number(to))) or "map<" in of:
                raise ConfigError(
                    f"'{one}' is {of} and '{other}' of {self.table} is {to}: they cannot be compared",
                    key=f"columns[{place}]",
                    fix="Cast one of them first.",
                )
