"""What gold's rows look like, part by part, counted while gold is written: no pass of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakesmith.columns import RESERVED, quote
from lakesmith.sources.tally import Tally
from lakesmith.splits import SPLIT

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from lakesmith.project import Project

PARTS = ("train", "validation", "test", "unlabelled")
MOST_NULLS = 400  # columns whose nulls are counted: an aggregate each, and 500 in one plan are too many


@dataclass(frozen=True)
class PartCounts:
    """By split part: rows, mean label (the share of positives, or of a number its mean), first and last time.

    `null_shares` is column → share of nulls over all parts; {} for more than 400 columns.
    """

    rows: dict[str, int]
    labels: dict[str, float] = field(default_factory=dict)
    times: dict[str, tuple[str, str]] = field(default_factory=dict)
    null_shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """A frame with SPLIT that counts its rows as they pass, and the counts once an action has run over all of it."""

    tally: Tally
    columns: tuple[str, ...]

    @property
    def frame(self) -> DataFrame:
        """What the action must run over."""
        return self.tally.frame

    def counts(self) -> PartCounts:
        """The counts. Waits for the action."""
        found = self.tally.counts()
        rows = {part: int(found[f"{part} rows"]) for part in PARTS}
        total = sum(rows.values())
        labels = {part: found.get(f"{part} label") for part in PARTS}
        spans = {part: (found.get(f"{part} first"), found.get(f"{part} last")) for part in PARTS}
        return PartCounts(
            rows=rows,
            labels={part: float(mean) for part, mean in labels.items() if mean is not None},
            times={part: (str(first), str(last)) for part, (first, last) in spans.items() if first is not None},
            null_shares={
                name: found[f"nulls {position}"] / total for position, name in enumerate(self.columns) if total
            },
        )


def watched(gold: DataFrame, project: Project) -> Watched:
    """Gold with its counters."""
    from pyspark.sql import functions as F

    own = [name for name in gold.columns if not name.startswith(RESERVED)]
    columns = tuple(own) if len(own) <= MOST_NULLS else ()
    aggregates = {f"nulls {position}": F.count_if(F.col(quote(name)).isNull()) for position, name in enumerate(columns)}
    label = project.task.label_number(gold)
    for part in PARTS:
        is_part = F.col(SPLIT) == part
        aggregates[f"{part} rows"] = F.count_if(is_part)
        if label is not None and part != "unlabelled":
            aggregates[f"{part} label"] = F.avg(F.when(is_part, label))
        if project.time is not None:
            time = F.when(is_part, F.col(quote(project.time)))
            aggregates[f"{part} first"], aggregates[f"{part} last"] = _printed(F.min(time)), _printed(F.max(time))
    named = [column.alias(name) for name, column in aggregates.items()]
    return Watched(Tally(gold, "lakesmith parts of gold", *named), columns)


def _printed(time: Column) -> Column:
    from pyspark.sql import functions as F

    return F.date_format(time, "yyyy-MM-dd HH:mm z")
