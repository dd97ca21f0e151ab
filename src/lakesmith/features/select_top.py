"""The slots that matter most to a small model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.selections import TopSelection

if TYPE_CHECKING:
    from lakesmith.features.learning.selections import Choice


class SelectTop(TopSelection):
    """Keeps the slots with the highest importance in a small random forest (mean decrease of impurity, Spark ML).

    The forest sees about 9,500 training rows at most, chosen by a hash of their values, and each tree all of them. A
    missing value counts as the slot's mean. Row weights are not used.
    """

    kind: Literal["select_top"] = "select_top"
    num_trees: int = Field(20, ge=1, le=500, description="Number of trees.")
    max_depth: int = Field(5, ge=1, le=15, description="Largest depth of a tree.")
    seed: int = Field(0, description="Seed of the slots that each split may use.")

    def choice(self) -> Choice:
        from lakesmith.features.learning.selections import by_importance

        return partial(
            by_importance, most=self.most(), num_trees=self.num_trees, max_depth=self.max_depth, seed=self.seed
        )
