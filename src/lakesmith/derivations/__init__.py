"""Derivations: from silver to gold; what needs other rows or other tables, and learns nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FACT_SCHEMA = "fact string, number bigint, example string"


class Fact(NamedTuple):
    """One thing counted before gold is written, with an example where one helps. Frames of facts: FACT_SCHEMA."""

    fact: str
    number: int
    example: str | None = None


class Derivation(Piece):
    """One thing added to a frame from its own rows, other rows, or other silver tables.

    A derivation sees the label only through `history`, and only once it was known.
    """

    changes_rows: ClassVar[bool] = False

    def tables(self) -> tuple[str, ...]:
        """The silver tables it reads beside the frame it is applied to."""
        return ()

    def uses(self) -> dict[str, tuple[str, ...]]:
        """Own field (`on[0]`, `columns.is_late`) → the columns it reads of the very row it is evaluated for."""
        return {}

    def uses_of_past(self) -> dict[str, tuple[str, ...]]:
        """Own field → the columns it reads of other rows only, and only once their values were known."""
        return {}

    def reads(self) -> tuple[str, ...]:
        """All columns of the frame it looks at, each once."""
        used = [*self.uses().values(), *self.uses_of_past().values()]
        return tuple(dict.fromkeys(column for columns in used for column in columns))

    def writes(self) -> tuple[str, ...]:
        """The columns it adds or replaces."""
        return ()

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        """The column names after this step. Raises ConfigError (key = own field) for what is missing or taken. Pure
        Python: `validate` calls it without Spark."""
        return names

    def facts(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame | None:
        """What must be counted before gold is written, as a lazy frame of FACT_SCHEMA; None for nothing.

        `df` may hold no more than the columns of `reads()`. The stage collects the facts of all steps in one action.
        """
        return None

    def judged(self, facts: Sequence[Fact]) -> dict[str, Any]:
        """What the facts say, as JSON values for the report. Raises DataError, with examples, where a rule is broken:
        a join's duplicate right keys, too large an unmatched share."""
        return {}

    def check(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> dict[str, Any]:
        """`facts` collected and `judged`: this step verified on its own, by one action."""
        facts = self.facts(df, tables)
        return self.judged([Fact(*row) for row in facts.collect()]) if facts is not None else {}

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """The frame after this step; lazy."""
        raise NotImplementedError


def entry(field: str, name: str) -> str:
    """The key of one named entry of a field, as error messages and the project file's line index write it."""
    return f'{field}["{name}"]' if any(mark in name for mark in ".[]=") else f"{field}.{name}"


DERIVATIONS: Catalogue[Derivation] = Catalogue(Derivation)
AnyDerivation = Annotated[Derivation, DERIVATIONS]
