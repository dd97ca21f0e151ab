"""Cleaning steps: from bronze to silver, one step after another, every row that leaves accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


# How a step that looks at all rows of its own table names that table.
OWN = ""


class Sifted(NamedTuple):
    """What a step did to a frame: the rows it keeps, and lazily the rows it sends to quarantine.

    `rejected` has the columns of the step's *input* plus sources.RULE, and is None for a step that rejects nothing.
    A step that rejects drops nothing: rows in = kept + rejected, or kept + dropped as declared.
    """

    kept: DataFrame
    rejected: DataFrame | None = None


class Rule(NamedTuple):
    """A condition on the rows a step is given, never null, and how it is told when a row breaks it."""

    told: str
    holds: Column


class CleaningStep(Piece):
    """One thing done to every row of one table.

    A step overrides `apply`, or `sift` if it sends rows to quarantine. `changes_rows` is true for a step that may
    let rows go. A step that needs other tables names them in `tables` and puts what it needs of them `beside` its
    rows; it sees them cleaned, and its own table as the steps before left it. Columns a step does not own come out
    untouched, sources.FILE among them. A step is deterministic: the same rows in whatever order give the same rows,
    for kept and rejected ones are computed apart.
    """

    changes_rows: ClassVar[bool] = False

    def columns_after(self, names: Names) -> Names:
        """The column names after this step, in order. Raises ConfigError for a needed column that is missing (key =
        this piece's own field, `columns[1]`). Pure Python: `validate` calls it without Spark."""
        return names

    def tables(self) -> tuple[str, ...]:
        """The sources whose cleaned rows it looks at; OWN for all rows of the table it is a step of."""
        return ()

    def columns_needed(self, tables: Mapping[str, Names]) -> None:
        """Raises ConfigError for a column that one of its `tables` lacks. Pure Python, as `columns_after` is."""

    def beside(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """The same rows with what the step needs of its `tables` in columns that start with RESERVED; lazy.

        The methods below get this frame, and what they give has those columns no more.
        """
        return df

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        """The columns of which it may change values; how many it changes is counted. Not those it adds or renames."""
        return ()

    def apply(self, df: DataFrame) -> DataFrame:
        """The frame after this step; lazy. Its columns are `columns_after(names of df)`."""
        raise NotImplementedError

    def sift(self, df: DataFrame) -> Sifted:
        """The rows kept and the rows rejected; lazy."""
        return Sifted(self.apply(df))

    def must_hold(self, df: DataFrame) -> Rule | None:
        """The rule that stops the run, before anything is written, when one row of `df` breaks it."""
        return None

    def watched(self, df: DataFrame) -> Rule | None:
        """The rule whose broken rows are only counted."""
        return None


STEPS: Catalogue[CleaningStep] = Catalogue(CleaningStep)
AnyCleaningStep = Annotated[CleaningStep, STEPS]
