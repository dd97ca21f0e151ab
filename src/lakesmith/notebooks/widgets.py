"""The part of Databricks' `dbutils` that a notebook needs for its parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from lakesmith.errors import ConfigError, nearest
from lakesmith.notebooks.source import Cell

MAKERS = ("text", "dropdown")


class Widgets:
    """Parameters by name: a default from the notebook, unless whoever runs it has given a value."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = dict(given)
        self.values: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:
        """Declares a parameter."""
        self.values[name] = self._given.get(name, defaultValue)

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: str | None = None) -> None:
        """Declares a parameter that is one of `choices`."""
        self.text(name, defaultValue, label)
        if self.values[name] not in choices:
            raise ConfigError(
                f"--param {name}: '{self.values[name]}' is no choice", fix=nearest(self.values[name], choices)
            )

    def get(self, name: str) -> str:
        """The value of a declared parameter."""
        if name not in self.values:
            raise ConfigError(f"the notebook has no widget '{name}'", fix=nearest(name, self.values))
        return self.values[name]


class Dbutils:
    """`dbutils` with `widgets` alone."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.widgets = Widgets(given)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"dbutils.{name} is there on Databricks only; here dbutils has widgets")


def check(given: Iterable[str], cells: Sequence[Cell]) -> None:
    """Raises ConfigError, before anything has run, for a parameter that the notebook declares no widget for."""
    calls = [node for cell in cells if not cell.magic for node in _calls(cell.source)]
    names = [node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None for node in calls]
    if None in names:  # a name that is computed
        return
    for name in given:
        if name not in names:
            raise ConfigError(f"--param {name}: the notebook has no such widget", fix=nearest(name, map(str, names)))


def _calls(source: str) -> list[ast.Call]:
    """The calls that declare a widget; none where the cell is no Python, which running it will tell."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return []
    return [
        node for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MAKERS
        and isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "widgets"
    ]  # fmt: skip
