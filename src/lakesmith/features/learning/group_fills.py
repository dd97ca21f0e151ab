"""Learned values for what is missing, group by group."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakesmith.columns import quote
from lakesmith.features.learning.encodings import LARGEST_MAP
from lakesmith.features.learning.fills import Filled, LearnFill, Strategy, fill_sql
from lakesmith.features.learning.learner import adding
from lakesmith.features.learning.literals import array_literal
from lakesmith.features.statements import text_literal

Value = float | str | None
NOTHING = float("nan")


class LearnGroupFill(LearnFill):
    """Fills missing values with a value learned from the row's group; with that of all rows where the group has none
    or is not among the LARGEST_MAP groups of most rows."""

    def __init__(self, columns: tuple[Filled, ...], strategy: Strategy, group: str, position: str) -> None:
        """`group` is the column with the row's group, `position` a free name for the group's place among those kept."""
        super().__init__(columns, strategy)
        self.group = group
        self.position = position

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        overall = self._values(dataset)
        groups, by_group = self._by_group(dataset)
        notes = []
        if len(groups) > LARGEST_MAP:
            notes.append(
                f"values to impute are known for the {LARGEST_MAP:,} largest groups, the others have overall's"
            )
        kept = groups[:LARGEST_MAP]
        entries = ", ".join(f"{text_literal(each)}, {place + 1}" for place, each in enumerate(kept))
        place = f"try_element_at(map({entries}), {self.group})" if kept else "CAST(NULL AS INT)"
        added: dict[str, str] = {}
        for number, (each, value) in enumerate(zip(self.columns, overall, strict=True)):
            mine = [by_group.get((name, number)) for name in kept]
            filled = fill_sql(each, value)
            if any(one is not None for one in mine):
                own = f"try_element_at({_array(mine, each.is_text)}, {self.position})"
                known = own if each.is_text else f"nullif({own}, double('NaN'))"
                filled[each.output] = f"coalesce({each.column}, {known}, {filled[each.output]})"
            added |= filled
        return [adding({self.position: place}), adding(added)], notes

    def _by_group(self, dataset: DataFrame) -> tuple[list[str], dict[tuple[str, int], Value]]:
        """The groups of most rows (one more than are kept), and (group, position of the column) → its value."""
        largest = dataset.groupBy(self.group).count().orderBy(F.desc("count"), self.group).limit(LARGEST_MAP + 1)
        groups = [row[0] for row in largest.select(self.group).collect()]
        rows = dataset.join(F.broadcast(largest.select(self.group)), self.group)
        found: dict[tuple[str, int], Value] = {}
        for is_text in (False, True):
            mine = [(j, each) for j, each in enumerate(self.columns) if each.is_text is is_text]
            if mine:
                found |= _statistics(rows, self.group, mine, self._statistic(F.col("value")))
        return groups, found

    def _statistic(self, value: Column) -> Column:
        if self.strategy == "mean":
            return F.avg(value)
        # Of values equally frequent, the least: whatever the partitions.
        return F.percentile(value, F.lit(0.5)) if self.strategy == "median" else F.mode(value, True)


def _statistics(
    rows: DataFrame, group: str, columns: Sequence[tuple[int, Filled]], statistic: Column
) -> dict[tuple[str, int], Value]:
    pairs = [F.struct(F.lit(j).alias("position"), F.col(quote(each.column)).alias("value")) for j, each in columns]
    long = rows.select(F.col(group).alias("group"), F.explode(F.array(*pairs)).alias("pair")).select("group", "pair.*")
    found = long.where("value IS NOT NULL").groupBy("group", "position").agg(statistic.alias("value"))
    return {(row["group"], row["position"]): _settled(row["value"]) for row in found.collect()}


def _settled(value: Any) -> Value:
    # The order in which rows are summed shows in the sixteenth digit.
    return value if isinstance(value, str) else float(f"{value:.10g}")


def _array(values: Iterable[Value], is_text: bool) -> str:
    if is_text:
        return f"array({', '.join('NULL' if each is None else text_literal(str(each)) for each in values)})"
    return array_literal(NOTHING if each is None else float(each) for each in values)
