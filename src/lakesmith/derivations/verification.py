"""Everything that must hold before gold is written, counted in one Spark action over no more columns than it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from lakesmith.columns import quote
from lakesmith.derivations import Derivation, Fact
from lakesmith.derivations.examples import COUNT, EXAMPLES, examples_of, key_text, told
from lakesmith.derivations.gold import is_known, with_signature_types
from lakesmith.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

STEP = "_lakesmith_step"
GOLD = -1  # the step number of facts about gold itself
ABSENT = "absent:"


@dataclass(frozen=True)
class Verified:
    """Rows of gold, those with a label, and what each step's verification told (position → JSON values)."""

    rows: int
    labelled: int
    steps: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Derived:
    """Gold as declared: a silver table, the steps on it, the tables they look up, and what gold's rows must have."""

    base: DataFrame
    steps: Sequence[Derivation]
    tables: Mapping[str, DataFrame]
    key: tuple[str, ...]
    label: str | None
    needs_value: tuple[str, ...]
    located: Callable[[str], AbstractContextManager[None]]

    def narrow(self, columns: Iterable[str]) -> DataFrame:
        """These columns of gold, of gold's types, by the steps they need only."""
        wanted = list(dict.fromkeys(columns))
        whole = narrowed(self.base, self.steps, self.tables, wanted)
        return with_signature_types(whole.select(*[_column(name) for name in wanted]))[0]

    def verified(self) -> Verified:
        """The counts of all rules, from one action. Raises DataError, with up to five examples, for the first broken
        one: of a step in order, then a null or repeated key, no row, no label, a null the split cannot place."""
        found: dict[int, list[Fact]] = {}
        for step, fact, number, example in self._facts().collect():
            found.setdefault(step, []).append(Fact(fact, number, example))
        steps = {}
        for position, step in enumerate(self.steps):
            if position in found:
                with self.located(f"derive.steps[{position}]"):
                    steps[position] = step.judged(found[position])
        rows, labelled = self._judged_gold(found[GOLD])
        return Verified(rows, labelled, steps)

    def _facts(self) -> DataFrame:
        from pyspark.sql import functions as F

        frames = {GOLD: self._gold_facts()}
        for position, step in enumerate(self.steps):
            with self.located(f"derive.steps[{position}]"):
                before = narrowed(self.base, self.steps[:position], self.tables, step.reads())
                facts = step.facts(before, self.tables)
            if facts is not None:
                frames[position] = facts
        numbered = [
            facts.select(F.lit(step).alias(STEP), "fact", "number", "example") for step, facts in frames.items()
        ]
        return reduce(lambda one, other: one.unionAll(other), numbered)

    def _gold_facts(self) -> DataFrame:
        from pyspark.sql import functions as F

        named = (*self.key, *([self.label] if self.label is not None else []), *self.needs_value)
        slim = self.narrow(named)
        labelled = is_known(slim, self.label) if self.label is not None else F.lit(True)
        counts = {
            "rows": F.count(F.lit(1)),
            "labelled": F.count_if(labelled),
            "null_key": F.count_if(self._has_null_key()),
            **{f"{ABSENT}{name}": F.count_if(labelled & ~is_known(slim, name)) for name in self.needs_value},
        }
        totals = slim.agg(*[column.alias(name) for name, column in counts.items()])
        keyed = slim.where(~self._has_null_key()).groupBy(*[_column(name) for name in self.key])
        counted = keyed.agg(F.count(F.lit(1)).alias(COUNT))
        return told(totals).unionAll(examples_of(counted, {name: name for name in self.key}))

    def _has_null_key(self) -> Column:
        return reduce(lambda one, other: one | other, [_column(name).isNull() for name in self.key])

    def _judged_gold(self, facts: Sequence[Fact]) -> tuple[int, int]:
        numbers = {fact.fact: fact.number for fact in facts if fact.fact != "repeated"}
        with self.located(""):
            if not numbers["rows"]:
                raise DataError("gold has no rows", key="derive", fix="Look at what ingest and clean let through.")
            if numbers["null_key"]:
                raise self._null_key(numbers["null_key"])
            self._refuse_repeated([fact for fact in facts if fact.fact == "repeated"])
            if not numbers["labelled"]:
                raise DataError(
                    f"'{self.label}' is null in all {numbers['rows']:,} rows of gold, so nothing can be learned",
                    key="task.label",
                    fix="Look at the expression or column it comes from.",
                )
            self._refuse_absent(numbers)
        return numbers["rows"], numbers["labelled"]

    def _refuse_absent(self, numbers: Mapping[str, int]) -> None:
        for name in self.needs_value:
            absent = numbers[f"{ABSENT}{name}"]
            if absent:
                raise DataError(
                    f"'{name}' is null in {absent:,} labelled rows, which the split cannot place",
                    key="split",
                    fix="Drop such rows in clean, fill the column, or choose another split.",
                )

    def _refuse_repeated(self, repeated: Sequence[Fact]) -> None:
        if repeated:
            shown = "; ".join(f"{fact.example} ({fact.number} rows)" for fact in repeated)
            raise DataError(
                f"gold must have one row per key, and these have more: {shown}",
                key="key",
                fix="Add a column to the key, or drop_duplicates in clean.",
            )

    def _null_key(self, count: int) -> DataError:
        columns = [*self.key, *self.needs_value]
        rows = self.narrow(columns).where(self._has_null_key())
        shown = [row[0] for row in rows.select(key_text({name: name for name in columns})).limit(EXAMPLES).collect()]
        return DataError(
            f"the key is null in {count:,} rows of gold, such as {'; '.join(shown)}",
            key="key",
            fix="Drop such rows in clean, or choose another key.",
        )


def narrowed(
    base: DataFrame, steps: Sequence[Derivation], tables: Mapping[str, DataFrame], columns: Iterable[str]
) -> DataFrame:
    """A frame with the rows after `steps` and at least `columns`, made by the steps that change rows or these columns.

    Spark keeps a left join none of whose columns is wanted, since it cannot know that keys do not repeat; we know.
    """
    needed, chosen = set(columns), []
    for step in reversed(steps):
        if step.changes_rows or needed & set(step.writes()):
            chosen.append(step)
            needed = (needed - set(step.writes())) | set(step.reads())
    for step in reversed(chosen):
        base = step.apply(base, tables)
    return base


def _column(name: str) -> Column:
    from pyspark.sql import functions as F

    return F.col(quote(name))
