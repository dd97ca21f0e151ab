"""One decision tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lakesmith.families import Family, TaskSort, columns_of
from lakesmith.search import Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator


class DecisionTree(Family):
    """A single decision tree (Spark ML): weak, but it can be read."""

    kind: Literal["decision_tree"] = "decision_tree"
    max_depth: int = Field(5, ge=0, le=30, description="Largest depth; 0 is a single leaf.")
    max_bins: int = Field(32, ge=2, description="Split candidates for each slot, at most.")
    min_instances_per_node: int = Field(1, ge=1, description="Least rows on each side of a split.")
    min_info_gain: float = Field(0.0, ge=0, allow_inf_nan=False, description="Least gain of a split.")

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.choice import Choice
        from lakesmith.search.quniform import QUniform

        return {
            "max_depth": QUniform(low=2, high=12, q=1),
            "min_instances_per_node": Choice(values=(1, 5, 20, 100)),
        }

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        from pyspark.ml.classification import DecisionTreeClassifier
        from pyspark.ml.regression import DecisionTreeRegressor

        kind = DecisionTreeRegressor if sort == "regression" else DecisionTreeClassifier
        return kind(
            **columns_of(weight),
            maxDepth=self.max_depth,
            maxBins=self.max_bins,
            minInstancesPerNode=self.min_instances_per_node,
            minInfoGain=self.min_info_gain,
            seed=seed,
        )
