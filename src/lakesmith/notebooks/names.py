"""Names: readable ones for the internal columns of a model's stages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lakesmith.features import Slot
from lakesmith.notebooks.statements import columns_added, gold_columns, internal_columns

# What the outputs of a stage are called behind the column's name; those of the others are called as their feature.
_SUFFIXES = {
    "StringIndexer": "index",
    "OneHotEncoder": "one_hot",
    "VectorAssembler": "vector",
    "HashingTF": "counts",
    "StopWordsRemover": "words",
    "Bucketizer": "bin",
}


class Naming:
    """Internal column → a name that says what it holds, different from all names of gold."""

    def __init__(self, gold: Iterable[str], slots: Sequence[Slot]) -> None:
        self.names: dict[str, str] = {}
        self._gold = {name.casefold() for name in gold}
        self._taken = set(self._gold)
        self._about: dict[str, str] = {}  # internal column → the words for what it tells about
        self._slots = {slot.column: _word(slot.name) for slot in slots}

    def free(self, wished: str) -> str:
        """The wished name, or one like it that no column has yet."""
        name, count = wished, 1
        while name.casefold() in self._taken:
            count += 1
            name = f"{wished}_{count}"
        self._taken.add(name.casefold())
        return name

    def keep(self, columns: Iterable[str]) -> None:
        """These columns keep their internal names: what is made of them depends on it."""
        self.names.update({column: column for column in columns})

    def of_row(self, column: str, sql: str, kind: str, shape: str | None) -> None:
        """Names a column made of gold's columns; `shape` is number or category where it is just that."""
        read = [_word(name) for name in gold_columns(sql)]
        about = "_".join(read) if 1 <= len(read) <= 2 else kind
        self._name(column, about, shape or kind)

    def of_stage(self, stage: Any, kind: str) -> None:
        """Names the columns that a stage adds."""
        suffix = _SUFFIXES.get(type(stage).__name__.removesuffix("Model"), kind)
        for column, read in outputs(stage).items():
            about = list(dict.fromkeys(self._about[each] for each in read if each in self._about))
            self._name(column, "_".join(about) if 1 <= len(about) <= 2 else kind, suffix)

    def _name(self, column: str, about: str, suffix: str) -> None:
        if column in self.names:
            self._about.setdefault(column, about)
            return
        self._about[column] = about
        slot, known = self._slots.get(column, ""), about if about.endswith(f"_{suffix}") else f"{about}_{suffix}"
        self.names[column] = self.free(slot if self._may_stand(slot) else known)

    def _may_stand(self, slot: str) -> bool:
        """Whether a slot's own name can be a column's: SQL that was learned has bare names in it, which must be none of
        its lambdas' variables (words without underscore) and none of SQL's own (`current_date`)."""
        is_sql = slot.casefold().startswith(("current_", "session_", "local"))
        return "_" in slot and not is_sql and not slot.startswith("lakesmith") and slot.casefold() not in self._gold


def outputs(stage: Any) -> dict[str, list[str]]:
    """Column that a stage adds → the internal columns that it is made of."""
    if hasattr(stage, "getStatement"):
        added = columns_added(stage.getStatement()) or {}
        return {name: internal_columns(sql) for name, sql in added.items()}
    sources, made = _columns(stage, "input"), _columns(stage, "output")
    if len(sources) == len(made):
        return {output: [source] for source, output in zip(sources, made, strict=True)}
    return dict.fromkeys(made, sources)


def _columns(stage: Any, side: str) -> list[str]:
    for name in (f"{side}Cols", f"{side}Col"):
        if stage.hasParam(name) and stage.isSet(name):
            value = stage.getOrDefault(name)
            return list(value) if isinstance(value, list) else [value]
    return []


def owned_by(learner: object) -> set[str]:
    """The internal columns that an unfitted learner knows by name: those it reads and those it makes."""
    return {name for value in vars(learner).values() for name in _texts(value) if name.startswith("_lakesmith_")}


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _texts(list(vars(value).values()))


def _word(name: str) -> str:
    """The name in letters, digits and underscores that SQL and Python take unquoted; `column` where none is left."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return word if word and not word[0].isdigit() else f"column_{word}".rstrip("_")
