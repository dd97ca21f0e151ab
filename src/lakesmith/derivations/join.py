"""Columns of another silver table, looked up by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lakesmith.columns import quote
from lakesmith.derivations import Fact
from lakesmith.derivations.examples import COUNT, examples_of, told
from lakesmith.derivations.lookups import Lookup, key_columns, on_names
from lakesmith.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class Join(Lookup):
    """Columns of another silver table, which has at most one row per key: a left join that never changes the rows.

    Without a match the joined columns are null, and so they are where a key column is null. That no key repeats in
    the other table is verified before anything is written; the share of unmatched rows is reported.
    """

    kind: Literal["join"] = "join"
    prefix: str = Field("", description="Put before every new name.")
    max_unmatched_share: float | None = Field(
        None, ge=0, le=1, description="Largest share of rows without a match, in [0, 1]; more of them stop the run."
    )

    @property
    def taken(self) -> dict[str, str]:
        return {theirs: f"{self.prefix}{ours}" for theirs, ours in super().taken.items()}

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.sql import functions as F

        other = tables[self.with_]
        self.check_types(df, other)
        taken = [F.col(quote(theirs)).alias(new) for theirs, new in self.taken.items()]
        looked_up = other.select(*key_columns(self.keys.values()), *taken)
        return df.join(looked_up, self._matches(), "left").drop(*on_names(self.keys))

    def facts(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """Rows, rows without a match, and up to five repeated keys of the other table with their counts."""
        from pyspark.sql import functions as F

        other = tables[self.with_]
        self.check_types(df, other)
        names = on_names(self.keys)
        keyed = other.select(*key_columns(self.keys.values())).dropna("any", subset=names)
        counted = keyed.groupBy(*names).agg(F.count(F.lit(1)).alias(COUNT))
        ours = df.select(*[F.col(quote(here)) for here in self.keys])
        totals = ours.join(counted, self._matches(), "left").agg(
            F.count(F.lit(1)).alias("rows"), F.count_if(F.col(COUNT).isNull()).alias("unmatched")
        )
        repeated = examples_of(counted, dict(zip(names, self.keys.values(), strict=True)))
        return told(totals).unionAll(repeated)

    def judged(self, facts: Sequence[Fact]) -> dict[str, Any]:
        repeated = [fact for fact in facts if fact.fact == "repeated"]
        if repeated:
            shown = "; ".join(f"{fact.example} ({fact.number} rows)" for fact in repeated)
            raise DataError(
                f"'{self.with_}' has more than one row for a key, so the join would multiply rows: {shown}",
                key="on",
                fix=f"Keep one row a key with drop_duplicates in clean.{self.with_}, or join on more columns.",
            )
        numbers = {fact.fact: fact.number for fact in facts}
        rows, unmatched = numbers.get("rows", 0), numbers.get("unmatched", 0)
        share = unmatched / rows if rows else 0.0
        if self.max_unmatched_share is not None and share > self.max_unmatched_share:
            raise DataError(
                f"{unmatched:,} of {rows:,} rows ({share:.2%}) have no match in '{self.with_}', "
                f"more than {self.max_unmatched_share:.2%}",
                key="max_unmatched_share",
                fix="Look at the key columns of both tables, or allow a larger share.",
            )
        return {"with": self.with_, "rows": rows, "unmatched": unmatched, "unmatched_share": share}

    def _matches(self) -> Column:
        from functools import reduce

        from pyspark.sql import functions as F

        pairs = zip(self.keys, on_names(self.keys), strict=True)
        return reduce(lambda one, other: one & other, [F.col(quote(here)) == F.col(name) for here, name in pairs])
