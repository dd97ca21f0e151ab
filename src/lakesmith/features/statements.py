"""SQL text for `SQLTransformer`: literals that mean what they say whatever characters they hold, and SELECT lists."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from lakesmith.columns import quote
from lakesmith.errors import ConfigError

# The largest value of a 32-bit float: boosters hold features in 32 bits and refuse what is larger.
LARGEST = "3.4028234E38D"
# What SQLTransformer and Spark's variable substitution replace, even inside quotes.
_REPLACED = ("__THIS__", "${")


def text_literal(text: str) -> str:
    """A SQL string literal. All but letters, digits and a few signs are escaped, `$` and `__THIS__` among them."""
    return "'" + "".join(_escaped(each) for each in text) + "'"


def _escaped(character: str) -> str:
    if character.isalnum() or character in " .,:;-/+()":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def number_literal(number: float) -> str:
    """A SQL double literal that reads back as the same double. Raises ValueError for NaN and infinities."""
    if not math.isfinite(number):
        raise ValueError(f"{number} has no literal")
    text = f"{float(number)!r}D"
    return f"({text})" if text.startswith("-") else text


def finite(sql: str) -> str:
    """The value as a double; null where it is null, NaN, infinite or too large for a 32-bit float."""
    double = f"CAST({sql} AS DOUBLE)"
    # NaN is the largest double in Spark's order, so one comparison sorts it out too.
    return f"CASE WHEN abs({double}) <= {LARGEST} THEN {double} END"


def select(columns: Mapping[str, str]) -> str:
    """The statement of a SQLTransformer that keeps every column and adds `columns` (name → SQL)."""
    return f"SELECT *, {aliased(columns)} FROM __THIS__"


def aliased(columns: Mapping[str, str]) -> str:
    """`sql AS name, …`"""
    return ", ".join(f"{sql} AS {quote(name)}" for name, sql in columns.items())


def refuse_replaced(names: Iterable[str]) -> None:
    """Raises ConfigError for a column name that Spark would rewrite inside SQL text."""
    for name in names:
        for text in _REPLACED:
            if text in name:
                raise ConfigError(
                    f"the column name '{name}' holds '{text}', which Spark replaces in SQL text",
                    key="columns",
                    fix="Rename the column in a cleaning step.",
                )
