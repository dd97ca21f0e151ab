"""Cells: a notebook in Databricks' source format, with the text of plain functions and the imports that it needs."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from lakesmith.notebooks.source import Cell, written

_LINTERS = re.compile(r"  # (?:type: ignore|noqa)\b.*$", re.MULTILINE)


@dataclass
class Draft:
    """A notebook to be written: cells in order. `imports` is name → the statement that brings it, for names that cells
    use."""

    cells: list[Cell] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)

    def tell(self, *lines: str) -> None:
        """Adds a cell of Markdown."""
        self.cells.append(
            Cell("\n".join(["%md", *(line.rstrip() for line in "\n".join(lines).strip("\n").split("\n"))]))
        )

    def code(self, *lines: str) -> None:
        """Adds a cell of Python."""
        self.cells.append(Cell("\n".join(lines).strip("\n")))

    def import_from(self, module: str, *names: str) -> None:
        """Names that later cells use."""
        self.imports.update({name: f"from {module} import {name}" for name in names})

    def plain(self, modules: Sequence[ModuleType], used: str) -> str:
        """The text of the functions of plain modules that the code `used` calls, with those that they call, and their
        imports; "" where it calls none."""
        found = _called(modules, used)
        for module in modules:
            self.imports = _imports_of(module) | self.imports
        return "\n\n\n".join(_LINTERS.sub("", inspect.getsource(each)).rstrip() for each in found)

    def source(self) -> str:
        """The whole file. Its imports are the first cell of Python. Raises SyntaxError for a cell that is no Python."""
        imports = Cell("\n".join(self._needed()))
        first = next((at for at, each in enumerate(self.cells) if not each.magic), len(self.cells))
        return written([*self.cells[:first], *([imports] if imports.source else []), *self.cells[first:]])

    def _needed(self) -> list[str]:
        used = set().union(*(_names(each.source) for each in self.cells if not each.magic))
        needed = sorted(statement for name, statement in self.imports.items() if name in used)
        by_module: dict[str, list[str]] = {}
        for statement in needed:
            start, _, name = statement.rpartition("import ")
            by_module.setdefault(start, []).append(name)
        lines = [f"{start}import {', '.join(names)}" for start, names in by_module.items() if start]
        lines += [f"import {name}" for name in by_module.get("", ())]
        # The standard library first, as is usual.
        lines.sort(key=lambda line: (line.split()[1].split(".")[0] not in sys.stdlib_module_names, line))
        return lines


def _names(code: str) -> set[str]:
    return {each.id for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Name)}


def _called(modules: Sequence[ModuleType], used: str) -> list[Any]:
    """The functions and classes of the modules that the code needs, in the order in which they are written."""
    known = {name: each for module in modules for name, each in _own(module)}
    wanted, left = set[str](), _names(used) & set(known)
    while left:
        wanted |= left
        left = set().union(*(_names(inspect.getsource(known[name])) for name in left)) & set(known) - wanted
    return [each for name, each in known.items() if name in wanted]


def _own(module: ModuleType) -> Iterable[tuple[str, Any]]:
    return ((name, each) for name, each in vars(module).items() if getattr(each, "__module__", "") == module.__name__)


def _imports_of(module: ModuleType) -> dict[str, str]:
    """Name → its import statement, of a module."""
    found: dict[str, str] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
            for each in node.names:
                alias = f" as {each.asname}" if each.asname else ""
                found[each.asname or each.name] = f"{start}import {each.name}{alias}"
    return found
