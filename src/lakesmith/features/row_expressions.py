"""Columns that features make from SQL expressions over the columns of a gold row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.expressions import columns_in, compiled
from lakesmith.features import Input, Sort
from lakesmith.features.statements import refuse_replaced

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


def reads_of(columns: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """`columns.<name>` → the columns that the expression reads."""
    return {f"columns.{name}": columns_in(sql) for name, sql in columns.items()}


def names_with(columns: Mapping[str, str], names: Names) -> Names:
    """`names` and the columns made. Raises ConfigError for a name that is taken."""
    for name in columns:
        names.free([name], key=f"columns.{name}")
        names = names.plus([name])
    return names


def checked(name: str, text: str, draft: Draft, gives: tuple[Sort, ...]) -> Input:
    """The expression as a column that features may take. Raises ConfigError where it gives no value of `gives`."""
    key = f"columns.{name}"
    gold = Names("gold", tuple(each for each in draft.inputs if each not in draft.made))
    sql = compiled(text, gold, key)
    reads = columns_in(text)
    refuse_replaced([sql])
    sort = draft.type_of(sql)
    if sort not in gives:
        raise ConfigError(f"the expression gives {sort}, not {' or '.join(gives)}", key=key, fix="Correct it.")
    return Input(name, sort, f"({sql})", reads)
