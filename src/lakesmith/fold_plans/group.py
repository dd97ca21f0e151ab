"""K parts by a hash of the group, so that no group is on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.fold_plans import Fold, FoldPlan
from lakesmith.fold_plans.hashed import parts
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class GroupFolds(FoldPlan):
    """K parts of whole groups: a model is judged on groups it has not seen."""

    kind: Literal["group"] = "group"
    k: int = Field(3, ge=2, le=100, description="Count of parts.")

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        names.need(declared_group(facts), key="kind")

    def folds(self, train: DataFrame, facts: RowFacts, seed: int) -> tuple[Fold, ...]:
        """One fold per part, from one job that looks for rows without a group (DataError)."""
        group = declared_group(facts)
        refuse_null_groups(train, group)
        return parts((group,), self.k, seed)

    def told(self) -> str:
        return f"{self.k} folds of whole groups"


def declared_group(facts: RowFacts) -> str:
    """The project's group column. Raises ConfigError when none is declared."""
    if facts.group is None:
        raise ConfigError(
            "folds by group need a group column",
            key="kind",
            fix="Declare `group:` in the project, or choose other folds.",
        )
    return facts.group


def refuse_null_groups(train: DataFrame, group: str) -> None:
    """Raises DataError where a row has no group; one job."""
    from pyspark.sql import functions as F

    found = train.agg(F.count_if(F.col(quote(group)).isNull()).alias("absent")).first()
    absent = found["absent"] if found is not None else 0
    if absent:
        raise DataError(
            f"{absent:,} training rows have no group in '{group}'",
            fix="Fill or drop them in clean, or choose folds that do not look at groups.",
        )
