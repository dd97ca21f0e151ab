"""K parts by a hash of the key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.fold_plans import Fold, FoldPlan
from lakesmith.splits import FOLD_SALT, RowFacts, share_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class HashedFolds(FoldPlan):
    """K parts by a hash of the key; each is judged by what was learned from the others."""

    kind: Literal["hashed"] = "hashed"
    k: int = Field(3, ge=2, le=100, description="Count of parts.")

    def folds(self, train: DataFrame, facts: RowFacts, seed: int) -> tuple[Fold, ...]:
        """One fold per part; no job."""
        return parts(facts.key, self.k, seed)

    def told(self) -> str:
        return f"{self.k} folds by a hash of the key"


def fold_share(columns: Sequence[str], seed: int) -> Column:
    """A double in [0, 1) from the row's own values, with the folds' salt and the seed."""
    return share_of(columns, f"{FOLD_SALT}:{seed}")


def parts(columns: Sequence[str], k: int, seed: int) -> tuple[Fold, ...]:
    """K folds whose parts are equal ranges of the columns' hash."""
    from pyspark.sql import functions as F

    part = F.floor(fold_share(columns, seed) * F.lit(k))
    return tuple(Fold(f"fold {i + 1} of {k}", part != F.lit(i), part == F.lit(i)) for i in range(k))
