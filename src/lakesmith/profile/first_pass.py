"""The first pass, as it runs on the workers: counts, moments, distinct values, frequent texts, a sample of rows.

Imports numpy, pandas and pyarrow alone.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lakesmith.profile import sketches
from lakesmith.profile.sketches import Array

FREQUENT = 1_000  # texts a column that are kept while counting
PATTERNS = 1_000  # patterns of missing values that are kept while counting


@dataclass(frozen=True)
class Layout:
    """Positions of the prepared columns: numbers first, then texts, then others, then the row's hash."""

    numbers: int
    texts: int
    others: int
    sample_rows: int

    @property
    def columns(self) -> int:
        """All columns but the hash."""
        return self.numbers + self.texts + self.others


@dataclass
class FirstState:
    """What has been seen so far; `+` adds what another task has seen."""

    layout: Layout
    rows: int = 0
    nulls: Array = field(default_factory=lambda: np.empty(0))
    not_finite: Array = field(default_factory=lambda: np.empty(0))  # (2, numbers): NaN, infinite
    zeros: Array = field(default_factory=lambda: np.empty(0))
    negatives: Array = field(default_factory=lambda: np.empty(0))
    least: Array = field(default_factory=lambda: np.empty(0))
    largest: Array = field(default_factory=lambda: np.empty(0))
    moments: Array = field(default_factory=lambda: np.empty(0))
    hashes: list[Array] = field(default_factory=list)
    texts: list[dict[str, int]] = field(default_factory=list)
    lengths: Array = field(default_factory=lambda: np.empty(0))  # (3, texts): least, largest, sum of characters
    patterns: dict[bytes, int] = field(default_factory=dict)
    sample_keys: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sample: Array = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        shape, size = self.layout, self.layout.numbers
        self.nulls = np.zeros(shape.columns, dtype=np.int64)
        self.not_finite = np.zeros((2, size), dtype=np.int64)
        self.zeros, self.negatives = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self.least, self.largest = np.full(size, np.inf), np.full(size, -np.inf)
        self.moments = np.zeros((5, size))
        self.hashes = [sketches.NO_HASHES] * (size + shape.texts)
        self.texts = [{} for _ in range(shape.texts)]
        self.lengths = np.stack([np.full(shape.texts, np.inf), np.full(shape.texts, -np.inf), np.zeros(shape.texts)])
        self.sample = np.empty((0, size))

    def see(self, batch: pa.RecordBatch) -> None:
        """Takes a batch of rows in."""
        if not batch.num_rows:
            return
        size, texts = self.layout.numbers, self.layout.texts
        self.rows += batch.num_rows
        self.nulls += [batch.column(i).null_count for i in range(self.layout.columns)]
        self._see_numbers(number_matrix(batch, size), batch.column(self.layout.columns).to_numpy())
        for position in range(texts):
            self._see_texts(position, batch.column(size + position))
        for i in range(size):
            self.not_finite[0, i] -= batch.column(i).null_count  # a null is no NaN, though it is one in the matrix
        self._see_patterns(batch)

    def _see_numbers(self, values: Array, keys: Array) -> None:
        finite = np.isfinite(values)
        held = np.where(finite, values, 0.0)
        self.not_finite += [np.isnan(values).sum(axis=0), np.isinf(values).sum(axis=0)]
        self.zeros += (finite & (held == 0)).sum(axis=0)
        self.negatives += (held < 0).sum(axis=0)
        self.least = np.minimum(self.least, np.where(finite, values, np.inf).min(axis=0, initial=np.inf))
        self.largest = np.maximum(self.largest, np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf))
        self.moments = sketches.added_moments(self.moments, sketches.moments(held, finite))
        for i in range(values.shape[1]):
            hashes = sketches.number_hashes(values[finite[:, i], i])
            self.hashes[i] = sketches.least_hashes(self.hashes[i], hashes)
        self._keep_sample(keys, values)

    def _keep_sample(self, keys: Array, rows: Array) -> None:
        if len(self.sample_keys) == self.layout.sample_rows:
            near = keys < self.sample_keys[-1]
            keys, rows = keys[near], rows[near]
        both = np.concatenate([self.sample_keys, keys]), np.concatenate([self.sample, rows])
        self.sample_keys, self.sample = sketches.least_rows(*both, self.layout.sample_rows)

    def _see_texts(self, position: int, column: pa.Array) -> None:
        counted = pc.value_counts(column.drop_null())
        if not len(counted):
            return
        values, counts = counted.field("values"), counted.field("counts").to_numpy()
        hashes = pd.util.hash_array(values.to_numpy(zero_copy_only=False), categorize=False)
        number = self.layout.numbers + position
        self.hashes[number] = sketches.least_hashes(self.hashes[number], hashes)
        sizes = pc.utf8_length(values).to_numpy()
        low, high, total = self.lengths[:, position]
        self.lengths[:, position] = min(low, sizes.min()), max(high, sizes.max()), total + (sizes * counts).sum()
        top = np.argsort(-counts, kind="stable")[:FREQUENT]
        known = self.texts[position]
        for value, count in zip(values.take(pa.array(top)).to_pylist(), counts[top].tolist(), strict=True):
            known[value] = known.get(value, 0) + count
        if len(known) > 8 * FREQUENT:
            self.texts[position] = sketches.most_frequent(known, FREQUENT)[0]

    def _see_patterns(self, batch: pa.RecordBatch) -> None:
        masks = [batch.column(i).is_null().to_numpy(zero_copy_only=False) for i in range(self.layout.columns)]
        packed = np.packbits(np.stack(masks, axis=1), axis=1) if masks else np.zeros((batch.num_rows, 1), np.uint8)
        packed = np.ascontiguousarray(packed)
        found, counts = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_counts=True)
        for pattern, count in zip(found, counts.tolist(), strict=True):
            self.patterns[pattern.tobytes()] = self.patterns.get(pattern.tobytes(), 0) + count
        if len(self.patterns) > 8 * PATTERNS:
            self.patterns = sketches.most_frequent(self.patterns, PATTERNS)[0]

    def __add__(self, other: FirstState) -> FirstState:
        both = FirstState(self.layout)
        both.rows = self.rows + other.rows
        for name in ("nulls", "not_finite", "zeros", "negatives"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        both.least, both.largest = np.minimum(self.least, other.least), np.maximum(self.largest, other.largest)
        both.moments = sketches.added_moments(self.moments, other.moments)
        both.hashes = [sketches.least_hashes(a, b) for a, b in zip(self.hashes, other.hashes, strict=True)]
        both.texts = [_added(a, b, FREQUENT) for a, b in zip(self.texts, other.texts, strict=True)]
        both.patterns = _added(self.patterns, other.patterns, PATTERNS)
        low, high = np.minimum(self.lengths[0], other.lengths[0]), np.maximum(self.lengths[1], other.lengths[1])
        both.lengths = np.stack([low, high, self.lengths[2] + other.lengths[2]])
        both.sample_keys, both.sample = self.sample_keys, self.sample
        both._keep_sample(other.sample_keys, other.sample)
        return both


def number_matrix(batch: pa.RecordBatch, size: int) -> Array:
    """The first `size` columns as (rows, columns) doubles; null is NaN."""
    if not size:
        return np.empty((batch.num_rows, 0))
    return np.stack([batch.column(i).to_numpy(zero_copy_only=False) for i in range(size)], axis=1)


def _added(one: dict[Any, int], other: dict[Any, int], most: int) -> dict[Any, int]:
    added = dict(one)
    for key, count in other.items():
        added[key] = added.get(key, 0) + count
    return sketches.most_frequent(added, 8 * most)[0]


def task(start: Callable[[], Any]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A task for `mapInArrow`: all batches into one state, which goes out as bytes."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        state = start()
        for batch in batches:
            state.see(batch)
        yield packed_state(state)

    return run


def merge(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A task for `mapInArrow`: all states into one."""
    total = None
    for batch in batches:
        for state in unpacked_states(batch.column(0).to_pylist()):
            total = state if total is None else total + state
    if total is not None:
        yield packed_state(total)


def packed_state(state: Any) -> pa.RecordBatch:
    """A state as a batch of one row with one column of bytes."""
    return pa.RecordBatch.from_arrays([pa.array([pickle.dumps(state)], pa.binary())], ["state"])


def unpacked_states(states: list[bytes]) -> Iterator[Any]:
    """The states that our own tasks packed."""
    for each in states:
        yield pickle.loads(each)
