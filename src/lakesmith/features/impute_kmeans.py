"""Missing values replaced by the mean of similar rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.filling import Filling

if TYPE_CHECKING:
    from lakesmith.features.learning.fills import Filled


class ImputeKmeans(Filling):
    """Each missing value becomes the mean of its column in the row's cluster; replaces the slots.

    Clusters are k-means over the listed columns, standardized, with missing values at the training mean; a row belongs
    to the nearest centre. The centres come from at most 20,000 training rows, chosen by a hash of their own values so
    that the partitions do not matter; the means from all training rows that have the value. Where a cluster has none
    the training mean stands in, for a column without any value 0. Source of the first centres: Arthur, Vassilvitskii,
    k-means++ (2007).
    """

    kind: Literal["impute_kmeans"] = "impute_kmeans"
    clusters: int = Field(
        8, ge=2, le=200, description="Number of clusters; fewer where there are fewer different rows."
    )
    seed: int = Field(0, ge=0, description="Decides the first centres.")

    def learner(self, filled: tuple[Filled, ...], names: tuple[str, ...]) -> object:
        from lakesmith.features.learning.clusters import LearnClusterFill

        return LearnClusterFill(filled, self.clusters, self.seed, names)
