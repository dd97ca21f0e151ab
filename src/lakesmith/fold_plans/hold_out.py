"""One comparison: a share of the training rows is kept for judging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.errors import DataError
from lakesmith.fold_plans import Fold, FoldPlan
from lakesmith.fold_plans.durations import Duration, microseconds
from lakesmith.fold_plans.group import declared_group, refuse_null_groups
from lakesmith.fold_plans.hashed import fold_share
from lakesmith.fold_plans.time_ranges import declared_time, time_range
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

By = Literal["time", "group", "key"]


class HoldOut(FoldPlan):
    """One part to judge on: the last span of time, else whole groups or rows by hash."""

    kind: Literal["hold_out"] = "hold_out"
    share: float = Field(
        0.2, gt=0, lt=1, description="Share held out: of the time span when held out by time, else of groups or rows."
    )
    by: By | None = Field(
        None, description="time (the last span), group or key (by hash); the first of them that is declared by default."
    )
    gap: Duration = Field("0 days", description="Time left out before the last span; only by time.")

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        by = self._by(facts)
        if by == "time":
            declared_time(facts, names)
        elif by == "group":
            names.need(declared_group(facts), key="by")

    def folds(self, train: DataFrame, facts: RowFacts, seed: int) -> tuple[Fold, ...]:
        """One fold. By time and by group it takes one job, by key none. Raises DataError for null times or groups."""
        by = self._by(facts)
        if by == "time":
            return (self._last_span(train, facts),)
        if by == "group":
            refuse_null_groups(train, declared_group(facts))
        held = fold_share((declared_group(facts),) if by == "group" else facts.key, seed) < self.share
        return (_fold(~held, held),)

    def told(self) -> str:
        what = {"time": " of the time, the last", "group": " of the groups", "key": " of the rows", None: ""}[self.by]
        gap = f", gap {self.gap}" if microseconds(self.gap) else ""
        return f"a hold-out of {self.share:.0%}{what}{gap}"

    def _by(self, facts: RowFacts) -> By:
        return self.by or ("time" if facts.time else "group" if facts.group else "key")

    def _last_span(self, train: DataFrame, facts: RowFacts) -> Fold:
        times = time_range(train, facts)
        edge = times.last - round(times.span * self.share)
        before = edge - microseconds(self.gap)
        if before <= times.first:
            raise DataError(
                "no row is left to train: share and gap cover the whole time",
                key="gap",
                fix="Use a smaller gap or share.",
            )
        return _fold(times.before(before), times.since(edge))


def _fold(train: Column, validation: Column) -> Fold:
    return Fold("hold-out", train, validation)
