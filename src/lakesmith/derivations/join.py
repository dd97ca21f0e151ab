"""Columns of another silver table, looked up by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field

from lakesmith.columns import Names, quote
from lakesmith.derivations import Derivation, Fact, entry
from lakesmith.derivations.examples import COUNT, examples_of, told
from lakesmith.errors import ConfigError, DataError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ON = "_lakesmith_on_"


class Join(Derivation):
    """Columns of another silver table, which has at most one row per key: a left join that never changes the rows.

    Without a match the joined columns are null, and so they are where a key column is null. That no key repeats in
    the other table is verified before anything is written; the share of unmatched rows is reported.
    """

    model_config = ConfigDict(serialize_by_alias=True)
    scope = "table"
    kind: Literal["join"] = "join"
    with_: str = Field(alias="with", min_length=1, description="The other table: the name of a source.")
    on: tuple[str, ...] | dict[str, str] = Field(
        min_length=1, description="Key columns, or {column here: column there} where the names differ."
    )
    columns: tuple[str, ...] | dict[str, str] = Field(
        min_length=1, description="Columns to take, or {column there: new name here}."
    )
    prefix: str = Field("", description="Put before every new name.")
    max_unmatched_share: float | None = Field(
        None, ge=0, le=1, description="Largest share of rows without a match, in [0, 1]; more of them stop the run."
    )

    @property
    def keys(self) -> dict[str, str]:
        """Key column here → key column there."""
        return dict(self.on) if isinstance(self.on, dict) else {name: name for name in self.on}

    @property
    def taken(self) -> dict[str, str]:
        """Column there → its name here."""
        named = self.columns if isinstance(self.columns, dict) else {name: name for name in self.columns}
        return {theirs: f"{self.prefix}{ours}" for theirs, ours in named.items()}

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

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.sql import functions as F

        other = tables[self.with_]
        self._check_types(df, other)
        taken = [F.col(quote(theirs)).alias(new) for theirs, new in self.taken.items()]
        looked_up = other.select(*key_columns(self.keys.values()), *taken)
        return df.join(looked_up, self._matches(), "left").drop(*on_names(self.keys))

    def facts(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """Rows, rows without a match, and up to five repeated keys of the other table with their counts."""
        from pyspark.sql import functions as F

        other = tables[self.with_]
        self._check_types(df, other)
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

    def _key(self, field: str, position: int, name: str) -> str:
        return entry(field, name) if isinstance(getattr(self, field), dict) else f"{field}[{position}]"

    def _matches(self) -> Column:
        from functools import reduce

        from pyspark.sql import functions as F

        pairs = zip(self.keys, on_names(self.keys), strict=True)
        return reduce(lambda one, other: one & other, [F.col(quote(here)) == F.col(name) for here, name in pairs])

    def _check_types(self, df: DataFrame, other: DataFrame) -> None:
        of_one_sort(df, other, self.keys, self.with_, lambda position, here: self._key("on", position, here))


def of_one_sort(
    df: DataFrame, other: DataFrame, keys: Mapping[str, str], table: str, key: Callable[[int, str], str]
) -> None:
    """Raises ConfigError for keys of different sorts: Spark would cast text to a number and fail on a row of it."""
    for position, (here, theirs) in enumerate(keys.items()):
        ours, others = df.schema[here].dataType, other.schema[theirs].dataType
        if _sort(ours.typeName()) != _sort(others.typeName()):
            raise ConfigError(
                f"'{here}' is {ours.simpleString()} here and '{theirs}' is {others.simpleString()} in '{table}'",
                key=key(position, here),
                fix="Cast one of them in clean.",
            )


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
