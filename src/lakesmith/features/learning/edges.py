"""Learned edges: where the values of many columns are cut, by their quantiles or by what tells of the label."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakesmith.columns import quote
from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.features.learning.literals import bin_number
from lakesmith.features.learning.statistics import quantiles

FINE = 64  # bins that a tree's edges are chosen from
Table = NDArray[np.float64]


def quantile_edges(frame: DataFrame, columns: Sequence[str], bins: int) -> list[list[float]]:
    """The inner edges of at most `bins` bins of about equally many rows; fewer where quantiles are equal."""
    found = quantiles(frame, columns, [step / bins for step in range(bins)])
    # An edge at the least value would leave the bin below it empty.
    return [sorted({edge for edge in edges[1:] if edge > edges[0]}) for edges in found]


def tree_edges(frame: DataFrame, columns: Sequence[str], bins: int, min_share: float) -> list[list[float]]:
    """The inner edges of the bins that a decision tree on one column and LABEL makes: at most `bins` leaves, each with
    at least `min_share` of the rows that have a value.

    Grown best first by the decrease of the label's variance, or of its Gini impurity where it has classes, as
    scikit-learn's trees with `max_leaf_nodes`. Edges are chosen among those of FINE quantile bins, from one table of
    label sums a bin, so that the rows are read a fixed number of times. Rows without a value are left out.
    """
    fine = quantile_edges(frame, columns, FINE)
    tables = label_sums(frame, columns, fine)
    return [_grown(edges, table[:-1], bins, min_share) for edges, table in zip(fine, tables, strict=True)]


def label_sums(frame: DataFrame, columns: Sequence[str], edges: Sequence[Sequence[float]]) -> list[Table]:
    """Column by column a table with one row a bin, the last for missing values: rows with a label, and the sum of
    LABEL, or with more than two classes the rows of each. One aggregate for all columns.

    Raises ConfigError where the frame has no LABEL.
    """
    need_label(frame)
    classes = _classes(frame)
    long = labelled(frame).select(
        F.col(LABEL).alias("label"), F.explode(F.array(*_cells(columns, edges))).alias("cell")
    )
    group = ["position", "bin", *(["label"] if classes else [])]
    sums = long.select("cell.*", "label").groupBy(*group).agg(F.count("*").alias("rows"), F.sum("label").alias("sum"))
    tables = [np.zeros((len(each) + 2, 1 + (classes or 1))) for each in edges]
    for row in sums.collect():
        table, place = tables[row["position"]], row["bin"]
        table[place, 0] += row["rows"]
        if classes:
            table[place, 1 + int(row["label"])] += row["rows"]
        else:
            table[place, 1] += row["sum"]
    return tables


def _cells(columns: Sequence[str], edges: Sequence[Sequence[float]]) -> list[Column]:
    """Each column's position and the row's bin in it, the one after the last for a missing value."""
    return [
        F.struct(
            F.lit(position).alias("position"),
            F.when(F.col(quote(column)).isNull(), len(each) + 1)
            .otherwise(F.expr(bin_number(quote(column), each)))
            .alias("bin"),
        )
        for position, (column, each) in enumerate(zip(columns, edges, strict=True))
    ]


def labelled(frame: DataFrame) -> DataFrame:
    """The rows whose LABEL is a finite number."""
    # NaN is larger than infinity in Spark's order.
    return frame.where(F.abs(F.col(LABEL)) < F.lit(math.inf))


def need_label(frame: DataFrame) -> None:
    """Raises ConfigError where the frame has no LABEL to learn from."""
    if LABEL not in frame.columns:
        raise ConfigError(
            "a feature learns from the label, and these rows have none", key="features", fix="Declare a task's label."
        )


def _classes(frame: DataFrame) -> int:
    """How many classes LABEL has, where it has more than two; else 0: then its sum says all."""
    told = frame.schema[LABEL].metadata.get("ml_attr", {}).get("vals", ())
    return len(told) if len(told) > 2 else 0


def _grown(edges: Sequence[float], table: Table, bins: int, min_share: float) -> list[float]:
    """The edges of the leaves: ranges of fine bins, split where it helps most until there are enough."""
    rows = table[:, 0].sum()
    if not rows:
        return []
    # The sums of a label far from 0 would lose the digits that tell splits apart.
    sums = table[:, 1:] - table[:, :1] * (table[:, 1:].sum(axis=0) / rows)
    counted = np.vstack([np.zeros(table.shape[1]), np.cumsum(np.hstack([table[:, :1], sums]), axis=0)])
    least = max(1, math.ceil(min_share * rows))
    leaves = [0, len(table)]
    while len(leaves) <= bins:
        splits = [_best_split(counted, low, high, least) for low, high in pairwise(leaves)]
        gain, place = max((each for each in splits if each is not None), default=(0.0, 0), key=lambda each: each[0])
        if gain <= 0:
            break
        leaves = sorted([*leaves, place])
    return [edges[leaf - 1] for leaf in leaves[1:-1]]


def _best_split(counted: Table, low: int, high: int, least: int) -> tuple[float, int] | None:
    """The decrease of the squared error, and the fine bin that the upper part begins with; None for no split.

    Rounded to ten digits, so that the order in which rows were summed decides no tie; ties go to the lower split.
    """
    places = np.arange(low + 1, high)
    below, above = counted[places] - counted[low], counted[high] - counted[places]
    fits = (below[:, 0] >= least) & (above[:, 0] >= least)
    if not fits.any():
        return None
    whole = counted[high] - counted[low]
    gains = sum(_explained(part[fits]) for part in (below, above)) - _explained(whole[None])
    rounded = [float(f"{gain:.10g}") for gain in gains]
    best = max(range(len(rounded)), key=lambda each: rounded[each])
    # What is left of a gain of 0 after rounding errors is no gain.
    noise = 1e-12 * float(counted[-1, 0])
    return (rounded[best], int(places[fits][best])) if rounded[best] > noise else None


def _explained(parts: Table) -> Table:
    explained: Table = (parts[:, 1:] ** 2).sum(axis=1) / parts[:, 0]
    return explained
