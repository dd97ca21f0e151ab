"""The evaluation table: one small table of counts and sums that every metric, curve and interval is read from.

A cell is one row of it: (model, grain, shared, bucket, label, predicted, bin) → rows, weight, the least score, sums.
- grain FINE: many bins, no buckets; what metrics and curves are computed from.
- grain SPREAD: few bins in up to 200 buckets of rows; what intervals are computed from (`bootstrap.py`).
- grain LEVEL (regression): bins of the predicted value, for the chart of predicted against actual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

FINE, SPREAD, LEVEL = 0, 1, 2
GRAINS = {"fine": FINE, "spread": SPREAD, "level": LEVEL}
KEYS = ("model", "grain", "shared", "bucket", "label", "predicted", "bin")
WEIGHT, ROWS, LOW = "weight", "rows", "low"
LEFT_OUT = -1  # the label of rows that have none (null, or a class that training never saw)
INVALID = -(2**31)  # the bin of rows whose score is null, NaN or infinite


@dataclass(frozen=True)
class Cells:
    """The cells of one model at one grain. Keys have shape (cells,), each sum has shape (replicates, cells); the
    table itself is one replicate."""

    label: IntArray
    predicted: IntArray
    bin: IntArray
    low: FloatArray
    sums: Mapping[str, FloatArray]
    is_exact: bool = False

    @property
    def replicates(self) -> int:
        return int(self.sums[WEIGHT].shape[0])

    @property
    def is_valid(self) -> bool:
        """There is a row, and every row has a score."""
        return self.bin.size > 0 and not bool(np.any(self.bin == INVALID))

    def total(self, measure: str, where: NDArray[np.bool_] | None = None) -> FloatArray:
        """The sum of a measure over the cells, or over those `where` holds; shape (replicates,)."""
        values = self.sums[measure]
        return np.asarray((values if where is None else values[:, where]).sum(axis=1))

    def mean(self, measure: str) -> FloatArray:
        """The weighted mean of a measure over the rows; shape (replicates,)."""
        return ratio(self.total(measure), self.total(WEIGHT))

    def by(self, key: IntArray, measure: str = WEIGHT, where: NDArray[np.bool_] | None = None) -> FloatArray:
        """A measure summed for each distinct value of `key`, in ascending order; shape (replicates, values)."""
        order = np.argsort(key, kind="stable")
        values = self.sums[measure][:, order]
        if where is not None:
            values = values * where[order]
        return np.asarray(np.add.reduceat(values, run_starts(key[order]), axis=1))


@dataclass(frozen=True)
class EvaluationTable:
    """The cells of all models over all test rows.

    `columns` holds KEYS, ROWS, WEIGHT, LOW and the task's measures, one array each. `classes` names the label's
    indices (empty for regression). `is_exact`: bins are distinct scores, so that rank metrics carry no bin error.
    """

    sort: str
    models: tuple[str, ...]
    measures: tuple[str, ...]
    columns: Mapping[str, NDArray[Any]]
    classes: tuple[str, ...] = ()
    is_exact: bool = False

    def cells(self, model: str, *, shared: bool = False, grain: int = FINE) -> Cells:
        """The cells of one model: over all its test rows, or only over those that were test rows for every model."""
        taken = self._taken(model, shared, grain)
        keys, sums = grouped(
            {name: self.columns[name][taken] for name in ("label", "predicted", "bin")},
            {name: self.columns[name][taken] for name in (ROWS, WEIGHT, *self.measures)},
            self.columns[LOW][taken],
        )
        low = sums.pop(LOW)
        return Cells(
            keys["label"],
            keys["predicted"],
            keys["bin"],
            low,
            {name: values[None, :] for name, values in sums.items()},
            self.is_exact,
        )

    def replicates(self, model: str, draws: FloatArray, *, shared: bool = False) -> Cells:
        """The SPREAD cells of one model with bucket b counted `draws[r, b]` times; sums are (replicates, cells)."""
        taken = self._taken(model, shared, SPREAD)
        keys = {name: self.columns[name][taken] for name in ("label", "predicted", "bin")}
        cell, distinct = numbered(keys)
        size = len(distinct["bin"])
        flat = self.columns["bucket"][taken] * size + cell
        shape = (draws.shape[1], size)
        sums = {}
        for name in (WEIGHT, *self.measures):
            values = self.columns[name][taken].astype(np.float64)
            dense = np.bincount(flat, weights=values, minlength=shape[0] * size).reshape(shape)
            sums[name] = draws @ dense
        return Cells(distinct["label"], distinct["predicted"], distinct["bin"], np.full(size, np.nan), sums)

    def buckets(self, model: str, *, shared: bool = False) -> IntArray:
        """The buckets that hold rows of the model, ascending; empty when the table was made without clusters."""
        found: IntArray = np.unique(self.columns["bucket"][self._taken(model, shared, SPREAD)])
        return found

    def rows(self, model: str, *, shared: bool = False) -> int:
        """Labelled test rows of the model."""
        return int(self.columns[ROWS][self._taken(model, shared, FINE)].sum())

    def left_out(self, model: str) -> int:
        """Test rows of the model that no metric sees: without a label, or of a class that training never saw."""
        index = self._index(model)
        columns = self.columns
        where = (columns["model"] == index) & (columns["grain"] == FINE) & (columns["label"] == LEFT_OUT)
        return int(columns[ROWS][where].sum())

    def invalid(self, model: str) -> int:
        """Labelled test rows whose score is null, NaN or infinite; with one of them every metric is NaN."""
        taken = self._taken(model, False, FINE)
        return int(self.columns[ROWS][taken & (self.columns["bin"] == INVALID)].sum())

    def _index(self, model: str) -> int:
        if model not in self.models:
            raise KeyError(f"no model '{model}' in this evaluation table; it has {', '.join(self.models)}")
        return self.models.index(model)

    def _taken(self, model: str, shared: bool, grain: int) -> NDArray[np.bool_]:
        columns = self.columns
        taken = (columns["model"] == self._index(model)) & (columns["grain"] == grain)
        taken = taken & (columns["label"] != LEFT_OUT)
        return np.asarray(taken & (columns["shared"] == 1) if shared else taken)


def numbered(keys: Mapping[str, NDArray[Any]]) -> tuple[IntArray, dict[str, IntArray]]:
    """The number of each row's distinct key, and the distinct keys in ascending order of the columns as given."""
    arrays = {name: np.asarray(values, dtype=np.int64) for name, values in keys.items()}
    size = len(next(iter(arrays.values())))
    order = np.lexsort(tuple(reversed(arrays.values())))
    changes = np.zeros(size, dtype=bool)
    for values in arrays.values():
        changes[1:] |= np.diff(values[order]) != 0
    numbers = np.empty(size, dtype=np.int64)
    numbers[order] = np.cumsum(changes)
    starts = order[np.concatenate([[True], changes[1:]])] if size else order
    return numbers, {name: values[starts] for name, values in arrays.items()}


def grouped(
    keys: Mapping[str, NDArray[Any]], sums: Mapping[str, NDArray[Any]], low: FloatArray
) -> tuple[dict[str, IntArray], dict[str, FloatArray]]:
    """One row per distinct key, with each of `sums` added up and LOW the least of `low`."""
    number, distinct = numbered(keys)
    size = len(next(iter(distinct.values())))
    added = {name: np.bincount(number, weights=values, minlength=size) for name, values in sums.items()}
    least = np.full(size, np.inf)
    np.fmin.at(least, number, low)
    return distinct, {**added, LOW: least}


def run_starts(ordered: IntArray) -> IntArray:
    """Where each run of equal values starts in an ordered array."""
    return np.flatnonzero(np.concatenate([[True], np.diff(ordered) != 0]))


def ratio(dividend: FloatArray, divisor: FloatArray) -> FloatArray:
    """dividend / divisor, NaN where the divisor is zero."""
    shape = np.broadcast_shapes(np.shape(dividend), np.shape(divisor))
    quotient: FloatArray = np.divide(dividend, divisor, out=np.full(shape, np.nan), where=np.asarray(divisor) != 0)
    return quotient
