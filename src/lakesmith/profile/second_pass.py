"""The second pass, as it runs on the workers: exact counts in the bins that the first pass chose, and products.

Imports numpy and pyarrow alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakesmith.profile.first_pass import number_matrix
from lakesmith.profile.sketches import Array

TEST, TRAIN = 1, 0


@dataclass(frozen=True)
class Bins:
    """How the second pass sorts values. Per number: `edges` (bin i is [edge i − 1, edge i)), `low` and `width` of its
    histogram, fences beyond which a value is an outlier. Per text: the values counted by themselves."""

    edges: tuple[Array, ...]
    low: Array
    width: Array
    fences: Array  # (6, numbers): low and high by quantile, by IQR, by z
    values: tuple[tuple[str, ...], ...]
    centres: Array  # per number its mean, and
    scales: Array  # its deviation, 1 where it has none: sums of scaled values lose no digits
    correlated: Array  # positions of the numbers whose products are summed
    ranks: tuple[Array, ...]  # per correlated number: the mid-rank of each bin, scaled to deviation 1
    histogram_bins: int
    label: int | None = None  # position among numbers or, if `label_is_text`, among texts
    label_is_text: bool = False
    classes: tuple[str | float, ...] = ()  # values of a label of classes; () for a number
    part: int | None = None  # position among texts of the column that says train or test
    parts: tuple[str, str] = ("train", "test")
    time: int | None = None  # position among numbers of the time the prediction is due

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bins a column, numbers first: + 1 for missing; for texts + 2, for other values and for null."""
        numbers = tuple(len(edges) + 2 for edges in self.edges)
        return numbers + tuple(len(values) + 2 for values in self.values)

    @property
    def outcomes(self) -> int:
        """Columns of the label's table: one a class, or for a number count, sum and sum of squares."""
        return 0 if self.label is None else len(self.classes) or 3


