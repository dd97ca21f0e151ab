"""Learned bins: edges at quantiles or in equal widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import extremes, quantiles

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Method = Literal["quantile", "width", "edges"]


class LearnBins(Learner):
    """Numbers bins from 0; missing has the number after the last bin. Values outside the edges seen belong to the
    first or last bin. One `Bucketizer` for all columns."""

    def __init__(
        self, columns: dict[str, tuple[str, str]], method: Method, bins: int, edges: tuple[float, ...], one_hot: bool
    ) -> None:
        """`columns`: name for people → (column, output)."""
        super().__init__()
        self.columns = columns
        self.method = method
        self.bins = bins
        self.edges = edges
        self.one_hot = one_hot

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
        steps = [step / self.bins for step in range(self.bins)]
        if self.method == "quantile":
            # An edge at the least value would leave the bin below it empty.
            found = quantiles(dataset, columns, steps)
            return [sorted({edge for edge in edges[1:] if edge > edges[0]}) for edges in found]
        ends = extremes(dataset, columns)
        return [
            [] if each is None else sorted({each[0] + (each[1] - each[0]) * step for step in steps[1:]} - {each[0]})
            for each in ends
        ]
