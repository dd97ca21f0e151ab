"""Learned ranks: where a value stands among those of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakesmith.features.learning.learner import Learner, adding
from lakesmith.features.learning.literals import array_literal
from lakesmith.features.learning.statistics import quantiles
from lakesmith.features.statements import number_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame


class LearnRanks(Learner):
    """The share of training rows below the value, linear between learned quantiles; missing stays missing."""

    def __init__(self, columns: dict[str, tuple[str, str]], steps: int) -> None:
        """`columns`: name for people → (column, output)."""
        super().__init__()
        self.columns = columns
        self.steps = steps

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        shares = [step / self.steps for step in range(self.steps + 1)]
        found = quantiles(dataset, [column for column, _ in self.columns.values()], shares)
        return [adding({o: _rank(c, q) for (c, o), q in zip(self.columns.values(), found, strict=True)})], []


def _rank(column: str, quantiles_: Sequence[float]) -> str:
    if not quantiles_:
        return f"CASE WHEN {column} IS NOT NULL THEN 0D END"
    last = len(quantiles_) - 1
    # `b` quantiles lie below the value: it stands between the b-th and the next.
    low, high = "element_at(q, b)", "element_at(q, b + 1)"
    inside = f"(b - 1 + ({column} - {low}) / ({high} - {low})) / {number_literal(last)}"
    rank = f"CASE WHEN b = 0 THEN 0D WHEN b > {last} THEN 1D ELSE {inside} END"
    # transform() over an array of one names its element, so that neither the quantiles nor `b` are written twice.
    below = f"transform(array(size(filter(q, each -> each < {column}))), b -> {rank})[0]"
    return f"CASE WHEN {column} IS NOT NULL THEN transform(array({array_literal(quantiles_)}), q -> {below})[0] END"
