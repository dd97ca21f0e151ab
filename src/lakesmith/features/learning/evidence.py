"""Learned weights of evidence: what a bin or a category says about a binary label."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pyspark.ml import Transformer
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakesmith.columns import quote
from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.features.drafts import MISSING
from lakesmith.features.learning.edges import label_sums, labelled, need_label, quantile_edges, tree_edges
from lakesmith.features.learning.learner import Learner, adding
from lakesmith.features.learning.literals import bin_number, chosen
from lakesmith.features.statements import number_literal, text_literal

if TYPE_CHECKING:
    from lakesmith.features.woe import Woe

Weigh = Callable[[float, float], float]  # rows, positive rows → weight


class LearnEvidence(Learner):
    """The weight of evidence of each value's bin or category; see the feature `woe`. One stage for all columns."""

    def __init__(self, numbers: dict[str, tuple[str, str]], texts: dict[str, tuple[str, str]], settings: Woe) -> None:
        """`numbers` and `texts`: name for people → (column, output)."""
        super().__init__()
        self.numbers = numbers
        self.texts = texts
        self.settings = settings

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        weigh = self._weigh(dataset)
        added: dict[str, str] = {}
        if self.numbers:
            added |= self._of_bins(dataset, weigh)
        if self.texts:
            added |= self._of_categories(dataset, weigh)
        return [adding(added)], []

    def _weigh(self, dataset: DataFrame) -> Weigh:
        """The weight by the label's totals. Raises ConfigError for a label other than 0 and 1."""
        need_label(dataset)
        other = F.max(F.when(~F.col(LABEL).isin(0.0, 1.0), F.col(LABEL)))
        rows = labelled(dataset)
        [(all_rows, positive, stranger)] = rows.agg(F.count("*"), F.sum(LABEL), other).collect()
        if stranger is not None:
            raise ConfigError(
                f"weight of evidence needs a label with two classes; found the label or class number {stranger:g}",
                key="features",
                fix="Use bin, ordinal or frequency instead of woe.",
            )
        s = self.settings.smoothing
        if not all_rows:
            return lambda _rows, _positive: 0.0
        base = math.log((positive + 2 * s) / (all_rows - positive + 2 * s))
        return lambda n, p: math.log((p + s) / (n - p + s)) - base if n else 0.0

    def _of_bins(self, dataset: DataFrame, weigh: Weigh) -> dict[str, str]:
        columns, settings = [column for column, _ in self.numbers.values()], self.settings
        if settings.method == "tree":
            edges = tree_edges(dataset, columns, settings.bins, settings.min_share)
        else:
            edges = quantile_edges(dataset, columns, settings.bins)
        added = {}
        for (column, output), each, table in zip(
            self.numbers.values(), edges, label_sums(dataset, columns, edges), strict=True
        ):
            *weights, missing = [weigh(rows, positive) for rows, positive in table.tolist()]
            known = chosen(weights, bin_number(column, each))
            added[output] = f"CASE WHEN {column} IS NULL THEN {number_literal(missing)} ELSE {known} END"
        return added

    def _of_categories(self, dataset: DataFrame, weigh: Weigh) -> dict[str, str]:
        found = _category_sums(dataset, [column for column, _ in self.texts.values()], self.settings.max_categories)
        added = {}
        for (column, output), (kept, rest) in zip(self.texts.values(), found, strict=True):
            entries = [f"{text_literal(value)}, {number_literal(weigh(*sums))}" for value, sums in kept.items()]
            weights = f"try_element_at(map({', '.join(entries)}), {column})" if entries else "CAST(NULL AS DOUBLE)"
            added[output] = f"coalesce({weights}, {number_literal(weigh(*rest))})"
        return added


Sums = tuple[float, float]


def _category_sums(frame: DataFrame, columns: Sequence[str], most: int) -> list[tuple[dict[str, Sums], Sums]]:
    """Column by column: category → (rows, positive rows) for the `most` most frequent and MISSING, and the sums of the
    rest. One action; the driver gets `most` + 1 rows a column."""
    kept: list[dict[str, Sums]] = [{} for _ in columns]
    totals = [(0.0, 0.0)] * len(columns)
    ranked = _ranked(frame, columns)
    for row in ranked.where(F.col("rank") <= F.col("has_missing") + most).orderBy("position", "rank").collect():
        kept[row["position"]][row["value"]] = (row["rows"], row["positive"])
        totals[row["position"]] = (row["all_rows"], row["all_positive"])
    return [
        (each, (rows - sum(n for n, _ in each.values()), positive - sum(p for _, p in each.values())))
        for each, (rows, positive) in zip(kept, totals, strict=True)
    ]


def _ranked(frame: DataFrame, columns: Sequence[str]) -> DataFrame:
    """One row a column (`position`) and category, most frequent first, with its sums and those of the column."""
    pairs = [
        F.struct(F.lit(position).alias("position"), F.col(quote(column)).alias("value"))
        for position, column in enumerate(columns)
    ]
    sums = (
        labelled(frame)
        .select(F.col(LABEL).alias("label"), F.explode(F.array(*pairs)).alias("pair"))
        .groupBy("pair.position", "pair.value")
        .agg(F.count("*").cast("double").alias("rows"), F.sum("label").alias("positive"))
    )
    whole = Window.partitionBy("position")
    is_value = F.col("value") != MISSING
    return sums.select(
        "*",
        # MISSING comes first, so that its sums are there whatever the cap.
        F.row_number().over(whole.orderBy(is_value, F.desc("rows"), "value")).alias("rank"),
        F.max((~is_value).cast("int")).over(whole).alias("has_missing"),
        F.sum("rows").over(whole).alias("all_rows"),
        F.sum("positive").over(whole).alias("all_positive"),
    )
