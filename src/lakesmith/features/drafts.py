"""Draft: what the features of a project compile into, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakesmith.columns import RESERVED, Names
from lakesmith.errors import ConfigError
from lakesmith.features import Input, Slot, Sort, Word
from lakesmith.features.statements import finite, refuse_replaced, select, text_literal

# Stands for null among the categories of a text column.
MISSING = RESERVED + "missing"
_WHOLE = ("tinyint", "smallint", "int", "bigint")


@dataclass
class Draft:
    """A pipeline being drawn up: row expressions of the first stage, the stages after it, and the slots so far.

    `inputs` are gold's columns by name, `refused` says why one may not be a feature, `unnamed` are columns that a
    word (`numeric`, …) does not stand for, `key` tells rows apart, `type_of` gives the sort of a SQL expression over
    gold's columns. `accepts_missing` says whether the vector may hold NaN.
    """

    inputs: dict[str, Input]
    refused: Mapping[str, str] = field(default_factory=dict)
    unnamed: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()
    type_of: Callable[[str], Sort] = lambda sql: "numeric"
    rows: dict[str, str] = field(default_factory=dict)
    stages: list[Any] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    count: int = 0
    _numbers: dict[str, str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _categories: dict[str, str] = field(default_factory=dict)
    _filled: set[str] = field(default_factory=set)
    accepts_missing: bool = True
    _gathered: set[str] = field(default_factory=set)

    # Which columns

    def by_name(self, names: Iterable[str], takes: tuple[Sort, ...]) -> tuple[Input, ...]:
        """The inputs called `names`. Raises ConfigError (`columns[j]`) for one unknown, refused or of another sort."""
        return tuple(self.need(name, takes, f"columns[{j}]") for j, name in enumerate(names))

    def by_word(self, word: Word, left_out: Iterable[str]) -> tuple[Input, ...]:
        """Gold's columns of a sort. Raises ConfigError where there is none."""
        outside = self.unnamed.union(left_out, self.refused)
        Names("gold", tuple(self.inputs)).need_all(left_out, key="except_columns")
        found = [each for each in self.inputs.values() if each.name not in self.made]
        chosen = tuple(each for each in found if each.sort == word and each.name not in outside)
        if not chosen:
            raise ConfigError(f"gold has no {word} column to use as a feature", key="columns", fix="Name the columns.")
        refuse_replaced(each.name for each in chosen)
        return chosen

    def need(self, name: str, takes: tuple[Sort, ...], key: str) -> Input:
        """The input called `name`. Raises ConfigError for one unknown, refused or of another sort."""
        Names("gold", tuple(self.inputs)).need(name, key=key)
        if name in self.refused:
            raise ConfigError(f"'{name}' is {self.refused[name]} and cannot be a feature", key=key, fix="Leave it out.")
        refuse_replaced([name])
        found = self.inputs[name]
        if found.sort not in takes:
            is_time = found.sort in ("date", "timestamp", "timestamp_ntz")
            raise ConfigError(
                f"'{name}' is {found.type}; this feature takes {', '.join(takes)} columns",
                key=key,
                fix="Use date_parts." if is_time else "Cast it in a cleaning step, or leave it out.",
            )
        return found

    # What is made of them

    def fresh(self) -> str:
        """A new internal column name."""
        self.count += 1
        return f"{RESERVED}c{self.count}"

    def row(self, sql: str, reads: Iterable[str]) -> str:
        """The internal column, computed in the first stage, that holds `sql` of gold's columns `reads`."""
        self.used.update(dict.fromkeys(reads))
        column = self.fresh()
        self.rows[column] = sql
        return column

    def number(self, chosen: Input) -> str:
        """The internal double column with the column as the features above left it; null where missing."""
        if chosen.name not in self._numbers:
            self._numbers[chosen.name] = self.row(finite(chosen.sql), chosen.reads)
        return self._numbers[chosen.name]

    def text(self, chosen: Input) -> str:
        """The internal string column with the column as the features above left it; null where missing."""
        if chosen.name not in self._texts:
            self._texts[chosen.name] = self.row(_as_text(chosen), chosen.reads)
        return self._texts[chosen.name]

    def category(self, chosen: Input) -> str:
        """The internal string column with the column's category; MISSING where it is missing."""
        if chosen.name not in self._categories:
            text = f"coalesce({_as_text(chosen)}, {text_literal(MISSING)})"
            self._categories[chosen.name] = self.row(text, chosen.reads)
        return self._categories[chosen.name]

    def make(self, made: Input, key: str = "columns") -> None:
        """A column that the features below may name. Raises ConfigError where the name is taken."""
        Names("gold or of a feature above", tuple(self.inputs)).free([made.name], key=key)
        self.inputs[made.name] = made
        self.made.add(made.name)

    def transform(self, columns: Mapping[str, str]) -> None:
        """A `SQLTransformer` that adds `columns` (internal name → SQL of internal columns)."""
        from pyspark.ml.feature import SQLTransformer

        self.stages.append(SQLTransformer(statement=select(columns)))

    def replace_number(self, chosen: Input, column: str, *, filled: bool = False) -> None:
        """`column` is from here on the column's number, and its slot."""
        self._numbers[chosen.name] = column
        if filled:
            self._filled.add(chosen.name)
        self.keep(chosen)

    def replace_text(self, chosen: Input, column: str) -> None:
        """`column`, which is never null, is from here on the column's text and category."""
        self._texts[chosen.name] = self._categories[chosen.name] = column

    def keep(self, chosen: Input) -> None:
        """The column's number, as it is now, is a slot of the vector."""
        missing = chosen.name not in self._filled
        self._refuse_gathered(chosen.name, chosen.name)
        self.slots[chosen.name] = Slot(chosen.name, self.number(chosen), chosen.name, missing)

    def put(self, slot: Slot, *, key: str | None = None) -> None:
        """One more slot, told apart from the others by `key`, its name if not given. Raises ConfigError when a feature
        above already made it."""
        key = key or slot.name
        self._refuse_gathered(key, slot.of)
        if key in self.slots:
            raise ConfigError(
                f"a feature above already does the same to '{slot.of}'", key="columns", fix="Leave one of them out."
            )
        self.slots[key] = slot

    def gather(self) -> Slot:
        """One vector of all slots so far, in place of them. Raises ConfigError (key = kind) where there is none.

        Where the family cannot take missing numbers, those that no feature filled get their training median first.
        """
        from pyspark.ml.feature import VectorAssembler

        if not self.slots:
            raise ConfigError("no feature above makes a number", key="kind", fix="Put those to choose from above it.")
        if not self.accepts_missing:
            self.fill_what_is_left()
        parts, column = tuple(self.slots.values()), self.fresh()
        inputs = [each.column for each in parts]
        self.stages.append(VectorAssembler(inputCols=inputs, outputCol=column, handleInvalid="keep"))
        self._gathered.update(self.slots)
        self.slots.clear()
        missing = any(each.can_be_missing for each in parts)
        return Slot(column, column, column, missing, is_vector=True, parts=parts)

    def fill_what_is_left(self) -> None:
        """Slots that may be missing get their training median (0 for a column without values)."""
        from lakesmith.features.learning.fills import Filled, LearnFill

        left = {key: slot for key, slot in self.slots.items() if slot.can_be_missing}
        if not left:
            return
        filled = [Filled(slot.name, slot.column, self.fresh()) for slot in left.values()]
        self.stages.append(LearnFill(tuple(filled), "median", is_automatic=True))
        for (key, slot), fill in zip(left.items(), filled, strict=True):
            self.slots[key] = Slot(slot.name, fill.output, slot.of, can_be_missing=False)

    def _refuse_gathered(self, key: str, of: str) -> None:
        if key in self._gathered:
            raise ConfigError(
                f"a selection above has already chosen among the slots of '{of}'", key="columns", fix="Put it above."
            )

    def is_filled(self, name: str) -> bool:
        """Whether a feature above has replaced the column's missing values."""
        return name in self._filled


def _as_text(chosen: Input) -> str:
    if chosen.sort == "text":
        return f"CAST({chosen.sql} AS STRING)"
    if chosen.sort == "boolean":
        return f"CAST(CAST({chosen.sql} AS BOOLEAN) AS STRING)"
    # Whole numbers go through bigint, others through double, so that 1, 1L and 1.0 are one category at scoring;
    # adding 0 makes one of 0.0 and -0.0.
    if chosen.type in _WHOLE:
        return f"CAST(CAST({chosen.sql} AS BIGINT) AS STRING)"
    return f"CAST({finite(chosen.sql)} + 0D AS STRING)"
