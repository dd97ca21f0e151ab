"""Columns of another silver table as they were known at the row's own time: a point-in-time join."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names, quote
from lakesmith.derivations.lookups import Lookup, key_columns, on_names
from lakesmith.derivations.past import AT, micros
from lakesmith.fold_plans.durations import Duration, microseconds

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOUND = "_lakesmith_found"


class JoinAsOf(Lookup):
    """Columns of the other table's newest row for the key that was known before the row's own time.

    A row with time t sees rows with `known_at` < t, none that became known at the very instant t, and with `max_age`
    none known before t − max_age. Of rows known at one instant the one with the greater values is taken. With nothing
    to see, and where a key or the time is null, the columns are null. The rows stay as they are: many rows for a key,
    one for each change, are what this join is for.
    """

    kind: Literal["join_as_of"] = "join_as_of"
    time: str = Field(min_length=1, description="The row's own time: when its prediction is due.")
    known_at: str = Field(min_length=1, description="Column there: when its row was known to anybody; null = never.")
    max_age: Duration | None = Field(None, description="Rows known longer ago are not seen, such as '30 days'.")

    def uses(self) -> dict[str, tuple[str, ...]]:
        return {**super().uses(), "time": (self.time,)}

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        names.need(self.time, key="time")
        tables[self.with_].need(self.known_at, key="known_at")
        return super().columns_after(names, tables)

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """One union and one window by key: no join, so that no key with many changes multiplies rows on the way."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        other = tables[self.with_]
        self.check_types(df, other)
        by = on_names(self.keys)
        values = [F.col(quote(theirs)).alias(f"v{position}") for position, theirs in enumerate(self.taken)]
        known = other.select(*key_columns(self.keys.values()), micros(other, self.known_at).alias(AT),
                             F.struct(micros(other, self.known_at).alias("at"), *values).alias(FOUND))  # fmt: skip
        newest = known.dropna("any", subset=[AT, *by]).groupBy(*by, AT).agg(F.max(FOUND).alias(FOUND))
        asking = df.select(
            "*", *key_columns(self.keys), micros(df, self.time).alias(AT), F.lit(True).alias("_lakesmith_asks")
        )
        before = Window.partitionBy(*by).orderBy(AT).rangeBetween(Window.unboundedPreceding, -1)
        line = asking.unionByName(newest, allowMissingColumns=True)
        seen = line.withColumn(FOUND, F.last(FOUND, ignorenulls=True).over(before)).where("_lakesmith_asks")
        is_seen = F.col(AT).isNotNull()
        for name in by:
            is_seen = is_seen & F.col(name).isNotNull()
        if self.max_age is not None:
            is_seen = is_seen & (F.col(f"{FOUND}.at") >= F.col(AT) - microseconds(self.max_age))
        made = [
            F.when(is_seen, F.col(f"{FOUND}.v{position}")).alias(new)
            for position, new in enumerate(self.taken.values())
        ]
        return seen.select(*[F.col(quote(name)) for name in df.columns], *made)
