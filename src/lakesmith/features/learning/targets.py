"""Learned means of the label by category: of all training rows for the rows that are scored, out of fold for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lakesmith.columns import RESERVED, quote
from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.features.learning.learner import OutOfFoldLearner, adding
from lakesmith.features.learning.statistics import rounded
from lakesmith.features.statements import number_literal, text_literal
from lakesmith.splits import share_of

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import Column, DataFrame

_SALT = "target_encode"
_FOLD, _VALUE, _MEAN = (f"{RESERVED}target_{name}" for name in ("fold", "value", "mean"))
_ALL = -1  # the position of the sums over all rows


@dataclass(frozen=True)
class Sums:
    """Rows and label sums by fold: of all rows (2, folds), and of each kept category of each column."""

    overall: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    by_column: tuple[dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]], ...]


class LearnTargets(OutOfFoldLearner):
    """A map from category to mean for each column; on the training rows a join with the means of the other folds."""

    def __init__(
        self, columns: dict[str, tuple[str, str]], key: Sequence[str], smoothing: float, folds: int, most: int
    ) -> None:
        """`columns`: name for people → (column with MISSING for null, output). `key` divides rows into folds."""
        super().__init__()
        self.columns = columns
        self.key = tuple(key)
        self.smoothing = smoothing
        self.folds = folds
        self.most = most

    def learn_both(
        self, dataset: DataFrame
    ) -> tuple[Sequence[Transformer], Sequence[str], Callable[[DataFrame], DataFrame]]:
        _check_label(dataset)
        # A frame without the key, as cross_validation may be given, is divided by all that its rows hold.
        held = [name for name in self.key if name in dataset.columns]
        whole = [name for name in dataset.columns if not name.startswith(RESERVED)]
        fold = self._fold(held if held == list(self.key) else whole)
        sums = self._sums(dataset, fold)
        prior = self._prior(sums.overall.sum(axis=1))
        added = {}
        for (column, output), found in zip(self.columns.values(), sums.by_column, strict=True):
            means = {value: self._mean(each.sum(axis=1), prior) for value, each in found.items()}
            entries = ", ".join(f"{text_literal(v)}, {number_literal(mean)}" for v, mean in sorted(means.items()))
            looked_up = f"try_element_at(map({entries}), {column})" if entries else "NULL"
            added[output] = f"coalesce({looked_up}, {number_literal(prior)})"
        return [adding(added)], (), lambda rows: self._on_training(rows, sums, fold)

    def _sums(self, dataset: DataFrame, fold: Column) -> Sums:
        """One Spark action: long form, cut to the `most` most frequent categories (ties: the lesser text) of each."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        entries = [F.struct(F.lit(_ALL).alias("position"), F.lit("").alias("value"))]
        for position, (column, _) in enumerate(self.columns.values()):
            entries.append(F.struct(F.lit(position).alias("position"), F.col(quote(column)).alias("value")))
        long = dataset.select(fold.alias("fold"), LABEL, F.explode(F.array(*entries)).alias("entry"))
        counts = long.groupBy("entry.position", "entry.value", "fold").agg(
            F.count(LABEL).alias("rows"), F.sum(LABEL).alias("total")
        )
        of_value = F.sum("rows").over(Window.partitionBy("position", "value"))
        order = Window.partitionBy("position").orderBy(F.desc("of_value"), "value")
        ranked = counts.withColumn("of_value", of_value).withColumn("rank", F.dense_rank().over(order))
        found: list[dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]] = [{} for _ in self.columns]
        overall = np.zeros((2, self.folds))
        for row in ranked.where(F.col("rank") <= self.most).collect():
            held = overall
            if row["position"] != _ALL:
                held = found[row["position"]].setdefault(row["value"], np.zeros((2, self.folds)))
            held[:, row["fold"]] += row["rows"], row["total"] or 0.0
        return Sums(overall, tuple(found))

    def _on_training(self, rows: DataFrame, sums: Sums, fold: Column) -> DataFrame:
        from pyspark.sql import functions as F

        spark = rows.sparkSession
        priors = [self._prior(sums.overall.sum(axis=1) - sums.overall[:, part]) for part in range(self.folds)]
        rows = rows.withColumn(_FOLD, fold)
        prior = F.element_at(F.array(*[F.lit(each) for each in priors]), F.col(_FOLD) + 1)
        for (column, output), found in zip(self.columns.values(), sums.by_column, strict=True):
            table = [
                (value, part, self._mean(each.sum(axis=1) - each[:, part], priors[part]))
                for value, each in sorted(found.items())
                for part in range(self.folds)
            ]
            means = spark.createDataFrame(table, f"{_VALUE} string, {_FOLD} int, {_MEAN} double")
            named = rows.withColumn(_VALUE, F.col(quote(column)))
            joined = named.join(F.broadcast(means), [_VALUE, _FOLD], "left")
            rows = joined.withColumn(output, F.coalesce(F.col(_MEAN), prior)).drop(_VALUE, _MEAN)
        return rows.drop(_FOLD)

    def _fold(self, columns: Sequence[str]) -> Column:
        from pyspark.sql import functions as F

        return F.floor(share_of(columns, _SALT) * self.folds).cast("int")

    def _prior(self, sums: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        rows, total = sums
        return rounded(float(total / rows)) if rows else 0.0

    def _mean(self, sums: np.ndarray[tuple[int, ...], np.dtype[np.float64]], prior: float) -> float:
        rows, total = sums
        weight = rows + self.smoothing
        return rounded(float((total + self.smoothing * prior) / weight)) if weight else prior


def _check_label(dataset: DataFrame) -> None:
    classes = dataset.schema[LABEL].metadata.get("ml_attr", {}).get("vals", ())
    if len(classes) > 2:
        raise ConfigError(
            f"target_encode takes a label that is a number or has two classes; this one has {len(classes)}",
            key="features", fix="Use frequency or one_hot.",
        )  # fmt: skip
