"""What was known of an entity's past rows when a row came up: shares, counts and sums over a window of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from lakesmith.columns import Names
from lakesmith.derivations import Derivation, entry
from lakesmith.derivations.past import FUNCTIONS, PastValue, past_columns
from lakesmith.expressions import AggregateExpression, columns_in, compiled
from lakesmith.fold_plans.durations import Duration, microseconds

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class History(Derivation):
    """Aggregates over the rows of the same entity whose values were known before the row's own time.

    A row with time t sees the values with `known_at` in [t − over, t): never its own, and none that became known at
    the very instant t. A value counts from the time of its row at the earliest, even where `known_at` is before it.
    Rows with a null `known_at` (never known) or a null entity are seen by nobody; a row with a null time or entity
    sees nothing. With nothing to see, counts are 0 and all other aggregates null. Rows stay as they are.

    avg, sum, count and count_if of whole numbers, decimals and booleans take time proportional to the rows; min, max,
    stddev, and avg and sum of doubles, also to the rows a window holds.
    """

    scope = "group"
    kind: Literal["history"] = "history"
    by: tuple[str, ...] = Field(min_length=1, description="Entity columns: a row sees past rows with equal values.")
    over: Duration = Field(description="Length of the window before the row's time, such as '7 days'.")
    time: str = Field(min_length=1, description="The row's own time: when its prediction is due.")
    known_at: str = Field(min_length=1, description="When the row's values were known to anybody; null = never.")
    columns: dict[str, AggregateExpression] = Field(
        min_length=1, description=f"New column → one aggregate of past rows: {', '.join(FUNCTIONS)}."
    )

    @field_validator("columns")
    @classmethod
    def _one_aggregate_each(cls, columns: dict[str, str]) -> dict[str, str]:
        for sql in columns.values():
            PastValue.parsed(sql)
        return columns

    @field_validator("over")
    @classmethod
    def _some_time(cls, over: str) -> str:
        if microseconds(over) == 0:
            raise ValueError("a window of no time sees nothing")
        return over

    @property
    def values(self) -> dict[str, PastValue]:
        """New column → the aggregate it holds."""
        return {name: PastValue.parsed(sql) for name, sql in self.columns.items()}

    def uses(self) -> dict[str, tuple[str, ...]]:
        entities = {f"by[{position}]": (name,) for position, name in enumerate(self.by)}
        # Where "known" is the row's own time, nothing says that the values were really known by then.
        present = self._value_columns() if self.known_at == self.time else {}
        return {**entities, "time": (self.time,), "known_at": (self.known_at,), **present}

    def uses_of_past(self) -> dict[str, tuple[str, ...]]:
        return {} if self.known_at == self.time else self._value_columns()

    def writes(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        names.need_all(self.by, key="by")
        names.need(self.time, key="time")
        names.need(self.known_at, key="known_at")
        after = names
        for name, sql in self.columns.items():
            key = entry("columns", name)
            compiled(sql, names, key, allow_aggregates=True)
            after.free([name], key=key)
            after = after.plus([name])
        return after

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        return past_columns(
            df,
            by=self.by,
            time=self.time,
            known_at=self.known_at,
            window=microseconds(self.over),
            values=self.values,
        )

    def _value_columns(self) -> dict[str, tuple[str, ...]]:
        return {entry("columns", n): columns_in(sql, allow_aggregates=True) for n, sql in self.columns.items()}
