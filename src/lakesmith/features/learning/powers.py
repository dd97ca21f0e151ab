"""Learned powers: the Yeo-Johnson transform whose result is closest to a normal distribution.

Yeo, Johnson: A new family of power transformations to improve normality or symmetry (Biometrika 87, 2000).
"""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

import math
from collections.abc import Sequence

from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from lakesmith.columns import quote
from lakesmith.features.learning.affine import Affine
from lakesmith.features.learning.learner import Learner, adding, listed
from lakesmith.features.learning.statistics import EXACT_ROWS, moments, sample
from lakesmith.features.statements import LARGEST, number_literal

FARTHEST = 5.0
# Distances between the powers tried, all of them ROUND to either side of the best so far. The curve through
# the last round gives the maximum to about 1e-5.
STEPS = (1.0, 0.2, 0.04, 0.008)
ROUND = 5
# A deviation this small beside the mean is made of rounding errors: the power has squeezed all values into one.
_SQUEEZED = 1e-9


class LearnPower(Learner):
    """Yeo-Johnson's transform with the likeliest power of each column; missing stays missing.

    The log-likelihood of a power needs the values' count, the deviation of the transformed values and the sum of
    sign(x)·ln(1 + |x|): one aggregate a round over all columns and powers, len(STEPS) rounds whatever the columns. With
    more rows than `statistics.EXACT_ROWS` a sample of about so many is used.
    """

    def __init__(self, columns: dict[str, tuple[str, str]], *, standardize: bool) -> None:
        """`columns`: name for people → (column, output)."""
        super().__init__()
        self.columns = columns
        self.standardize = standardize

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        powers = likeliest_powers(dataset, [column for column, _ in self.columns.values()])
        flat = [name for name, power in zip(self.columns, powers, strict=True) if power is None]
        told = [f"too few different values for a power, left as they are: {listed(flat)}"] if flat else []
        pairs = zip(self.columns.values(), powers, strict=True)
        bent = {output: column if power is None else yeo_johnson(column, power) for (column, output), power in pairs}
        if not self.standardize:
            return [adding(bent)], told
        between = adding({f"{output}p": sql for output, sql in bent.items()})
        found = moments(between.transform(dataset), [f"{output}p" for output in bent])
        scaled = {}
        for output, each in zip(bent, found, strict=True):
            # scikit-learn divides by the deviation of all rows (n), moments gives that of a sample (n − 1).
            deviation = each.stddev * math.sqrt((each.count - 1) / each.count) if math.isfinite(each.stddev) else 0.0
            scaled[output] = Affine(each.mean if math.isfinite(each.mean) else 0.0, deviation).sql(f"{output}p")
        return [between, adding(scaled)], told


def yeo_johnson(column: str, power: float) -> str:
    """The transformed column as SQL, within what a 32-bit float holds; null where the column is null."""
    above = _bent(f"log1p({column})", power)
    below = _bent(f"log1p(-{column})", 2.0 - power)
    positive, negative = f"least({above}, {LARGEST})", f"-least({below}, {LARGEST})"
    return f"CASE WHEN {column} >= 0D THEN {positive} WHEN {column} < 0D THEN {negative} END"


def likeliest_powers(frame: DataFrame, columns: Sequence[str]) -> list[float | None]:
    """The power of greatest likelihood in [−FARTHEST, FARTHEST] for each column; None for one without spread."""
    best: list[float | None] = [0.0] * len(columns)
    rows = sample(frame, EXACT_ROWS)
    for step in STEPS:
        around = [0.0 if power is None else power for power in best]
        found = _likelihoods(rows, columns, around, step)
        best = [
            None if power is None else _highest(each, around[position], step, is_last=step == STEPS[-1])
            for position, (power, each) in enumerate(zip(best, found, strict=True))
        ]
    return best