@dataclass
class SecondState:
    """What has been counted so far; `+` adds what another task has counted."""

    bins: Bins
    counts: list[Array] = field(default_factory=list)
    by_label: list[Array] = field(default_factory=list)  # a column: (bins, outcomes); a number's are scaled
    by_class: Array = field(default_factory=lambda: np.empty(0))  # (3, classes, numbers): count, Σ, Σ² of scaled
    by_part: list[Array] = field(default_factory=list)  # a column: (bins, train and test)
    histograms: Array = field(default_factory=lambda: np.empty(0))  # (numbers, bins + 2)
    outliers: Array = field(default_factory=lambda: np.empty(0))  # (3, numbers)
    products: Array = field(default_factory=lambda: np.empty(0))  # (2, 4, n, n): values, ranks: N, A, B, C
    later: Array = field(default_factory=lambda: np.empty(0))  # (2, numbers): later than `time`, both known

    def __post_init__(self) -> None:
        bins, size = self.bins, len(self.bins.edges)
        self.counts = [np.zeros(each, dtype=np.int64) for each in bins.sizes]
        self.by_label = [np.zeros((each, bins.outcomes)) for each in bins.sizes] if bins.outcomes else []
        self.by_part = [np.zeros((each, 2), dtype=np.int64) for each in bins.sizes] if bins.part is not None else []
        self.by_class = np.zeros((3, len(bins.classes), size))
        self.histograms = np.zeros((size, bins.histogram_bins + 2), dtype=np.int64)
        self.outliers = np.zeros((3, size), dtype=np.int64)
        self.products = np.zeros((2, 4, len(bins.correlated), len(bins.correlated)))
        self.later = np.zeros((2, size), dtype=np.int64)

    def see(self, batch: pa.RecordBatch) -> None:
        """Takes a batch of rows in."""
        if not batch.num_rows:
            return
        bins, size = self.bins, len(self.bins.edges)
        values = number_matrix(batch, size)
        codes = [_number_codes(values[:, i], bins.edges[i]) for i in range(size)]
        codes += [_text_codes(batch.column(size + i), known) for i, known in enumerate(bins.values)]
        finite = np.isfinite(values)
        scaled = np.where(finite, (np.where(finite, values, 0) - bins.centres) / bins.scales, 0)
        weights = self._outcomes(batch, values, scaled) if bins.outcomes else None
        part = self._parts(batch)
        for i, code in enumerate(codes):
            length = len(self.counts[i])
            self.counts[i] += np.bincount(code, minlength=length)
            if weights is not None:
                self.by_label[i] += _sums(code, weights, length, len(bins.classes))
            if part is not None:
                known = part >= 0
                both = np.bincount(code[known] * 2 + part[known], minlength=2 * length)
                self.by_part[i] += both.reshape(length, 2)
        if weights is not None and bins.classes:
            self._see_classes(weights, scaled, finite)
        self._see_shapes(values, finite)
        self._see_products(scaled, finite, codes)

    def _outcomes(self, batch: pa.RecordBatch, values: Array, scaled: Array) -> Array:
        """Per row the class (−1: none) or the label's scaled value (NaN: none)."""
        bins = self.bins
        assert bins.label is not None
        if not bins.classes:
            return np.where(np.isfinite(values[:, bins.label]), scaled[:, bins.label], np.nan)
        if bins.label_is_text:
            return _text_codes(batch.column(len(bins.edges) + bins.label), tuple(map(str, bins.classes)), -1)
        classes = np.asarray(bins.classes, dtype=float)
        order = np.argsort(classes)
        place = np.clip(np.searchsorted(classes[order], values[:, bins.label]), 0, len(classes) - 1)
        return np.where(classes[order][place] == values[:, bins.label], order[place], -1)

    def _parts(self, batch: pa.RecordBatch) -> Array | None:
        if self.bins.part is None:
            return None
        return _text_codes(batch.column(len(self.bins.edges) + self.bins.part), self.bins.parts, -1)

    def _see_classes(self, outcome: Array, scaled: Array, finite: Array) -> None:
        known = outcome >= 0
        is_of = (outcome[known, None] == np.arange(len(self.bins.classes))).astype(float)
        given, mask = scaled[known], finite[known].astype(float)
        self.by_class += np.stack([is_of.T @ mask, is_of.T @ given, is_of.T @ (given * given)])

    def _see_shapes(self, values: Array, finite: Array) -> None:
        bins, last = self.bins, self.bins.histogram_bins
        safe = np.where(finite, values, bins.low)
        place = np.floor((safe - bins.low) / bins.width)
        place = np.clip(place, -1, last).astype(np.int64) + 1
        for i in range(values.shape[1]):
            self.histograms[i] += np.bincount(place[finite[:, i], i], minlength=last + 2)
        for kind in range(3):
            low, high = bins.fences[2 * kind], bins.fences[2 * kind + 1]
            self.outliers[kind] += (finite & ((safe < low) | (safe > high))).sum(axis=0)
        if bins.time is not None:
            due = values[:, [bins.time]]
            both = finite & np.isfinite(due)
            self.later += [(both & (safe > due)).sum(axis=0), both.sum(axis=0)]

    def _see_products(self, scaled: Array, finite: Array, codes: list[Array]) -> None:
        bins = self.bins
        if not len(bins.correlated):
            return
        known = finite[:, bins.correlated]
        columns = [ranks[codes[i]] for i, ranks in zip(bins.correlated.tolist(), bins.ranks, strict=True)]
        ranked = np.where(known, np.stack(columns, axis=1), 0)
        mask = known.astype(float)
        self.products += np.stack([_products(scaled[:, bins.correlated], mask), _products(ranked, mask)])

    def __add__(self, other: SecondState) -> SecondState:
        both = SecondState(self.bins)
        for name in ("counts", "by_label", "by_part"):
            setattr(both, name, [a + b for a, b in zip(getattr(self, name), getattr(other, name), strict=True)])
        for name in ("by_class", "histograms", "outliers", "products", "later"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both


def _number_codes(values: Array, edges: Array) -> Array:
    """The bin of each value; the last one for NaN and the infinities."""
    code = np.searchsorted(edges, values, side="right")
    return np.where(np.isfinite(values), code, len(edges) + 1)


def _text_codes(column: pa.Array, known: tuple[str, ...], missing: int | None = None) -> Array:
    """The position of each value among `known`; len(known) for others, + 1 for null; `missing` instead of both."""
    codes = pc.index_in(column, value_set=pa.array(known, pa.string())).fill_null(len(known))
    found = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    if missing is not None:
        return np.where(found == len(known), missing, found)
    return np.where(column.is_null().to_numpy(zero_copy_only=False), len(known) + 1, found)


def _sums(code: Array, outcome: Array, length: int, classes: int) -> Array:
    """(bins, outcomes): rows of each class, or count, sum and sum of squares of the number."""
    if classes:
        known = outcome >= 0
        flat = code[known] * classes + outcome[known]
        return np.bincount(flat, minlength=length * classes).reshape(length, classes).astype(float)
    known = np.isfinite(outcome)
    of, y = code[known], outcome[known]
    return np.stack([np.bincount(of, weights=w, minlength=length) for w in (np.ones_like(y), y, y * y)], axis=1)


def _products(values: Array, mask: Array) -> Array:
    """(4, n, n) over rows where both are known: count, Σ i, Σ i², Σ i j."""
    return np.stack([mask.T @ mask, values.T @ mask, (values * values).T @ mask, values.T @ values])
