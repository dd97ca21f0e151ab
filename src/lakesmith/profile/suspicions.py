"""Warnings: columns that know the label already, rows or entities on both sides of the split, and what else to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lakesmith.profile.associations import cramers_v
from lakesmith.profile.plan import Asked
from lakesmith.profile.results import ColumnProfile, Warned
from lakesmith.profile.second_pass import SecondState
from lakesmith.profile.sketches import Array

FEWEST_ROWS, FEWEST_OF_A_CLASS = 50, 10
SEPARATING_AUC, SEPARATING_V, SEPARATING_RATIO, SEPARATING_RANK = 0.99, 0.97, 0.99, 0.999
ONE_SIDED_ROWS = 20  # rows a class would have by chance where it has none
LATER_SHARE, LATER_ROWS = 0.01, 5
ID_SHARE, DENSE, MANY_CATEGORIES, MANY_SHARE = 0.98, 10, 1_000, 0.1
RARE_CLASS = 0.05
DRIFTED = 0.25  # the usual limit of the population stability index for a shift that matters
REPEATED_SHARE, SHARED_ENTITY_SHARE, ENTITY_RATIO = 0.01, 0.05, 0.55


@dataclass(frozen=True)
class Repeats:
    """Test rows, those whose content is also a training row's, and per entity column how many test rows have an
    entity of the training rows, and how much of the label it explains (correlation ratio)."""

    test_rows: int = 0
    repeated: int = 0
    entities: tuple[tuple[str, int, float], ...] = ()


def warnings(
    columns: Sequence[ColumnProfile], second: SecondState, asked: Asked, repeats: Repeats
) -> tuple[Warned, ...]:
    """What to look at, leaks first."""
    label = next((each for each in columns if each.name == asked.label), None)
    found = [*_of_repeats(columns, repeats)]
    for position, column in enumerate(columns):
        if column.name in (asked.label, asked.part) or column.sort == "other":
            continue
        if label is not None and second.by_label:
            found += _of_label(column, second.by_label[position], second, label)
        found += _of_time(column, position, second, asked)
        found += _of_values(column, asked)
    if label is not None:
        found += _of_classes(label, second)
    return tuple(sorted(found, key=lambda each: not each.is_leak))


def _of_label(column: ColumnProfile, table: Array, second: SecondState, label: ColumnProfile) -> Iterator[Warned]:
    tells, classes = column.association, bool(second.bins.classes)
    rows = table.sum() if classes else table[:, 0].sum()
    if tells is None or rows < FEWEST_ROWS or (classes and (table.sum(axis=0) < FEWEST_OF_A_CLASS).any()):
        return
    measures = (
        ("AUC", tells.auc, tells.auc is not None and abs(tells.auc - 0.5) >= SEPARATING_AUC - 0.5),
        ("Cramér's V", tells.cramers_v, (tells.cramers_v or 0) >= SEPARATING_V),
        ("correlation ratio", tells.correlation_ratio, (tells.correlation_ratio or 0) >= SEPARATING_RATIO),
        ("Spearman's correlation", tells.spearman, abs(tells.spearman or 0) >= SEPARATING_RANK),
    )
    name, value = next(((name, value) for name, value, is_leak in measures if is_leak), (None, None))
    if name is not None:
        told = f"'{column.name}' alone tells '{label.name}' ({name} {value:.4g}): is it known before the label is?"
        yield Warned(kind="separates_label", columns=(column.name,), told=told, is_leak=True)
        return
    missing = np.stack([table[:-1].sum(axis=0), table[-1]]) if classes else np.empty((0, 0))
    if classes and _is_one_sided(missing):
        told = f"whether '{column.name}' is missing tells '{label.name}': it is filled or empty for one class only"
        yield Warned(kind="missing_tells_label", columns=(column.name,), told=told, is_leak=True)


def _is_one_sided(missing: Array) -> bool:
    """Whether a class has no row at all where chance would give it ONE_SIDED_ROWS, or nearly none and V is high."""
    expected = np.outer(missing.sum(axis=1), missing.sum(axis=0)) / max(missing.sum(), 1)
    return bool(((missing == 0) & (expected >= ONE_SIDED_ROWS)).any()) or (cramers_v(missing) or 0) >= 0.9


def _of_time(column: ColumnProfile, position: int, second: SecondState, asked: Asked) -> Iterator[Warned]:
    if second.bins.time is None or column.sort not in ("date", "timestamp") or column.name == asked.time:
        return
    later, both = (int(each) for each in second.later[:, position])
    if later >= max(LATER_ROWS, LATER_SHARE * both):
        told = f"'{column.name}' is later than '{asked.time}' in {later:,} of {both:,} rows: it is not known in time"
        yield Warned(kind="later_than_time", columns=(column.name,), told=told, is_leak=True)


def _of_values(column: ColumnProfile, asked: Asked) -> Iterator[Warned]:
    named, distinct = (column.name,), column.distinct
    if not column.rows or distinct is None:
        return
    if column.nulls == column.rows:
        yield Warned(kind="empty", columns=named, told=f"'{column.name}' has no value")
    elif distinct <= 1 and not column.nulls:
        yield Warned(kind="constant", columns=named, told=f"'{column.name}' has one value only")
    elif is_id_like(column):
        told = f"'{column.name}' has a value of its own in nearly every row, as an identifier has"
        yield Warned(kind="id_like", columns=named, told=told)
    elif column.sort == "text" and distinct > max(MANY_CATEGORIES, MANY_SHARE * column.values):
        told = f"'{column.name}' has {distinct:,} different texts in {column.values:,} rows"
        yield Warned(kind="high_cardinality", columns=named, told=told)
    if column.drift is not None and column.drift > DRIFTED and column.sort not in ("date", "timestamp"):
        told = f"'{column.name}' differs between train and test (population stability index {column.drift:.2f})"
        yield Warned(kind="drift", columns=named, told=told)


def is_id_like(column: ColumnProfile) -> bool:
    """Whether nearly every row has a value of its own: texts, and whole numbers that lie as close as counted ones
    (an amount may differ from row to row too, but leaves gaps). Known from FEWEST_ROWS values on."""
    if column.sort not in ("text", "integer") or column.distinct is None or column.values < FEWEST_ROWS:
        return False
    if column.distinct < ID_SHARE * column.values * (1.0 if column.distinct_is_exact else 0.95):
        return False
    return column.sort == "text" or (column.largest or 0) - (column.least or 0) < DENSE * column.values


def _of_classes(label: ColumnProfile, second: SecondState) -> Iterator[Warned]:
    if not second.bins.classes or not second.by_label:
        return
    rows = second.by_label[0].sum(axis=0)
    total = rows.sum()
    if len(rows) < 2 or not total:
        told = f"'{label.name}' has fewer than two classes"
        yield Warned(kind="one_class", columns=(label.name,), told=told)
    elif rows.min() < RARE_CLASS * total:
        told = f"the rarest class of '{label.name}' has {rows.min() / total:.2%} of the rows"
        yield Warned(kind="imbalance", columns=(label.name,), told=told)


def _of_repeats(columns: Sequence[ColumnProfile], repeats: Repeats) -> Iterator[Warned]:
    is_continuous = any(
        each.sort == "number" and (each.distinct or 0) > 0.5 * each.values > FEWEST_ROWS / 2 for each in columns
    )
    # Rows of few small categories meet by chance; rows with a measured number do not.
    if is_continuous and repeats.repeated > REPEATED_SHARE * repeats.test_rows:
        told = f"{repeats.repeated:,} of {repeats.test_rows:,} test rows repeat a training row, key and split aside"
        yield Warned(kind="rows_on_both_sides", columns=(), told=told, is_leak=True)
    for name, shared, ratio in repeats.entities:
        if shared > SHARED_ENTITY_SHARE * repeats.test_rows and ratio >= ENTITY_RATIO:
            told = (
                f"{shared:,} of {repeats.test_rows:,} test rows have a '{name}' that training rows have too, and "
                f"'{name}' explains the label (correlation ratio {ratio:.2f}): split by group '{name}'"
            )
            yield Warned(kind="entity_on_both_sides", columns=(name,), told=told, is_leak=True)
