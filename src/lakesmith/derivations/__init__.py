"""Derivations: from silver to gold; what needs other rows or other tables, and learns nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Derivation(Piece):
    """One thing added to a frame from its own rows, other rows, or other silver tables.

    A derivation sees the label only through `history`, and only once it was known.
    """

    changes_rows: ClassVar[bool] = False

    def tables(self) -> tuple[str, ...]:
        """The silver tables it reads beside the frame it is applied to."""
        return ()

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        """The column names after this step. Raises ConfigError (key = own field) for what is missing or taken. Pure
        Python: `validate` calls it without Spark."""
        return names

    def check(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> dict[str, Any]:
        """What was verified before writing (JSON values for the report, {} for nothing): a join's duplicate right
        keys raise DataError with examples, its unmatched share is told. May run a fixed number of Spark jobs."""
        return {}

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """The frame after this step; lazy."""
        raise NotImplementedError


DERIVATIONS: Catalogue[Derivation] = Catalogue(Derivation)
AnyDerivation = Annotated[Derivation, DERIVATIONS]
