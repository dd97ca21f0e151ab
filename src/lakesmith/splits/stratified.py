"""Rows divided so that every value of the label has the given shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.splits import RowFacts, Split, share_of
from lakesmith.splits.shares import Seed, TestShare, ValidationShare, check_shares, part_of, salt

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MAX_STRATA = 1_000
STRATUM, SHARE, RANK, ROWS = "_lakesmith_stratum", "_lakesmith_share", "_lakesmith_rank", "_lakesmith_rows"


class StratifiedSplit(Split):
    """Each row by the hash of its key, balanced over the values of the label or of another column.

    `threshold` gives every value the same expected shares, as any hash of the key does. `exact` ranks the rows of each
    value by (hash, key) at first sight, cuts at the exact counts (rounded) and remembers the two thresholds: rows that
    come later fall by them, and no row moves. A value first seen later is ranked then.
    """

    scope = "table"
    kind: Literal["stratified"] = "stratified"
    by: str | None = Field(None, description="Column with the values to balance; the label when left out.")
    method: Literal["threshold", "exact"] = Field("threshold", description="Expected shares, or exact counts.")
    validation: ValidationShare = 0.0
    test: TestShare = 0.2
    seed: Seed = 0

    @model_validator(mode="after")
    def _rows_left(self) -> Self:
        check_shares(self.validation, self.test)
        return self

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        names.need(self._stratum(facts), key="by")

    def needs_value(self, facts: RowFacts) -> tuple[str, ...]:
        return (self._stratum(facts),) if self.method == "exact" else ()

    def freeze(self, labelled: DataFrame, facts: RowFacts, frozen: Mapping[str, Any]) -> dict[str, Any]:
        """{"of": these settings, "thresholds": {value: [test below, validation below]}}; one job when exact.

        Other settings than those remembered start afresh. Raises DataError for more than MAX_STRATA values.
        """
        if self.method == "threshold":
            return {}
        settings = {**self.model_dump(mode="json"), "by": self._stratum(facts), "key": list(facts.key)}
        known = dict(frozen.get("thresholds", {})) if frozen.get("of") == settings else {}
        found = self._thresholds(labelled, facts, known)
        if len(known) + len(found) > MAX_STRATA:
            raise DataError(
                f"'{self._stratum(facts)}' has more than {MAX_STRATA:,} values, too many to balance one by one",
                key="method",
                fix="Use method: threshold, or balance by a column with fewer values.",
            )
        return {"of": settings, "thresholds": {**known, **found}}

    def part(self, facts: RowFacts, frozen: Mapping[str, Any]) -> Column:
        from pyspark.sql import functions as F

        share = share_of(facts.key, salt(self.seed))
        thresholds: Mapping[str, list[float]] = frozen.get("thresholds", {})
        if self.method == "threshold" or not thresholds:
            return part_of(share, self.validation, self.test)
        stratum = F.col(quote(self._stratum(facts))).cast("string")
        entries = [F.lit(each) for value, (test, after) in thresholds.items() for each in (value, test, after)]
        tests = F.create_map(*[each for n, each in enumerate(entries) if n % 3 != 2])
        ends = F.create_map(*[each for n, each in enumerate(entries) if n % 3 != 1])
        test = F.coalesce(F.try_element_at(tests, stratum), F.lit(self.test))
        after = F.coalesce(F.try_element_at(ends, stratum), F.lit(self.test + self.validation))
        return F.when(share < test, "test").when(share < after, "validation").otherwise("train")

    def _thresholds(self, labelled: DataFrame, facts: RowFacts, known: Mapping[str, Any]) -> dict[str, list[float]]:
        """The thresholds of the values not known yet: the shares of the first row after each cut."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        stratum = F.col(quote(self._stratum(facts))).cast("string")
        keys = [F.col(quote(each)).cast("string").alias(f"_lakesmith_key_{n}") for n, each in enumerate(facts.key)]
        rows = labelled.select(stratum.alias(STRATUM), share_of(facts.key, salt(self.seed)).alias(SHARE), *keys)
        if known:
            rows = rows.where(~F.col(STRATUM).isin(list(known)))
        within = Window.partitionBy(STRATUM)
        order = within.orderBy(SHARE, *[f"_lakesmith_key_{n}" for n in range(len(keys))])
        ranked = rows.withColumns({RANK: F.row_number().over(order), ROWS: F.count(F.lit(1)).over(within)})
        cuts = [F.round(F.col(ROWS) * F.lit(share)) for share in (self.test, self.test + self.validation)]
        firsts = [F.min(F.when(F.col(RANK) > cut, F.col(SHARE))) for cut in cuts]
        found = ranked.groupBy(STRATUM).agg(*[F.coalesce(first, F.lit(1.0)) for first in firsts])
        return {row[0]: [row[1], row[2]] for row in found.orderBy(STRATUM).limit(MAX_STRATA + 1).collect()}

    def _stratum(self, facts: RowFacts) -> str:
        column = self.by if self.by is not None else facts.label
        if column is None:
            raise ConfigError("there is no label to balance by", key="by", fix="Name a column.")
        return column
