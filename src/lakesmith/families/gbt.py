"""Gradient-boosted trees, Spark's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from lakesmith.families import Family, TaskSort, columns_of
from lakesmith.search import Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator


class Gbt(Family):
    """Gradient-boosted trees (Spark ML): regression and two classes. Slower than xgboost, with nothing to install."""

    kind: Literal["gbt"] = "gbt"
    sorts: ClassVar[tuple[TaskSort, ...]] = ("regression", "binary")
    max_iter: int = Field(20, ge=1, description="Number of trees.")
    max_depth: int = Field(5, ge=0, le=30, description="Largest depth of a tree.")
    step_size: float = Field(0.1, gt=0, le=1, description="Learning rate: how much each tree counts.")
    max_bins: int = Field(32, ge=2, description="Split candidates for each slot, at most.")
    min_instances_per_node: int = Field(1, ge=1, description="Least rows on each side of a split.")
    subsampling_rate: float = Field(1.0, gt=0, le=1, description="Share of rows that each tree sees.")

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.loguniform import LogUniform
        from lakesmith.search.quniform import QUniform

        return {
            "max_iter": QUniform(low=10, high=60, q=10),
            "max_depth": QUniform(low=3, high=7, q=1),
            "step_size": LogUniform(low=0.03, high=0.3),
        }

    def instead(self, sort: TaskSort) -> str:
        return "Use xgboost or random_forest, which take more than two classes."

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        from pyspark.ml.classification import GBTClassifier
        from pyspark.ml.regression import GBTRegressor

        self.check_sort(sort)
        kind = GBTRegressor if sort == "regression" else GBTClassifier
        return kind(
            **columns_of(weight),
            maxIter=self.max_iter,
            maxDepth=self.max_depth,
            stepSize=self.step_size,
            maxBins=self.max_bins,
            minInstancesPerNode=self.min_instances_per_node,
            subsamplingRate=self.subsampling_rate,
            seed=seed,
        )
