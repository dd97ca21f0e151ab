"""Learned principal components: stock stages one after another."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from pyspark.ml import Transformer
from pyspark.ml.feature import PCA, ElementwiseProduct, PCAModel, VectorAssembler, VectorSlicer
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakesmith.features.learning.learner import Learner, Note, adding
from lakesmith.features.learning.scales import is_divisor
from lakesmith.features.learning.slot_statistics import rounded
from lakesmith.features.learning.statistics import Moments, moments
from lakesmith.features.statements import number_literal


class LearnComponents(Learner):
    """Centred (and scaled) columns → `VectorAssembler` → `PCAModel` → signs → the components that stay."""

    def __init__(
        self, columns: dict[str, str], output: str, name: str, size: int, share: float | None, *, scale: bool
    ) -> None:
        """`columns`: name for people → column. `size`: components learned; with `share` fewer of them stay."""
        super().__init__()
        self.columns = columns
        self.output = output
        self.name = name
        self.size = size
        self.share = share
        self.scale = scale

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        found = moments(dataset, list(self.columns.values()))
        scaled = [f"{self.output}z{position}" for position in range(len(found))]
        sources = zip(scaled, self.columns.values(), found, strict=True)
        centred = adding({z: self._scaled(column, each) for z, column, each in sources})
        gathered = VectorAssembler(inputCols=scaled, outputCol=f"{self.output}v")
        has_rows = dataset.limit(2).count() == 2
        rows = centred.transform(dataset) if has_rows else _stand_in(dataset, scaled)
        pca = PCA(k=self.size, inputCol=f"{self.output}v", outputCol=f"{self.output}p").fit(gathered.transform(rows))
        kept = self._kept(pca)
        carried = sum(_carried(pca)[:kept])
        told = [f"{self.name}: {kept} components of {len(found)} columns carry {carried:.1%} of their variance"]
        if not has_rows:
            told = [f"{self.name}: too few training rows, so the components are the columns themselves"]
        return [centred, gathered, pca, *self._signed(pca, kept)], told

    def _scaled(self, column: str, found: Moments) -> str:
        mean = found.mean if math.isfinite(found.mean) else 0.0
        divisor = found.stddev if self.scale and is_divisor(found.stddev) else 1.0
        return f"coalesce(({column} - {number_literal(mean)}) / {number_literal(divisor)}, 0D)"

    def _kept(self, pca: PCAModel) -> int:
        if self.share is None:
            return self.size
        enough = np.flatnonzero(np.cumsum(_carried(pca)) >= self.share - 1e-9)
        return int(enough[0]) + 1 if len(enough) else self.size

    def _signed(self, pca: PCAModel, kept: int) -> list[Transformer]:
        loadings = rounded(pca.pc.toArray())
        largest = loadings[np.abs(loadings).argmax(axis=0), np.arange(self.size)]
        signs = Vectors.dense(np.where(largest < 0, -1.0, 1.0))
        turned = ElementwiseProduct(scalingVec=signs, inputCol=f"{self.output}p", outputCol=f"{self.output}s")
        return [turned, VectorSlicer(inputCol=f"{self.output}s", outputCol=self.output, indices=list(range(kept)))]


def _carried(pca: PCAModel) -> list[float]:
    # Columns that do not vary have no share to speak of.
    return [0.0 if math.isnan(each) else float(each) for each in pca.explainedVariance.toArray()]


def _stand_in(dataset: DataFrame, columns: list[str]) -> DataFrame:
    """Rows whose principal components are the columns, the first with the largest variance."""
    count = len(columns)
    axes = {
        column: F.when(F.col("id") == 2 * i, count - i + 0.0).when(F.col("id") == 2 * i + 1, i - count + 0.0)
        for i, column in enumerate(columns)
    }
    rows = dataset.sparkSession.range(2 * count, numPartitions=1)
    return rows.select(*[F.coalesce(axis, F.lit(0.0)).alias(column) for column, axis in axes.items()])
