"""Learned chains of regressions: each column predicted from the others, again and again."""

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
# Products held on the driver: patterns of missing values times the square of the columns.
_MOST_NUMBERS = 10_000_000
_MOST_PATTERNS = 5_000


class LearnChained(Learner):
    """Fills each column by regressions on the others, in the order and as often as they were learned."""

    def __init__(self, columns: tuple[Filled, ...], rounds: int, names: tuple[str, ...]) -> None:
        """`names`: three free internal names."""
        super().__init__()
        self.columns = columns
        self.rounds = rounds
        self.names = names

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = standards(dataset, [each.column for each in self.columns])
        has_value, products, is_all = _products(dataset, found)
        # Fewest missing first, equal ones in the order given.
        order = sorted(range(len(found)), key=lambda place: -found[place].count)
        weights = chained(has_value, products, order, self.rounds)
        values, missing, end = self.names
        mask = f"array({', '.join(f'{each.column} IS NULL' for each in self.columns)})"
        start = adding({values: standardized(found), missing: mask})
        steps = adding({end: _replayed(values, missing, order, weights)})
        added: dict[str, str] = {}
        for place, (each, standard) in enumerate(zip(self.columns, found, strict=True)):
            added |= filled_by(each, standard.back(f"{end}[{place}]"))
        told = [] if is_all else ["impute_iterative learned from the most frequent patterns of missing values only"]
        return [start, steps, adding(added)], told


def chained(has_value: NDArray[np.bool_], products: Numbers, order: Sequence[int], rounds: int) -> Numbers:
    """One regression a step (intercept, then a weight for each column, 0 for the target itself), `rounds` × `order`.

    `products` holds for each pattern of missing values the sums of products of (1, columns…), missing values counted
    as 0, their mean. Filled values are sums of the others, so the products after a step follow from those before.
    """
    products = products.copy()
    steps = []
    for target in [*order] * rounds:
        seen = has_value[:, target]
        weights = _regression(products[seen].sum(axis=0), target)
        steps.append(weights)
        filled = products[~seen] @ weights
        filled[:, target + 1] = filled @ weights
        products[~seen, target + 1, :] = filled
        products[~seen, :, target + 1] = filled
    return np.array(steps)


def _regression(products: Numbers, target: int) -> Numbers:
    """Least squares of the target on the others, of least length where it is not unique; ten decimals, as the order in
    which rows are summed shows in the sixteenth digit."""
    weights, rows = np.zeros(len(products)), products[0, 0]
    if not rows:
        return weights
    means = products[0] / rows
    covariance = products / rows - np.outer(means, means)
    others = [each for each in range(1, len(products)) if each != target + 1]
    inverse = np.linalg.pinv(covariance[np.ix_(others, others)], rcond=1e-10, hermitian=True)
    weights[others] = np.round(inverse @ covariance[others, target + 1], 10)
    weights[0] = round(float(means[target + 1] - weights @ means), 10)
    return weights


def _products(frame: DataFrame, found: Sequence[Standard]) -> tuple[NDArray[np.bool_], Numbers, bool]:
    """Patterns of missing values (True where there is a value), the sums of products of each, and whether they are all:
    the most frequent ones where there are too many for the driver."""
    from pyspark.ml.functions import array_to_vector
    from pyspark.ml.stat import Summarizer

    width = len(found) + 1
    most = max(1, min(_MOST_PATTERNS, _MOST_NUMBERS // width**2))
    pattern = F.concat(*[F.when(F.expr(each.column).isNull(), "0").otherwise("1") for each in found])
    rows = frame.select(pattern.alias("pattern"), F.expr(f"concat(array(1D), {standardized(found)})").alias("row"))
    # Flat whatever the columns, where a column of each product would make a plan of thousands.
    products = F.expr("flatten(transform(row, one -> transform(row, other -> one * other)))")
    summed = rows.groupBy("pattern").agg(
        F.count("*").alias("rows"), Summarizer.sum(array_to_vector(products)).alias("products")
    )
    patterns = summed.orderBy(F.desc("rows"), "pattern").limit(most + 1).collect()
    kept = patterns[:most]
    has_value = np.array([[mark == "1" for mark in row["pattern"]] for row in kept], dtype=bool)
    sums = np.array([row["products"].toArray() for row in kept], dtype=float)
    return has_value.reshape(-1, width - 1), sums.reshape(-1, width, width), len(patterns) <= most


def _replayed(values: str, missing: str, order: Sequence[int], weights: Numbers) -> str:
    """The row's standardized values after all steps, as SQL: one flat expression however many steps there are."""
    count, width = len(order), weights.shape[1]
    target = f"element_at(targets, CAST(step % {count} AS INT) + 1)"
    predicted = (
        f"aggregate(zip_with(now, slice(weights, step * {width} + 2, {width - 1}), (x, weight) -> x * weight), "
        f"element_at(weights, step * {width} + 1), (total, part) -> total + part)"
    )
    step = f"transform(now, (x, place) -> CASE WHEN place = {target} THEN {predicted} ELSE x END)"
    mine = f"filter(sequence(0, {len(weights) - 1}), step -> {missing}[{target}])"
    # transform() over an array of one names its element, so that the weights are not written twice.
    named = (
        f"transform(array(array({', '.join(str(int(each)) for each in order)})), targets -> "
        f"transform(array({array_literal(weights.ravel())}), weights -> "
        f"aggregate({mine}, {values}, (now, step) -> {step}))[0])[0]"
    )
    return f"CASE WHEN array_contains({missing}, true) THEN {named} ELSE {values} END"
