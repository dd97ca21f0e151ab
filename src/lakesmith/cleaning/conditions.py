"""Conditions on rows: what counts as missing, and rules that are true or not, never null."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lakesmith.cleaning import Sifted
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.errors import ConfigError
from lakesmith.expressions import columns_in, compiled
from lakesmith.sources import RULE
from lakesmith.sources.opaque import opaque
from lakesmith.sources.types import FLOATS, INTEGERS, decimal_size

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Compiled expressions quote every column, and every text: the one is told from the other by its quotes.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|(?<!\.)`(?:[^`]|``)*`", re.DOTALL)


def types_of(df: DataFrame) -> dict[str, str]:
    """Column → Spark type."""
    return {each.name: each.dataType.simpleString() for each in df.schema.fields}


def missing(name: str, type_: str) -> Column:
    """Whether a value is null; NaN counts as null."""
    from pyspark.sql import functions as F

    column = F.col(quote(name))
    return column.isNull() | F.isnan(column) if type_ in ("float", "double") else column.isNull()


def is_number(type_: str) -> bool:
    """Whether a Spark type holds numbers."""
    return type_ in INTEGERS or type_ in FLOATS or decimal_size(type_) is not None


def text_columns(df: DataFrame, wanted: Iterable[str] | None) -> list[str]:
    """The wanted columns, or all that hold text where none is named. Raises ConfigError for one that is no text."""
    types = types_of(df)
    texts = [name for name, type_ in types.items() if type_ == "string" and not name.startswith(RESERVED)]
    if wanted is None:
        return texts
    named = list(wanted)
    for position, name in enumerate(named):
        if name not in texts:
            raise ConfigError(f"'{name}' is {types[name]}, not text", key=f"columns[{position}]")
    return named


def number_columns(df: DataFrame, wanted: Iterable[str]) -> list[str]:
    """The wanted columns. Raises ConfigError for one that holds no numbers."""
    types, named = types_of(df), list(wanted)
    for position, name in enumerate(named):
        if not is_number(types[name]):
            raise ConfigError(
                f"'{name}' is {types[name]}, not a number",
                key=f"columns[{position}]",
                fix="Use cast or parse_numbers first.",
            )
    return named


def condition(sql: str, df: DataFrame, key: str) -> Column:
    """Whether a row of `df` fulfils an expression: false where it gives null. NaN counts as null in it.

    Raises ConfigError for an expression that is not true or false.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as F

    text = compiled(sql, Names("this step's rows", tuple(df.columns)), key)
    types = types_of(df)
    floats = {quote(name) for name in columns_in(sql) if types.get(name) in ("float", "double")}
    whole = _QUOTED.sub(lambda found: f"nanvl({found[0]}, NULL)" if found[0] in floats else found[0], text)
    try:
        given = df.select(F.expr(whole)).schema.fields[0].dataType.simpleString()
    except AnalysisException as error:
        raise ConfigError(f"Spark cannot compute '{sql}': {str(error).splitlines()[0][:300]}", key=key) from None
    if given != "boolean":
        raise ConfigError(f"'{sql}' gives {given}, not true or false", key=key, fix="Compare it with something.")
    return F.coalesce(F.expr(whole), F.lit(False))


def sifted(df: DataFrame, broken: Sequence[tuple[Column, str]], *, quarantine: bool) -> Sifted:
    """The rows that break none of the rules, and, where rows are quarantined, the others with the first they break.

    The conditions are never null.
    """
    from pyspark.sql import functions as F

    rule = F.coalesce(*[F.when(each, F.lit(told)) for each, told in broken])
    with_rule = df.withColumn(RULE, opaque(rule))
    kept = with_rule.filter(F.col(RULE).isNull()).drop(RULE)
    return Sifted(kept, with_rule.filter(F.col(RULE).isNotNull()) if quarantine else None)


def replaced(df: DataFrame, values: Mapping[str, Column], told: Mapping[str, str], *, quarantine: bool) -> Sifted:
    """The rows with `values` in their columns' places. A value that was there and is null now is lost: it stays null,
    or its row is quarantined with what is `told` of the column. The values are functions of the row alone."""
    if not quarantine:
        return Sifted(df.withColumns(dict(values)))
    broken = [(each, told[name]) for name, each in lost(values).items()]
    parts = sifted(df, broken, quarantine=True)
    return Sifted(parts.kept.withColumns(dict(values)), parts.rejected)


def lost(values: Mapping[str, Column]) -> dict[str, Column]:
    """Column → whether it has a value in the row while its entry of `values` has none; never null."""
    from pyspark.sql import functions as F

    return {name: F.col(quote(name)).isNotNull() & value.isNull() for name, value in values.items()}


def shortened(sql: str) -> str:
    """An expression as part of a rule's text."""
    one_line = " ".join(sql.split())
    return one_line if len(one_line) <= 200 else f"{one_line[:199]}…"
