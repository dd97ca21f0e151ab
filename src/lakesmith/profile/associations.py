"""What one column tells of the label, and columns of one another, from the second pass's tables."""

from __future__ import annotations

import math

import numpy as np

from lakesmith.profile.results import Association, Correlations, Matrix
from lakesmith.profile.second_pass import SecondState
from lakesmith.profile.sketches import Array

GROUPS = 20  # bins that a number's are joined to before its association with classes is measured


def association(second: SecondState, position: int, pearson: Array | None, spearman: Array | None) -> Association:
    """The column's association with the label; `pearson` and `spearman` are its correlations with a numeric label."""
    bins, table = second.bins, second.by_label[position]
    is_number = position < len(bins.edges)
    joined = grouped(table, bins.classes != ()) if is_number else table
    if not bins.classes:
        ratio = correlation_ratio(joined[:, 0], joined[:, 1], joined[:, 2])
        return Association(correlation_ratio=ratio, pearson=_known(pearson), spearman=_known(spearman))
    ratio = correlation_ratio(*second.by_class[:, :, position]) if is_number else None
    auc = binary_auc(table[:-1]) if is_number and len(bins.classes) == 2 else None
    return Association(auc=auc, cramers_v=cramers_v(joined), correlation_ratio=ratio)


def grouped(table: Array, is_counted: bool) -> Array:
    """A number's bins joined in order to about GROUPS of equally many rows; its last bin, the missing, by itself."""
    known, missing = table[:-1], table[-1:]
    rows = known.sum(axis=1) if is_counted else known[:, 0]
    total = rows.sum()
    if len(known) <= GROUPS or not total:
        return table
    group = np.minimum((np.cumsum(rows) - rows / 2) / total * GROUPS, GROUPS - 1).astype(int)
    return np.concatenate([np.stack([known[group == g].sum(axis=0) for g in range(GROUPS)]), missing])


def binary_auc(table: Array) -> float | None:
    """The chance that a row of the second class has the greater value, ties half; None without rows of both.

    From (bins in the order of values, 2 classes): values of one bin count as ties.
    """
    negative, positive = table[:, 0], table[:, 1]
    if not negative.sum() or not positive.sum():
        return None
    below = np.cumsum(negative) - negative
    return float(((below + negative / 2) * positive).sum() / (negative.sum() * positive.sum()))


def cramers_v(table: Array) -> float | None:
    """Cramér's V of (bins, classes), corrected for bias: Bergsma 2013, "A bias-correction for Cramér's V"."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    total, (rows, columns) = table.sum(), table.shape
    if total < 2 or rows < 2 or columns < 2:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    phi = float(((table - expected) ** 2 / expected).sum() / total)
    phi = max(phi - (rows - 1) * (columns - 1) / (total - 1), 0.0)
    least = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return min(math.sqrt(phi / least), 1.0) if least > 0 else None


def correlation_ratio(count: Array, total: Array, square: Array) -> float | None:
    """The root of the share of variance that lies between groups, corrected for their number (Kelley 1935)."""
    held = count > 0
    count, total, square = count[held], total[held], square[held]
    n, groups = count.sum(), len(count)
    whole = square.sum() - total.sum() ** 2 / n if n else 0.0
    if n <= groups or groups < 2 or whole <= 0:
        return None
    within = max(float((square - total**2 / count).sum()), 0.0)
    return math.sqrt(max(1 - (within / float(n - groups)) / (float(whole) / float(n - 1)), 0.0))


def correlations(second: SecondState, names: tuple[str, ...], left_out: int) -> tuple[Correlations, Array, Array]:
    """All three matrices, and Pearson's and Spearman's as arrays with NaN for what is undefined."""
    scales = second.bins.scales[second.bins.correlated]
    pearson, cross = _pairwise(second.products[0])
    spearman, _ = _pairwise(second.products[1])
    covariance = cross * np.outer(scales, scales)
    told = tuple(
        Matrix(name=name, values=tuple(tuple(_known(each) for each in row) for row in matrix))
        for name, matrix in (("pearson", pearson), ("spearman", spearman), ("covariance", covariance))
    )
    return Correlations(names=names, matrices=told, left_out=left_out), pearson, spearman


def _pairwise(products: Array) -> tuple[Array, Array]:
    """Correlation and covariance (n − 1) over the rows where both are known."""
    count, total, square, cross = products
    safe = np.maximum(count, 1)
    spread = cross - total * total.T / safe
    deviation = np.sqrt(np.maximum(square - total**2 / safe, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.clip(spread / (deviation * deviation.T), -1, 1)
        covariance = np.where(count > 1, spread / (count - 1), np.nan)
    return np.where(deviation * deviation.T > 1e-9 * safe, correlation, np.nan), covariance


def population_stability(by_part: Array) -> float | None:
    """How far a column's test rows lie from its train rows (population stability index), less what chance alone adds:
    (bins − 1) (1 / train + 1 / test). None without rows of both."""
    train, test = by_part[:, 0].astype(float), by_part[:, 1].astype(float)
    if not train.sum() or not test.sum():
        return None
    held = (train + test) > 0
    a, b = (train[held] + 0.5) / (train.sum() + 0.5 * held.sum()), (test[held] + 0.5) / (test.sum() + 0.5 * held.sum())
    by_chance = (held.sum() - 1) * (1 / train.sum() + 1 / test.sum())
    return max(float(((b - a) * np.log(b / a)).sum() - by_chance), 0.0)


def _known(value: float | Array | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
