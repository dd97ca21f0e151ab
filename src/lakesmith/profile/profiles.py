"""`profile(frame)`: the whole profile of a table. Two passes, an aggregate for repeated rows, one for the split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.profile import first_pass
from lakesmith.profile.associations import association, correlations, population_stability
from lakesmith.profile.describe import described
from lakesmith.profile.first_pass import FirstState, Layout
from lakesmith.profile.plan import Asked, bins_for
from lakesmith.profile.plots import Plot
from lakesmith.profile.prepared import Prepared, prepared
from lakesmith.profile.repeats import duplicate_rows, repeats
from lakesmith.profile.results import ColumnProfile, Correlations, Found, Pattern, Warned
from lakesmith.profile.second_pass import Bins, SecondState
from lakesmith.profile.sketches import Array
from lakesmith.profile.suspicions import warnings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
SAMPLE_ROWS, SAMPLE_CELLS, FEWEST_SAMPLED = 10_000, 2_000_000, 1_000
MERGERS = 4  # tasks that add up what the tasks of a pass found, so that the driver gets few states
PATTERNS = 12


class Profile(Found):
    """A table's profile: one entry a column in the table's order, and what holds of all of them together.

    `sampled_rows` is how many rows the bins were chosen by; all counts, moments and shares are of all rows.
    """

    name: str
    rows: int
    duplicates: int
    columns: tuple[ColumnProfile, ...]
    patterns: tuple[Pattern, ...] = ()
    correlations: Correlations | None = None
    label: str | None = None
    classes: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = Field(default=())
    sampled_rows: int = 0
    plots: tuple[Plot, ...] = Field((), description="Those that were asked for.")

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column; KeyError for one that is not there."""
        return {each.name: each for each in self.columns}[name]

    @property
    def leaks(self) -> tuple[Warned, ...]:
        """The warnings that would make a model's numbers dishonest."""
        return tuple(each for each in self.warnings if each.is_leak)

    def _repr_html_(self) -> str:
        from html import escape

        from lakesmith.profile.page import render

        # In a frame: the page's style would reach the whole notebook it is shown in.
        style = "width:100%;height:640px;border:1px solid #ccc;border-radius:4px"
        return f'<iframe title="profile" style="{style}" srcdoc="{escape(render(self))}"></iframe>'


def profile(
    frame: DataFrame,
    *,
    name: str = "table",
    label: str | None = None,
    is_number: bool | None = None,
    time: str | None = None,
    part: str | None = None,
    key: Sequence[str] = (),
    percentiles: Sequence[float] = SHARES,
) -> Profile:
    """The profile of `frame`, from a number of Spark jobs that does not depend on its columns.

    `label` adds each column's association with it (as a number if `is_number`, else as classes; left out: as it
    looks). `part` names a column that says 'train' or 'test', `time` the one that says when a prediction is due, and
    `key` columns that are no content. `percentiles` are shares in [0, 1]. Raises ConfigError for a column that is not
    there.
    """
    for column in (label, time, part, *key):
        if column is not None and column not in frame.columns:
            raise ConfigError(f"'{column}' is not a column of {name} ({len(frame.columns)} columns)")
    asked = Asked(label, part, time, is_number)
    table = prepared(frame)
    first = _first(table)
    bins = bins_for(table, first, asked)
    second = _one(table, lambda: SecondState(bins)) if first.rows else SecondState(bins)
    shares = tuple(percentiles)
    columns = [described(table, first, second, i, shares) for i in range(len(table.names))]
    together, columns = _related(table, second, columns, asked)
    found = repeats(table, columns, asked, key) if first.rows else repeats(table, columns, Asked(), key)
    order = {column: place for place, column in enumerate(frame.columns)}
    return Profile(
        name=name,
        rows=first.rows,
        duplicates=duplicate_rows(table) if first.rows else 0,
        columns=tuple(sorted(columns, key=lambda each: order[each.name])),
        patterns=_patterns(table, first),
        correlations=together,
        label=label,
        classes=tuple(f"{each:g}" if isinstance(each, float) else each for each in bins.classes),
        warnings=warnings(columns, second, asked, found),
        sampled_rows=len(first.sample_keys),
    )


def _first(table: Prepared) -> FirstState:
    columns = max(len(table.names), 1)
    size = int(np.clip(SAMPLE_CELLS / columns, FEWEST_SAMPLED, SAMPLE_ROWS))
    others = len(table.names) - table.numbers - table.texts
    layout = Layout(table.numbers, table.texts, others, size)
    found: FirstState = _one(table, lambda: FirstState(layout))
    return found


def _one(table: Prepared, start: Callable[[], Any]) -> Any:
    """The state of all rows: tasks see batches, a few more add up, the driver adds the rest. One Spark action."""
    states = table.frame.mapInArrow(first_pass.task(start), "state binary")
    merged = states.repartition(MERGERS).mapInArrow(first_pass.merge, "state binary")
    total = start()
    for state in first_pass.unpacked_states([bytes(row["state"]) for row in merged.collect()]):
        total = total + state
    return total


def _related(
    table: Prepared, second: SecondState, columns: list[ColumnProfile], asked: Asked
) -> tuple[Correlations | None, list[ColumnProfile]]:
    """The correlation matrices, and the columns with their association and drift."""
    bins, together, pairs = second.bins, None, None
    places = bins.correlated.tolist()
    if len(places) > 1:
        able = sum(sort in ("number", "integer", "boolean") for sort in table.sorts)
        together, *pairs = correlations(second, tuple(table.names[i] for i in places), able - len(places))
    found = []
    for i, column in enumerate(columns):
        more: dict[str, object] = {}
        if second.by_label and column.name not in (asked.label, asked.part) and column.sort != "other":
            more["association"] = association(second, i, *_with_label(bins, places, pairs, i))
        if second.by_part and column.name != asked.part and column.sort != "other":
            more["drift"] = population_stability(second.by_part[i])
        found.append(column.model_copy(update=more))
    return together, found


def _with_label(
    bins: Bins, places: list[int], pairs: list[Array] | None, column: int
) -> tuple[Array | None, Array | None]:
    """Pearson's and Spearman's correlation of a column with a label that is a number."""
    if pairs is None or bins.classes or bins.label not in places or column not in places:
        return None, None
    at = places.index(column), places.index(bins.label)
    return pairs[0][at], pairs[1][at]


def _patterns(table: Prepared, first: FirstState) -> tuple[Pattern, ...]:
    """The most frequent sets of columns that are missing together; the rows that miss nothing are one of them."""
    top = sorted(first.patterns.items(), key=lambda pair: (-pair[1], pair[0]))[:PATTERNS]
    found = []
    for packed, rows in top:
        mask = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))[: len(table.names)].astype(bool)
        found.append(Pattern(missing=tuple(np.asarray(table.names, dtype=object)[mask]), rows=rows))
    return tuple(found)
