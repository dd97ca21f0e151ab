"""Nearest neighbours and the rows made between them; numpy and scipy on the driver."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lakesmith.columns import RESERVED

Array = np.ndarray[Any, Any]
_ONE_HOT = re.compile(rf"({RESERVED}c[0-9]+)_")  # VectorAssembler puts the column's name before the category's


def categorical_groups(metadata: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    """Positions of the slots that are the categories of one column, told by the vector's own metadata: the binary
    ones, grouped by the one-hot column that their names begin with. A binary slot by itself is a number."""
    attributes = metadata.get("ml_attr", {}).get("attrs", {})
    groups: dict[str, list[int]] = {}
    for each in attributes.get("binary", ()):
        column = _ONE_HOT.match(str(each.get("name", "")))
        groups.setdefault(column[1] if column else str(each["idx"]), []).append(each["idx"])
    return tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def made_rows(
    vectors: Array,
    is_of: Array,
    weights: Array | None,
    more: int,
    neighbours: int,
    groups: Sequence[Sequence[int]],
    seed: tuple[int, int],
) -> tuple[Array, Array | None]:
    """`more` rows (and their weights) of the class whose rows `is_of` marks, the same for any order of the rows."""
    rows = vectors[is_of]
    order = np.lexsort(rows.T[::-1])
    rows, weighed = rows[order], weights[is_of][order] if weights is not None else None
    near = nearest(rows, neighbours, groups)
    draw = np.random.default_rng(seed)
    start = draw.integers(0, len(rows), more)
    end = near[start, draw.integers(0, near.shape[1], more)]
    made = rows[start] + draw.random((more, 1)) * (rows[end] - rows[start])
    for group in groups:
        columns = list(group)
        votes = rows[near[start]][:, :, columns].sum(axis=1)
        made[:, columns] = np.eye(len(columns))[votes.argmax(axis=1)] * (votes.max(axis=1) > 0)[:, None]
    return made, weighed[start] if weighed is not None else None


def nearest(rows: Array, neighbours: int, groups: Sequence[Sequence[int]]) -> Array:
    """(rows, k): the positions of the k nearest other rows, k at most `neighbours`. Euclidean over the numeric slots;
    two different categories are apart by the median of the numeric slots' deviations."""
    from scipy.spatial import cKDTree

    scaled = rows.copy()
    in_groups = [position for group in groups for position in group]
    if in_groups:
        numeric = np.setdiff1d(np.arange(rows.shape[1]), in_groups)
        apart = np.median(rows[:, numeric].std(axis=0)) if len(numeric) else 1.0
        scaled[:, in_groups] *= apart / np.sqrt(2)  # two slots differ where two categories do
    size = min(neighbours, len(rows) - 1)
    _, found = cKDTree(scaled).query(scaled, k=size + 1)
    found = np.asarray(found).reshape(len(rows), size + 1)
    # A row is its own nearest one, unless an equal row comes first.
    own = found == np.arange(len(rows))[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(found[~own].reshape(len(rows), size))
