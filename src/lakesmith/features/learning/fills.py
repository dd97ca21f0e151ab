"""Learned values for what is missing: mean, median, mode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import categories, moments, quantiles
from lakesmith.features.statements import number_literal, text_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Strategy = Literal["mean", "median", "mode"]
NO_TEXT = "missing"  # what a text column without any value is filled with


@dataclass(frozen=True)
class Filled:
    """One column to fill: its name for people, where it stands, where the result goes, and where the flag goes."""

    name: str
    column: str
    output: str
    flag: str | None = None
    is_text: bool = False


class LearnFill(Learner):
    """Fills missing values with a value learned from the others; 0 ('missing' for text) where there are none."""

    def __init__(self, columns: tuple[Filled, ...], strategy: Strategy, is_automatic: bool = False) -> None:
        super().__init__()
        self.columns = columns
        self.strategy = strategy
        self.is_automatic = is_automatic

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        values = self._values(dataset)
        notes = []
        if self.is_automatic:
            names = listed([each.name for each in self.columns])
            notes.append(f"missing values become the training median, as the family cannot take them: {names}")
        empty = [each.name for each, value in zip(self.columns, values, strict=True) if value is None]
        if empty:
            notes.append(f"no value in the training rows, so every missing one becomes 0: {listed(empty)}")
        added: dict[str, str] = {}
        for each, value in zip(self.columns, values, strict=True):
            added |= fill_sql(each, value)
        return [adding(added)], notes

    def _values(self, dataset: DataFrame) -> list[float | str | None]:
        names = [each.column for each in self.columns]
        if self.strategy == "mean":
            return [None if math.isnan(each.mean) else each.mean for each in moments(dataset, names)]
        if self.strategy == "median":
            return [each[0] if each else None for each in quantiles(dataset, names, [0.5])]
        found = categories(dataset, names, 1)
        return [
            None if not one.values else one.values[0][0] if each.is_text else float(one.values[0][0])
            for each, one in zip(self.columns, found, strict=True)
        ]


def fill_sql(each: Filled, value: float | str | None) -> dict[str, str]:
    """Output column and flag column (1 where the value was missing) → their SQL."""
    if each.is_text:
        literal = text_literal(NO_TEXT if value is None else str(value))
    else:
        literal = number_literal(0.0 if value is None else float(value))
    filled = {each.output: f"coalesce({each.column}, {literal})"}
    return {**filled, each.flag: f"CASE WHEN {each.column} IS NULL THEN 1D ELSE 0D END"} if each.flag else filled
