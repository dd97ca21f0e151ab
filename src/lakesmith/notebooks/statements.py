"""The statements of `SQLTransformer`s taken apart: the columns that they add, and the columns that those read."""

from __future__ import annotations

import re
from collections.abc import Iterator

_START, _END = "SELECT *, ", " FROM __THIS__"
_ALIAS = re.compile(r"(?s)(.*) AS `((?:[^`]|``)+)`")
_TOKEN = re.compile(r"(?s)'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|[()\[\],]|[^'`()\[\],]+")
_QUOTED = re.compile(r"`((?:[^`]|``)+)`")
_INTERNAL = re.compile(r"(?<!\w)_lakesmith_\w+")


def columns_added(statement: str) -> dict[str, str] | None:
    """Column → SQL of a statement that keeps every column and adds some; None for any other statement."""
    if not (statement.startswith(_START) and statement.endswith(_END)):
        return None
    found = [_ALIAS.fullmatch(each.strip()) for each in _listed(statement[len(_START) : -len(_END)])]
    if any(each is None for each in found):
        return None
    return {each[2].replace("``", "`"): each[1] for each in found if each is not None}


def gold_columns(sql: str) -> list[str]:
    """The names in backticks, in their order, each once."""
    names = (each.replace("``", "`") for each in _QUOTED.findall(sql))
    return list(dict.fromkeys(name for name in names if not name.startswith("_lakesmith_")))


def internal_columns(sql: str) -> list[str]:
    """lakesmith's own columns, in their order, each once. Text literals hold no underscore, so they hide none."""
    return list(dict.fromkeys(_INTERNAL.findall(sql)))


def renamed(sql: str, names: dict[str, str]) -> str:
    """The SQL with lakesmith's own columns called as `names` says."""
    return _INTERNAL.sub(lambda found: names.get(found[0], found[0]), sql)


def _listed(sql: str) -> Iterator[str]:
    """The parts between commas outside quotes and brackets."""
    depth, part = 0, ""
    for token in _TOKEN.findall(sql):
        depth += (token in "([") - (token in ")]") if len(token) == 1 else 0
        if token == "," and depth == 0:
            yield part
            part = ""
        else:
            part += token
    yield part
