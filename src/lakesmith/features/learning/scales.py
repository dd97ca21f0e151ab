"""Learned means and standard deviations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import Moments, moments
from lakesmith.features.statements import number_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame


class LearnScale(Learner):
    """(value − mean) ÷ standard deviation of the training rows; missing stays missing."""

    def __init__(self, columns: dict[str, tuple[str, str]], *, center: bool, scale: bool) -> None:
        """`columns`: name for people → (column, output)."""
        super().__init__()
        self.columns = columns
        self.center = center
        self.scale = scale

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = moments(dataset, [column for column, _ in self.columns.values()])
        added: dict[str, str] = {}
        constant = []
        for (name, (column, output)), each in zip(self.columns.items(), found, strict=True):
            added[output] = self._scaled(column, each)
            if not is_divisor(each.stddev):
                constant.append(name)
        told = [f"constant in the training rows, so centred only: {listed(constant)}"] if constant else []
        return [adding(added)], told

    def _scaled(self, column: str, found: Moments) -> str:
        value = column
        if self.center and math.isfinite(found.mean):
            value = f"({value} - {number_literal(found.mean)})"
        if self.scale and is_divisor(found.stddev):
            value = f"{value} / {number_literal(found.stddev)}"
        return value


def is_divisor(stddev: float) -> bool:
    """Whether a deviation may be divided by."""
    # Below this a quotient may be infinite.
    return math.isfinite(stddev) and stddev > 1e-200
