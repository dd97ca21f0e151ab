"""A forest of decision trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lakesmith.families import Family, TaskSort, columns_of
from lakesmith.search import Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator


class RandomForest(Family):
    """Many trees, each on its own sample of rows and slots, averaged (Spark ML)."""

    kind: Literal["random_forest"] = "random_forest"
    num_trees: int = Field(50, ge=1, description="Number of trees.")
    max_depth: int = Field(8, ge=0, le=30, description="Largest depth of a tree.")
    max_bins: int = Field(32, ge=2, description="Split candidates for each slot, at most.")
    min_instances_per_node: int = Field(1, ge=1, description="Least rows on each side of a split.")
    subsampling_rate: float = Field(1.0, gt=0, le=1, description="Share of rows that each tree sees.")
    feature_subset: Literal["auto", "all", "onethird", "sqrt", "log2"] = Field(
        "auto", description="Slots considered for a split; `auto` is sqrt for classes, a third for regression."
    )

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.quniform import QUniform
        from lakesmith.search.uniform import Uniform

        return {
            "num_trees": QUniform(low=20, high=120, q=10),
            "max_depth": QUniform(low=4, high=12, q=1),
            "subsampling_rate": Uniform(low=0.5, high=1.0),
        }

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        from pyspark.ml.classification import RandomForestClassifier
        from pyspark.ml.regression import RandomForestRegressor

        kind = RandomForestRegressor if sort == "regression" else RandomForestClassifier
        return kind(
            **columns_of(weight),
            numTrees=self.num_trees,
            maxDepth=self.max_depth,
            maxBins=self.max_bins,
            minInstancesPerNode=self.min_instances_per_node,
            subsamplingRate=self.subsampling_rate,
            featureSubsetStrategy=self.feature_subset,
            seed=seed,
        )
