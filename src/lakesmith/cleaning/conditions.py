"""Conditions on rows: what counts as missing, and rules that are true or not, never null."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakesmith.cleaning import Sifted
from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError
from lakesmith.expressions import columns_in, compiled
from lakesmith.sources import RULE
from lakesmith.sources.opaque import opaque

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


def shortened(sql: str) -> str:
    """An expression as part of a rule's text."""
    one_line = " ".join(sql.split())
    return one_line if len(one_line) <= 200 else f"{one_line[:199]}…"
