"""How the numbers of one vector column vary, and how each goes with the label: a fixed number of jobs however many."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.stat import Correlation, Summarizer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakesmith.columns import RESERVED, quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.families import LABEL
from lakesmith.features.learning.statistics import extremes, quantiles, sample
from lakesmith.features.statements import number_literal

VECTOR = RESERVED + "vector"
MOST_CORRELATED = 4_000  # slots of a correlation matrix on the driver: 128 MB
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class SlotRows:
    """Training rows as VECTOR, of `size` numbers none of which is missing, and LABEL where the frame has one.

    `classes`: how many the label has; 0 where it is a number, None where there is no label.
    """

    rows: DataFrame
    size: int
    classes: int | None

    def need_label(self) -> int:
        """The number of classes. Raises ConfigError without a label."""
        if self.classes is None:
            raise ConfigError("the task has no label to choose by", key="features", fix="Use select_variance.")
        return self.classes


def slot_rows(frame: DataFrame, column: str, can_be_missing: bool, most: int | None = None) -> SlotRows:
    """The rows of the frame that have a label (all rows where it has no such column); with `most`, a sample of about
    so many. A missing number counts as the mean of the others."""
    size = int(frame.schema[column].metadata["ml_attr"]["num_attrs"])
    classes = None
    if LABEL in frame.columns:
        # NaN is the largest double in Spark's order.
        frame = frame.where(F.col(LABEL) < float("inf"))
        classes = len(frame.schema[LABEL].metadata.get("ml_attr", {}).get("vals", ()))
    if most is not None:
        frame = sample(frame, most)
    vector = F.col(quote(column))
    if can_be_missing:
        means = np.nan_to_num(_moments_of_present(frame, column, size)[0])
        vector = _filled(vector, means)
    labels = [] if classes is None else [F.col(LABEL)]
    return SlotRows(frame.select(vector.alias(VECTOR), *labels), size, classes)


def variances(frame: DataFrame, column: str, can_be_missing: bool) -> Numbers:
    """The variance (n − 1) of each number of the vector, missing ones left out; 0 where there are too few."""
    size = int(frame.schema[column].metadata["ml_attr"]["num_attrs"])
    if can_be_missing:
        return np.nan_to_num(_moments_of_present(frame, column, size)[1])
    summary = Summarizer.metrics("variance").summary(F.col(quote(column)))
    found = frame.groupBy(F.lit("all")).agg(summary.alias("of")).select("of.*").collect()
    return rounded(found[0]["variance"].toArray()) if found else np.zeros(size)


def explained(slots: SlotRows) -> tuple[Numbers, int]:
    """The share of each slot's variance that goes with the label, in [0, 1], and the rows it was learned from.

    With classes the correlation ratio η² (between-class ÷ total sum of squares), else the squared correlation r².
    0 for what is constant.
    """
    return _eta_squared(slots) if slots.need_label() else _r_squared(slots)


def f_values(slots: SlotRows) -> Numbers:
    """The F statistic of each slot: of a one-way analysis of variance over the classes, or of a regression on the one
    slot (scikit-learn's `f_classif`, `f_regression`). 0 for what is constant, infinite for what tells the label."""
    share, rows = explained(slots)
    between = max(slots.need_label() - 1, 1)
    within = rows - between - 1
    with np.errstate(divide="ignore"):
        return np.zeros(slots.size) if within < 1 else share / (1 - share) * (within / between)


def chi_squared(slots: SlotRows) -> Numbers:
    """The χ² statistic of each slot's sums by class (scikit-learn's `chi2`). Raises ConfigError for a label that is a
    number and DataError for a negative slot."""
    if not slots.need_label():
        raise ConfigError("chi_squared needs a label of classes", key="features", fix="Use f_test.")
    vector = F.col(VECTOR)
    summary = Summarizer.metrics("count", "sum", "min").summary(vector)
    found = slots.rows.groupBy(LABEL).agg(summary.alias("of")).select("of.*").collect()
    if not found:
        return np.zeros(slots.size)
    if min(row["min"].toArray().min() for row in found) < 0:
        raise DataError("chi_squared takes counts and amounts; a slot has negative values", fix="Use f_test.")
    observed = np.array([row["sum"].toArray() for row in found])
    shares = np.array([row["count"] for row in found], dtype=float)
    expected = np.outer(shares / shares.sum(), observed.sum(axis=0))
    terms = np.divide((observed - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    return rounded(terms.sum(axis=0))


def mutual_information(slots: SlotRows, bins: int) -> Numbers:
    """The mutual information of each slot and the label, in nats; both in `bins` bins between their quantiles, where a
    value that stands at a quantile is a bin of its own and classes are left as they are.

    Plug-in estimate from the joint counts, as scikit-learn's `mutual_info_score`. In long form: one row for each
    number of each training row.
    """
    shares = [step / bins for step in range(1, bins)]
    long = slots.rows.select(_label_bin(slots, shares).alias("label"), _places_and_values())
    by_slot = long.groupBy("slot").agg(F.percentile("value", F.array(*map(F.lit, shares))).alias("edges"))
    edges = {row["slot"]: sorted(set(row["edges"])) for row in by_slot.collect()}
    if not edges:
        return np.zeros(slots.size)
    own = F.element_at(_literal([edges[slot] for slot in range(slots.size)]), F.col("slot") + 1)
    counts = long.groupBy("slot", _bin(F.col("value"), own).alias("bin"), "label").count().collect()
    tables: list[dict[tuple[int, int], int]] = [{} for _ in range(slots.size)]
    for row in counts:
        tables[row["slot"]][row["bin"], row["label"]] = row["count"]
    return rounded(np.array([_information(table) for table in tables]))


def correlations(slots: SlotRows) -> Numbers:
    """The correlation matrix of the slots; 0 for what is constant. Raises DataError past MOST_CORRELATED slots."""
    if slots.size > MOST_CORRELATED:
        raise DataError(
            f"a correlation matrix of {slots.size:,} slots is too large (at most {MOST_CORRELATED:,})",
            fix="Put select_variance or select_univariate above it.",
        )
    found = Correlation.corr(slots.rows, VECTOR).first()
    assert found is not None
    return rounded(np.nan_to_num(found[0].toArray()))


def rounded(values: Numbers) -> Numbers:
    """Ten significant digits: the order in which partitions are summed shows in the sixteenth."""
    flat = [float(f"{value:.10g}") for value in values.ravel()]
    return np.array(flat, dtype=float).reshape(values.shape)


def _eta_squared(slots: SlotRows) -> tuple[Numbers, int]:
    summary = Summarizer.metrics("count", "mean", "variance").summary(F.col(VECTOR))
    found = slots.rows.groupBy(LABEL).agg(summary.alias("of")).select("of.*").collect()
    if not found:
        return np.zeros(slots.size), 0
    counts = np.array([row["count"] for row in found], dtype=float)[:, None]
    means = np.array([row["mean"].toArray() for row in found])
    within = ((counts - 1) * np.array([row["variance"].toArray() for row in found])).sum(axis=0)
    between = (counts * (means - (counts * means).sum(axis=0) / counts.sum()) ** 2).sum(axis=0)
    return _share(between, between + within), int(counts.sum())


def _r_squared(slots: SlotRows) -> tuple[Numbers, int]:
    ends = extremes(slots.rows, [LABEL])[0]
    if ends is None or ends[0] == ends[1]:
        return np.zeros(slots.size), 0
    # The mean weighted by the label, less the plain one, is the covariance ÷ the mean weight.
    weight = F.col(LABEL) - ends[0]
    summary = Summarizer.metrics("count", "mean", "variance").summary(F.col(VECTOR))
    weighted = Summarizer.mean(F.col(VECTOR), weight)
    columns = [summary.alias("of"), weighted.alias("weighted"), F.avg(weight), F.var_samp(weight)]
    found, leaned, mean_weight, label_variance = slots.rows.agg(*columns).collect()[0]
    covariance = mean_weight * (leaned.toArray() - found["mean"].toArray())
    count = found["count"]
    total = found["variance"].toArray() * label_variance * ((count - 1) / count) ** 2
    return _share(covariance**2, total), count


def _share(part: Numbers, whole: Numbers) -> Numbers:
    return rounded(np.clip(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0), 0, 1))


def _moments_of_present(frame: DataFrame, column: str, size: int) -> tuple[Numbers, Numbers]:
    long = frame.select(F.posexplode(vector_to_array(F.col(quote(column)))).alias("slot", "value"))
    present = F.when(~F.isnan("value"), F.col("value"))
    found = long.groupBy("slot").agg(F.avg(present), F.var_samp(present)).collect()
    moments = np.full((2, size), np.nan)
    for slot, mean, variance in found:
        moments[:, slot] = [np.nan if each is None else each for each in (mean, variance)]
    moments = rounded(moments)
    return moments[0], moments[1]


def _filled(vector: Column, means: Numbers) -> Column:
    present = F.zip_with(
        vector_to_array(vector),
        _literal(means.tolist()),
        lambda value, mean: F.when(F.isnan(value), mean).otherwise(value),
    )
    return array_to_vector(present)


def _places_and_values() -> Column:
    return F.posexplode(vector_to_array(F.col(VECTOR))).alias("slot", "value")


def _label_bin(slots: SlotRows, shares: list[float]) -> Column:
    if slots.need_label():
        return F.col(LABEL).cast("int")
    edges = quantiles(slots.rows.select(F.col(LABEL).cast("double").alias(LABEL)), [LABEL], shares)[0]
    return _bin(F.col(LABEL), _literal(sorted(set(edges)) or [0.0]))


def _bin(value: Column, edges: Column) -> Column:
    # Edges below and edges reached: a value that stands at an edge lies between two bins, as one of its own.
    below = F.size(F.filter(edges, lambda edge: edge < value))
    return below + F.size(F.filter(edges, lambda edge: edge <= value))


def _literal(values: list[Any]) -> Column:
    # As one expression: `lit` of a list calls the JVM once for each number.
    def text(value: Any) -> str:
        return f"array({', '.join(map(text, value))})" if isinstance(value, list) else number_literal(value)

    return F.expr(text(values))


def _information(table: dict[tuple[int, int], int]) -> float:
    total, of_bin, of_label = sum(table.values()), dict[int, int](), dict[int, int]()
    for (number, label), count in table.items():
        of_bin[number] = of_bin.get(number, 0) + count
        of_label[label] = of_label.get(label, 0) + count
    terms = (
        count / total * np.log(count * total / (of_bin[number] * of_label[label]))
        for (number, label), count in table.items()
    )
    return max(float(sum(terms)), 0.0)
