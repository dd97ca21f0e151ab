"""Windows of time: each judged by a model of all rows before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.errors import DataError
from lakesmith.fold_plans import Fold, FoldPlan
from lakesmith.fold_plans.durations import Duration, microseconds
from lakesmith.fold_plans.time_ranges import declared_time, time_range
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class ExpandingWindows(FoldPlan):
    """Equal spans of time after a first one; each is judged by what was learned from everything before it.

    The gap keeps rows out whose label is not known yet when the window begins.
    """

    kind: Literal["expanding"] = "expanding"
    windows: int = Field(3, ge=1, le=100, description="Count of validation windows.")
    gap: Duration = Field("0 days", description="Time left out before each window, such as '1 day'.")
    first_share: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Share of the time span that only ever trains; 1 / (windows + 1) when not given.",
    )

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        declared_time(facts, names)

    def folds(self, train: DataFrame, facts: RowFacts, seed: int) -> tuple[Fold, ...]:
        """One fold per window, oldest first, from one job. Raises DataError where the gap swallows the first span."""
        times = time_range(train, facts)
        share = self.first_share if self.first_share is not None else 1 / (self.windows + 1)
        first_train = round(times.span * share)
        edges = [
            times.first + first_train + (times.span - first_train) * step // self.windows
            for step in range(self.windows)
        ]
        gap = microseconds(self.gap)
        if edges[0] - gap <= times.first:
            raise DataError(
                f"no row is left to train the first window: the span before it is {first_train / 86_400e6:.3g} days "
                f"and the gap {self.gap}",
                key="gap",
                fix="Use a smaller gap, fewer windows or a larger first_share.",
            )
        folds = []
        for position, edge in enumerate(edges):
            validation = times.since(edge)
            if position + 1 < self.windows:
                validation = validation & times.before(edges[position + 1])
            folds.append(Fold(f"window {position + 1} of {self.windows}", times.before(edge - gap), validation))
        return tuple(folds)

    def told(self) -> str:
        gap = f", gap {self.gap}" if microseconds(self.gap) else ""
        return f"{self.windows} expanding window{'s' if self.windows > 1 else ''}{gap}"