def _likelihoods(
    frame: DataFrame, columns: Sequence[str], around: Sequence[float], step: float
) -> list[dict[int, float]]:
    """Column by column: multiple of `step` beside the power in `around` → log-likelihood, where it can be told.

    In long form always: an aggregate for each power would be compiled for longer than it runs.
    """
    by_column: list[dict[int, float]] = [{} for _ in columns]
    for row in _moments_by_power(frame, columns, around, step).collect():
        likelihood = _likelihood(row, around[row["position"]] + row["offset"] * step)
        if likelihood is not None:
            by_column[row["position"]][row["offset"]] = likelihood
    return by_column


def _moments_by_power(frame: DataFrame, columns: Sequence[str], around: Sequence[float], step: float) -> DataFrame:
    """One row a column (`position`) and power (`offset` steps beside `around`), with what its likelihood needs."""
    values = [
        F.struct(F.lit(position).alias("position"), F.col(quote(column)).alias("x"), F.lit(power).alias("around"))
        for position, (column, power) in enumerate(zip(columns, around, strict=True))
    ]
    long = frame.select(F.explode(F.array(*values)).alias("value")).select("value.*").where("x IS NOT NULL")
    tried = long.withColumn("size", F.log1p(F.abs("x"))).select(
        "*", F.explode(F.sequence(F.lit(-ROUND), F.lit(ROUND))).alias("offset")
    )
    bent = _bent_column(F.col("x"), F.col("size"), F.col("around") + F.col("offset") * step)
    return (
        tried.select("position", "offset", "size", "x", bent.alias("bent"))
        .groupBy("position", "offset")
        .agg(
            F.count("x").alias("count"),
            F.sum(F.signum("x") * F.col("size")).alias("logs"),
            F.avg("bent").alias("mean"),
            F.stddev_pop("bent").alias("deviation"),
        )
    )


def _bent_column(x: Column, size: Column, power: Column) -> Column:
    exponent = F.when(x >= 0, power).otherwise(2 - power)
    # Within rounding of 0 the quotient would be 0 ÷ 0.
    bent = F.when(F.abs(exponent) < 1e-9, size).otherwise(F.expm1(exponent * size) / exponent)
    return F.signum(x) * bent


def _bent(size: str, exponent: float) -> str:
    return size if abs(exponent) < 1e-9 else f"expm1({number_literal(exponent)} * {size}) / {number_literal(exponent)}"


def _likelihood(found: Row, power: float) -> float | None:
    mean, deviation = found["mean"], found["deviation"]
    if abs(power) > FARTHEST + 1e-9 or not math.isfinite(mean) or not math.isfinite(deviation):
        return None
    if deviation <= _SQUEEZED * abs(mean):
        return None
    return float(-found["count"] * math.log(deviation) + (power - 1) * found["logs"])


def _highest(found: dict[int, float], around: float, step: float, *, is_last: bool) -> float | None:
    """The likeliest of the powers tried (ties: the one nearest to 1); in the last round the top of the curve through
    all of them, rounded to six decimals."""
    if not found:
        return None
    best = max(found, key=lambda offset: (round(found[offset], 9), -abs(around + offset * step - 1)))
    top = _top(found, best) if is_last and {best - 1, best + 1} <= set(found) else float(best)
    power = around + top * step
    return round(min(max(power, -FARTHEST), FARTHEST), 6) if is_last else power


def _top(found: dict[int, float], best: int) -> float:
    """Where the polynomial (degree 4) through the likelihoods next to `best` is highest, within 1 of it."""
    import numpy as np

    offsets = np.array(sorted(found, key=lambda offset: (abs(offset - best), offset))[:5], dtype=float)
    heights = np.array([found[int(each)] for each in offsets]) - found[best]
    slope = np.polyder(np.polyfit(offsets, heights, min(4, len(offsets) - 1)))
    flat = [float(root.real) for root in np.roots(slope) if abs(root.imag) < 1e-9 and abs(root.real - best) <= 1]
    return min(flat, key=lambda each: abs(each - best), default=float(best))
