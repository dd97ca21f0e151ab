"""Fold plans: how training rows are divided to compare candidates, as pairs of predicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Fold:
    """One comparison: the rows to learn from and the rows to judge on, both among the training rows."""

    name: str
    train: Column
    validation: Column


class FoldPlan(Piece):
    """A list of (train predicate, validation predicate). Its hashes use another salt than the split's."""

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        """Raises ConfigError where the plan cannot work: no time or group declared."""

    def folds(self, train: DataFrame, facts: RowFacts, seed: int) -> tuple[Fold, ...]:
        """The folds over the training rows; at most one Spark job (a time range). Raises DataError when they cannot
        be made: too few rows, one instant only."""
        raise NotImplementedError

    def told(self) -> str:
        """The plan in words for the report: '3 expanding windows, gap 1 day'."""
        raise NotImplementedError


FOLD_PLANS: Catalogue[FoldPlan] = Catalogue(FoldPlan)
AnyFoldPlan = Annotated[FoldPlan, FOLD_PLANS]
