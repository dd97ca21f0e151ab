"""Learned limits, beyond which a value is an outlier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lakesmith.features.learning.affine import clipped
from lakesmith.features.learning.learner import Learner, adding
from lakesmith.features.learning.statistics import moments, quantiles
from lakesmith.features.statements import number_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Method = Literal["percentile", "iqr", "zscore"]
Limits = tuple[float, float]


class LearnLimits(Learner):
    """Cuts each column to limits found in the training rows; a flag says where it did. Missing stays missing (flag 0).

    A column without values, or for `zscore` with only one, has no limits.
    """

    def __init__(
        self, columns: dict[str, tuple[str, str, str | None]], method: Method, shares: Limits, factor: float
    ) -> None:
        """`columns`: name for people → (column, output, output of the flag); `shares` for percentile, else `factor`."""
        super().__init__()
        self.columns = columns
        self.method = method
        self.shares = shares
        self.factor = factor

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = self._limits(dataset, [column for column, _, _ in self.columns.values()])
        added: dict[str, str] = {}
        for (column, output, flag), limits in zip(self.columns.values(), found, strict=True):
            added[output] = column if limits is None else clipped(column, *limits)
            if flag is not None:
                added[flag] = "0D" if limits is None else _outside(column, limits)
        return [adding(added)], []

    def _limits(self, dataset: DataFrame, columns: Sequence[str]) -> list[Limits | None]:
        if self.method == "percentile":
            return [(q[0], q[1]) if q else None for q in quantiles(dataset, columns, self.shares)]
        if self.method == "iqr":
            return [
                self._around(q[0], q[1], q[1] - q[0]) if q else None for q in quantiles(dataset, columns, [0.25, 0.75])
            ]
        found = moments(dataset, columns)
        return [self._around(m.mean, m.mean, m.stddev) if math.isfinite(m.stddev) else None for m in found]

    def _around(self, low: float, high: float, unit: float) -> Limits:
        return low - self.factor * unit, high + self.factor * unit


def _outside(column: str, limits: Limits) -> str:
    low, high = map(number_literal, limits)
    return f"CASE WHEN {column} < {low} OR {column} > {high} THEN 1D ELSE 0D END"
