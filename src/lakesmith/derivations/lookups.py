"""What all joins share: another silver table, key columns here and there, and the columns that are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from lakesmith.columns import Names, quote
from lakesmith.derivations import Derivation, entry
from lakesmith.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ON = "_lakesmith_on_"


class Lookup(Derivation):
    """Columns of another silver table, looked up by key; the rows stay as they are."""

    model_config = ConfigDict(serialize_by_alias=True)
    scope = "table"
    with_: str = Field(alias="with", min_length=1, description="The other table: the name of a source.")
    on: tuple[str, ...] | dict[str, str] = Field(
        min_length=1, description="Key columns, or {column here: column there} where the names differ."
    )
    columns: tuple[str, ...] | dict[str, str] = Field(
        min_length=1, description="Columns to take, or {column there: new name here}."
    )

    @property
    def keys(self) -> dict[str, str]:
        """Key column here → key column there."""
        return dict(self.on) if isinstance(self.on, dict) else {name: name for name in self.on}

    @property
    def taken(self) -> dict[str, str]:
        """Column there → its name here."""
        return dict(self.columns) if isinstance(self.columns, dict) else {name: name for name in self.columns}

    def tables(self) -> tuple[str, ...]:
        return (self.with_,)

    def uses(self) -> dict[str, tuple[str, ...]]:
        return {self._key("on", position, here): (here,) for position, here in enumerate(self.keys)}

    def writes(self) -> tuple[str, ...]:
        return tuple(self.taken.values())

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        there = tables[self.with_]
        for position, (here, theirs) in enumerate(self.keys.items()):
            names.need(here, key=self._key("on", position, here))
            there.need(theirs, key=self._key("on", position, here))
        for position, (theirs, new) in enumerate(self.taken.items()):
            key = self._key("columns", position, theirs)
            there.need(theirs, key=key)
            names.free([new], key=key)
            names = names.plus([new])
        return names

    def check_types(self, df: DataFrame, other: DataFrame) -> None:
        """Raises ConfigError for keys of different sorts: Spark would cast text to a number and fail on a row of it."""
        for position, (here, theirs) in enumerate(self.keys.items()):
            ours, others = df.schema[here].dataType, other.schema[theirs].dataType
            if _sort(ours.typeName()) != _sort(others.typeName()):
                raise ConfigError(
                    f"'{here}' is {ours.simpleString()} here and '{theirs}' is {others.simpleString()} "
                    f"in '{self.with_}'",
                    key=self._key("on", position, here),
                    fix="Cast one of them in clean.",
                )

    def _key(self, field: str, position: int, name: str) -> str:
        return entry(field, name) if isinstance(getattr(self, field), dict) else f"{field}[{position}]"


def on_names(keys: Iterable[str]) -> list[str]:
    """What key columns are called while two tables are matched."""
    return [f"{ON}{position}" for position, _ in enumerate(keys)]


def key_columns(columns: Iterable[str]) -> list[Column]:
    """The key columns under the names of `on_names`."""
    from pyspark.sql import functions as F

    return [F.col(quote(each)).alias(f"{ON}{position}") for position, each in enumerate(columns)]


def _sort(type_name: str) -> str:
    numbers = ("byte", "short", "integer", "long", "float", "double", "decimal")
    return "number" if type_name in numbers else "string" if type_name in ("string", "varchar", "char") else type_name
