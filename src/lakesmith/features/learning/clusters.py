"""Learned clusters: k-means on the driver over a sample of rows, and each cluster's means over all of them."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyspark.ml import Transformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakesmith.features.learning.fills import Filled
from lakesmith.features.learning.learner import Learner, adding
from lakesmith.features.learning.literals import array_literal
from lakesmith.features.learning.standard import Standard, filled_by, standardized, standards

Numbers = NDArray[np.float64]
_MOST_ROWS, _MOST_NUMBERS, _MOST_ROUNDS = 20_000, 1_000_000, 100


class LearnClusterFill(Learner):
    """Fills each column with its mean in the cluster of the row."""

    def __init__(self, columns: tuple[Filled, ...], clusters: int, seed: int, names: tuple[str, ...]) -> None:
        """`names`: free internal names, two of which are used."""
        super().__init__()
        self.columns = columns
        self.clusters = clusters
        self.seed = seed
        self.names = names

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = standards(dataset, [each.column for each in self.columns])
        centres = kmeans(_sampled(dataset, found), self.clusters, self.seed)
        values, cluster, _ = self.names
        start, nearest = adding({values: standardized(found)}), adding({cluster: _nearest(values, centres)})
        means = self._means(nearest.transform(start.transform(dataset)), cluster)
        added: dict[str, str] = {}
        for place, (each, standard) in enumerate(zip(self.columns, found, strict=True)):
            mine = [means.get((number, place), standard.mean) for number in range(len(centres))]
            added |= filled_by(each, f"element_at({array_literal(mine)}, {cluster})")
        return [start, nearest, adding(added)], []

    def _means(self, rows: DataFrame, cluster: str) -> dict[tuple[int, int], float]:
        """(cluster, counted from 0; position of the column) → the mean of the values there are."""
        values = F.array(*[F.col(each.column) for each in self.columns])
        long = rows.select(F.col(cluster).alias("cluster"), F.posexplode(values).alias("place", "value"))
        found = long.where("value IS NOT NULL").groupBy("cluster", "place").agg(F.avg("value").alias("mean")).collect()
        # The order in which rows are summed shows in the sixteenth digit.
        return {(row["cluster"] - 1, row["place"]): float(f"{row['mean']:.10g}") for row in found}


def kmeans(rows: Numbers, clusters: int, seed: int) -> Numbers:
    """The centres, one a row: k-means++ for the first ones, then Lloyd's rounds until no row changes its cluster. One
    centre at 0 where there are no rows."""
    if not len(rows):
        return np.zeros((1, rows.shape[1]))
    draws = np.random.default_rng(seed)
    centres = rows[[int(draws.integers(len(rows)))]]
    while len(centres) < clusters:
        nearest = _distances(rows, centres).min(axis=1)
        if nearest.sum() <= 1e-12 * len(rows):
            break
        drawn = np.searchsorted(np.cumsum(nearest), draws.random() * nearest.sum(), side="right")
        centres = np.vstack([centres, rows[min(int(drawn), len(rows) - 1)]])
    belongs = np.full(len(rows), -1)
    for _ in range(_MOST_ROUNDS):
        now = _distances(rows, centres).argmin(axis=1)
        if (now == belongs).all():
            break
        belongs = now
        for each in np.unique(belongs):
            centres[each] = rows[belongs == each].mean(axis=0)
    return centres.round(9)


def _distances(rows: Numbers, centres: Numbers) -> Numbers:
    """Squared distances, a row of `rows` a line and a centre a column."""
    return np.stack([((rows - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def _sampled(frame: DataFrame, found: Sequence[Standard]) -> Numbers:
    """The standardized values of a bounded number of rows, in an order that the values alone decide."""
    most = max(1_000, min(_MOST_ROWS, _MOST_NUMBERS // len(found)))
    # Means rounded to nine decimals: what is summed in another order is sorted in the same.
    rows = frame.select(F.expr(f"transform({standardized(found)}, x -> round(x, 9))").alias("row"))
    drawn = rows.orderBy(F.xxhash64("row"), "row").limit(most).collect()
    return np.array([row["row"] for row in drawn], dtype=float).reshape(-1, len(found))


def _nearest(values: str, centres: Numbers) -> str:
    """The position of the nearest centre, counted from 1 (ties: the first), as SQL."""
    count, width = centres.shape
    distance = (
        f"aggregate(zip_with({values}, slice(centres, number * {width} + 1, {width}), (x, c) -> (x - c) * (x - c)), "
        "0D, (total, part) -> total + part)"
    )
    distances = (
        f"transform(array({array_literal(centres.ravel())}), centres -> "
        f"transform(sequence(0, {count - 1}), number -> {distance}))[0]"
    )
    return f"CAST(transform(array({distances}), d -> array_position(d, array_min(d)))[0] AS INT)"
