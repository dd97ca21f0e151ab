"""Between the passes: the bins, fences and classes that the second one counts by, from what the first one saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lakesmith.profile import sketches
from lakesmith.profile.first_pass import FirstState
from lakesmith.profile.prepared import Prepared
from lakesmith.profile.second_pass import Bins
from lakesmith.profile.sketches import Array

MOST_BINS, FEWEST_BINS, CELLS = 200, 16, 4_000_000
MOST_CLASSES = 20
FEW_NUMBERS = 10  # a label of so many different whole numbers is one of classes
MOST_CORRELATED = 250
HISTOGRAM_BINS = 30
OUTLIER_RULES = ("quantile", "iqr", "z-score")
IQR_REACH, Z_REACH, TAIL = 1.5, 3.0, 0.01


@dataclass(frozen=True)
class Asked:
    """The columns that play a part: the label, the part of the split, the time the prediction is due."""

    label: str | None = None
    part: str | None = None
    time: str | None = None
    is_number: bool | None = None  # whether the label is a number to be predicted; None: as it looks


def bins_for(table: Prepared, first: FirstState, asked: Asked) -> Bins:
    """How the second pass counts."""
    classes, label_is_text = _classes(table, first, asked)
    columns = max(len(table.names), 1)
    most = int(np.clip(CELLS / (columns * max(len(classes), 3)), FEWEST_BINS, MOST_BINS))
    edges = tuple(_edges(first, i, most) for i in range(table.numbers))
    count, mean, m2 = first.moments[:3]
    deviations = np.sqrt(m2 / np.maximum(count, 1))
    scales = np.where(deviations > 0, deviations, 1.0)
    correlated = _correlated(table, first, deviations, asked)
    low, width = _histogram(first)
    return Bins(
        edges=edges,
        low=low,
        width=width,
        fences=_fences(first, mean, deviations),
        values=tuple(tuple(sketches.most_frequent(known, most)[0]) for known in first.texts),
        centres=mean,
        scales=scales,
        correlated=correlated,
        ranks=tuple(_ranks(first.sample[:, i], edges[i]) for i in correlated.tolist()),
        histogram_bins=HISTOGRAM_BINS,
        label=_position(table, asked.label),
        label_is_text=label_is_text,
        classes=classes,
        part=_position(table, asked.part) if asked.part in table.names[table.numbers :] else None,
        time=_position(table, asked.time) if asked.time in table.names[: table.numbers] else None,
    )


def _position(table: Prepared, name: str | None) -> int | None:
    """The position among numbers, or among texts; None for a column that is neither."""
    if name is None or name not in table.names:
        return None
    position = table.names.index(name)
    if position < table.numbers:
        return position
    return position - table.numbers if position < table.numbers + table.texts else None


def _classes(table: Prepared, first: FirstState, asked: Asked) -> tuple[tuple[str | float, ...], bool]:
    """The label's classes, () for a number, and whether it is text; the rarest beyond MOST_CLASSES are left out."""
    position = _position(table, asked.label)
    if asked.label is None or position is None:
        return (), False
    sort = table.sorts[table.names.index(asked.label)]
    if sort == "text":
        known, _ = sketches.most_frequent(first.texts[position], MOST_CLASSES)
        return tuple(sorted(known)), True
    seen = np.unique(first.sample[np.isfinite(first.sample[:, position]), position])
    distinct, is_exact = sketches.distinct(first.hashes[position])
    is_few = is_exact and distinct == len(seen) <= (MOST_CLASSES if asked.is_number is False else FEW_NUMBERS)
    looks_so = sort == "boolean" or (sort == "integer" and is_few)
    is_number = asked.is_number if asked.is_number is not None else not looks_so
    return (() if is_number or len(seen) > MOST_CLASSES else tuple(seen.tolist())), False


def _edges(first: FirstState, position: int, most: int) -> Array:
    """The distinct values where the first pass saw them all and they are few, else quantiles of its sample."""
    values = first.sample[:, position]
    values = values[np.isfinite(values)]
    seen = np.unique(values)
    distinct, is_exact = sketches.distinct(first.hashes[position])
    if is_exact and distinct == len(seen) <= most:
        return np.asarray(seen)
    if not len(values):
        return np.empty(0)
    return np.unique(np.quantile(values, np.linspace(0, 1, most + 1)[1:-1], method="lower"))


def _correlated(table: Prepared, first: FirstState, deviations: Array, asked: Asked) -> Array:
    """Numbers that vary, booleans among them and times not, up to MOST_CORRELATED; the label first."""
    wanted = [
        i for i in range(table.numbers) if table.sorts[i] in ("number", "integer", "boolean") and deviations[i] > 0
    ]
    label = _position(table, asked.label)
    is_number = label is not None and table.sorts[table.names.index(asked.label or "")] != "text"
    wanted.sort(key=lambda i: not (is_number and i == label))
    return np.asarray(sorted(wanted[:MOST_CORRELATED]), dtype=np.int64)


def _ranks(values: Array, edges: Array) -> Array:
    """The mid-rank of each bin among the sample's values, centred, of deviation about 1; 0 for missing."""
    values = values[np.isfinite(values)]
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    middle = (np.cumsum(counts) - counts / 2) / max(len(values), 1)
    return np.append((middle - 0.5) * np.sqrt(12), 0.0)


def _histogram(first: FirstState) -> tuple[Array, Array]:
    """Low end and width of equal bins: from end to end, or without the tails where those are long."""
    low, high = first.least.copy(), first.largest.copy()
    for i in range(len(low)):
        values = first.sample[:, i]
        values = values[np.isfinite(values)]
        if not len(values):
            low[i], high[i] = 0.0, 1.0
            continue
        inner_low, inner_high = np.quantile(values, [0.005, 0.995])
        reach = (inner_high - inner_low) * 0.5
        if inner_high > inner_low:
            low[i] = max(low[i], inner_low - reach)
            high[i] = min(high[i], inner_high + reach)
    width = (high - low) / HISTOGRAM_BINS
    # The largest value belongs to the last bin.
    width = np.where(width > 0, width * (1 + 1e-9), 1.0)
    return low, width


def _fences(first: FirstState, mean: Array, deviations: Array) -> Array:
    fences = np.empty((6, len(mean)))
    for i in range(len(mean)):
        values = first.sample[:, i]
        values = values[np.isfinite(values)]
        if len(values):
            fences[0, i], q1, q3, fences[1, i] = np.quantile(values, [TAIL, 0.25, 0.75, 1 - TAIL])
            fences[2, i], fences[3, i] = q1 - IQR_REACH * (q3 - q1), q3 + IQR_REACH * (q3 - q1)
        else:
            fences[:4, i] = np.nan
    fences[4], fences[5] = mean - Z_REACH * deviations, mean + Z_REACH * deviations
    return fences
