"""Learned linear scales: what is subtracted, divided by and added, from one statistic a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import extremes, quantiles
from lakesmith.features.statements import number_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Affine:
    """(value − `subtract`) ÷ `divide` + `add`. A divisor of 0 marks a column without spread: it is divided by 1."""

    subtract: float
    divide: float
    add: float = 0.0

    def sql(self, column: str) -> str:
        """The scaled column; null where the column is."""
        value = f"({column} - {number_literal(self.subtract)})" if self.subtract else column
        value = f"{value} / {number_literal(self.divide)}" if self.has_spread else value
        return f"{value} + {number_literal(self.add)}" if self.add else value

    @property
    def has_spread(self) -> bool:
        """Whether the divisor is one: below 1e-200 a quotient may be infinite."""
        return abs(self.divide) > 1e-200


# One scale a column; None for a column without values, which stays as it is.
Statistic = Callable[["DataFrame", Sequence[str]], Sequence[Affine | None]]


class LearnAffine(Learner):
    """Each column scaled by what `statistic` finds in the training rows; missing stays missing."""

    def __init__(
        self, columns: dict[str, tuple[str, str]], statistic: Statistic, within: tuple[float, float] | None = None
    ) -> None:
        """`columns`: name for people → (column, output); `within` cuts the results to these limits."""
        super().__init__()
        self.columns = columns
        self.statistic = statistic
        self.within = within

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = self.statistic(dataset, [column for column, _ in self.columns.values()])
        added = {
            output: column if each is None else self._sql(column, each)
            for (column, output), each in zip(self.columns.values(), found, strict=True)
        }
        flat = [name for name, each in zip(self.columns, found, strict=True) if each and not each.has_spread]
        told = [f"without spread in the training rows, so not divided: {listed(flat)}"] if flat else []
        return [adding(added)], told

    def _sql(self, column: str, each: Affine) -> str:
        return each.sql(column) if self.within is None else clipped(each.sql(column), *self.within)


def clipped(sql: str, low: float, high: float) -> str:
    """`sql` cut to [low, high]; null where it is null."""
    # greatest() and least() pass over nulls.
    inside = f"least(greatest({sql}, {number_literal(low)}), {number_literal(high)})"
    return f"CASE WHEN {sql} IS NOT NULL THEN {inside} END"


def ranges(lower: float, upper: float) -> Statistic:
    """The least value goes to `lower`, the largest to `upper`."""

    def found(dataset: DataFrame, columns: Sequence[str]) -> list[Affine | None]:
        ends = extremes(dataset, columns)
        return [None if e is None else Affine(e[0], (e[1] - e[0]) / (upper - lower), lower) for e in ends]

    return found


def sizes(dataset: DataFrame, columns: Sequence[str]) -> list[Affine | None]:
    """The value of the largest size goes to 1 or −1."""
    return [None if e is None else Affine(0.0, max(abs(e[0]), abs(e[1]))) for e in extremes(dataset, columns)]


def spreads(low: float, high: float, *, center: bool, scale: bool) -> Statistic:
    """The median goes to 0, and the distance between the quantiles at `low` and `high` becomes 1."""

    def found(dataset: DataFrame, columns: Sequence[str]) -> list[Affine | None]:
        at = quantiles(dataset, columns, [low, 0.5, high])
        return [Affine(q[1] if center else 0.0, q[2] - q[0] if scale else 1.0) if q else None for q in at]

    return found
