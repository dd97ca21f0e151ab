"""Learned embeddings of categories: a map literal for each column."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakesmith.columns import quote
from lakesmith.features.drafts import MISSING
from lakesmith.features.learning.encodings import told_of_caps
from lakesmith.features.learning.learner import Learner, Note, adding
from lakesmith.features.learning.slot_statistics import Numbers, rounded
from lakesmith.features.learning.statistics import categories
from lakesmith.features.statements import number_literal, text_literal

Known = list[tuple[int, str]]  # (position of the column, category)


class LearnEmbedding(Learner):
    """One job finds the categories, one counts their pairs; the rest is linear algebra on the driver."""

    def __init__(self, columns: dict[str, tuple[str, list[str]]], size: int, max_categories: int) -> None:
        """`columns`: name for people → (column with MISSING for null, outputs)."""
        super().__init__()
        self.columns = columns
        self.size = size
        self.most = max(max_categories // len(columns) - 1, 1)  # and one for missing

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        sources = [column for column, _ in self.columns.values()]
        found = categories(dataset, sources, self.most)
        known: Known = []
        for position, each in enumerate(found):
            values = [value for value, _ in each.values] + ([MISSING] if each.nulls else [])
            known += [(position, value) for value in values]
        places = _embedding(_together(dataset, sources, known), self.size)
        return self._stages(known, places), told_of_caps(self.columns, found, self.most)

    def _stages(self, known: Known, places: Numbers) -> list[Transformer]:
        entries: list[list[str]] = [[] for _ in self.columns]
        for (position, value), place in zip(known, places, strict=True):
            numbers = ", ".join(number_literal(float(each)) for each in place)
            entries[position].append(f"{text_literal(value)}, array({numbers})")
        looked_up: dict[str, str] = {}
        picked: dict[str, str] = {}
        for (column, outputs), each in zip(self.columns.values(), entries, strict=True):
            place = f"{outputs[0]}e"
            looked_up[place] = (
                f"try_element_at(map({', '.join(each)}), {column})" if each else "CAST(NULL AS ARRAY<DOUBLE>)"
            )
            picked |= {output: f"coalesce({place}[{number}], 0D)" for number, output in enumerate(outputs)}
        return [adding(looked_up), adding(picked)]


def _together(dataset: DataFrame, columns: list[str], known: Known) -> Numbers:
    """How many rows hold both of two categories of different columns; square, in the order of `known`."""
    index: list[dict[str, int]] = [{} for _ in columns]
    for number, (position, value) in enumerate(known):
        index[position][value] = number
    numbers = F.array_compact(F.array(*[_number(column, own) for column, own in zip(columns, index, strict=True)]))
    rows = dataset.select(numbers.alias("one")).select("one", F.explode("one").alias("a"))
    pairs = rows.select("a", F.explode("one").alias("b")).where("a < b").groupBy("a", "b").count()
    counts = np.zeros((len(known), len(known)))
    for a, b, count in pairs.collect():
        counts[a, b] = counts[b, a] = count
    return counts


def _number(column: str, own: dict[str, int]) -> Column:
    entries = ", ".join(f"{text_literal(value)}, {number}" for value, number in own.items())
    return F.expr(f"try_element_at(map({entries}), {quote(column)})" if own else "CAST(NULL AS INT)")


def _embedding(counts: Numbers, size: int) -> Numbers:
    """Positive pointwise mutual information, factorised as E Eᵀ; one row of E for each category."""
    places = np.zeros((len(counts), size))
    if not counts.any():
        return places
    shares = counts / counts.sum()
    alone = shares.sum(axis=1)
    expected = np.outer(alone, alone)
    ratio = np.divide(shares, expected, out=np.ones_like(shares), where=(expected > 0) & (shares > 0))
    values, vectors = np.linalg.eigh(np.maximum(np.log(ratio), 0.0))
    # Ascending; what is nearly zero is rounding, and negative ones tell of no likeness.
    order = [int(each) for each in np.argsort(-values, kind="stable")[:size] if values[each] > 1e-9]
    values, vectors = values[order], rounded(vectors[:, order])
    if not order:
        return places
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(order))]
    places[:, : len(order)] = vectors * np.where(largest < 0, -1.0, 1.0) * np.sqrt(values)
    return rounded(places)
