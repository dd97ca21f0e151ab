"""Learned bins: edges at quantiles, in equal widths or by a tree on the label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lakesmith.features.learning.edges import quantile_edges, tree_edges
from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import extremes

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Method = Literal["quantile", "width", "edges", "tree"]


class LearnBins(Learner):
    """Numbers bins from 0; missing has the number after the last bin. Values outside the edges seen belong to the
    first or last bin. One `Bucketizer` for all columns."""

    def __init__(
        self,
        columns: dict[str, tuple[str, str]],
        method: Method,
        bins: int,
        edges: tuple[float, ...],
        one_hot: bool,
        min_share: float = 0.05,
    ) -> None:
        """`columns`: name for people → (column, output); `min_share` of the rows is in each bin of a tree."""
        super().__init__()
        self.columns = columns
        self.method = method
        self.bins = bins
        self.edges = edges
        self.one_hot = one_hot
        self.min_share = min_share

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        from pyspark.ml.feature import Bucketizer

        inner = self._inner_edges(dataset)
        single = [name for name, edges in zip(self.columns, inner, strict=True) if not edges]
        told = [f"too few values for more than one bin: {listed(single)}"] if single else []
        outputs = [output for _, output in self.columns.values()]
        # Bucketizer leaves null as null and puts NaN into the extra bin: make one of the other.
        numbers = adding({f"{output}n": f"coalesce({c}, double('NaN'))" for c, output in self.columns.values()})
        # A single bin needs an inner edge all the same; no finite double lies beyond this one.
        splits = [[-math.inf, *(edges or [1.7976931348623157e308]), math.inf] for edges in inner]
        bucketed = Bucketizer(
            splitsArray=splits,
            inputCols=[f"{output}n" for output in outputs],
            outputCols=[f"{output}b" for output in outputs],
            handleInvalid="keep",
        )
        return [numbers, bucketed, self._encoded(outputs, bucketed, numbers.transform(dataset))], told

    def _encoded(self, outputs: list[str], bucketed: Transformer, dataset: DataFrame) -> Transformer:
        from pyspark.ml.feature import OneHotEncoder

        if not self.one_hot:
            # Adding 0 drops the metadata by which Spark's trees would take the number for an unordered category.
            return adding({output: f"{output}b + 0D" for output in outputs})
        encoder = OneHotEncoder(
            inputCols=[f"{output}b" for output in outputs], outputCols=outputs, dropLast=False, handleInvalid="keep"
        )
        return encoder.fit(bucketed.transform(dataset))

    def _inner_edges(self, dataset: DataFrame) -> list[list[float]]:
        columns = [column for column, _ in self.columns.values()]
        if self.method == "edges":
            return [list(self.edges) for _ in columns]
        if self.method == "quantile":
            return quantile_edges(dataset, columns, self.bins)
        if self.method == "tree":
            return tree_edges(dataset, columns, self.bins, self.min_share)
        steps = [step / self.bins for step in range(self.bins)]
        ends = extremes(dataset, columns)
        return [
            [] if each is None else sorted({each[0] + (each[1] - each[0]) * step for step in steps[1:]} - {each[0]})
            for each in ends
        ]
