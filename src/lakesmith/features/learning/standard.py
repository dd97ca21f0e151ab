"""Columns on one scale as SQL: what learners that compare columns compute with."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from lakesmith.features.learning.fills import Filled, fill_sql
from lakesmith.features.learning.statistics import moments
from lakesmith.features.statements import number_literal


@dataclass(frozen=True)
class Standard:
    """A column's training rows with a value, their mean and deviation (0 and 1 where there is none)."""

    column: str
    count: int
    mean: float
    deviation: float

    def sql(self) -> str:
        """The standardized value; 0, the mean, where it is missing."""
        scaled = f"({self.column} - {number_literal(self.mean)}) / {number_literal(self.deviation)}"
        return f"coalesce({scaled}, 0D)"

    def back(self, sql: str) -> str:
        """A standardized value in the column's own units."""
        return f"{number_literal(self.mean)} + {number_literal(self.deviation)} * {sql}"


def standards(frame: DataFrame, columns: Sequence[str]) -> list[Standard]:
    """The standard of each double column; one aggregate."""
    return [
        Standard(
            column,
            each.count,
            each.mean if math.isfinite(each.mean) else 0.0,
            each.stddev if math.isfinite(each.stddev) and each.stddev > 1e-200 else 1.0,
        )
        for column, each in zip(columns, moments(frame, columns), strict=True)
    ]


def standardized(found: Sequence[Standard]) -> str:
    """The row's standardized values as a SQL array."""
    return f"array({', '.join(each.sql() for each in found)})"


def filled_by(each: Filled, sql: str) -> dict[str, str]:
    """Output column and flag column → their SQL, with `sql` where the value is missing."""
    return {**fill_sql(each, None), each.output: f"coalesce({each.column}, {sql})"}
