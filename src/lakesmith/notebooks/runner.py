"""A notebook run from its first cell to its last in this process, as Databricks runs it: one namespace with `spark`,
`dbutils` and `display`; a cell shows what it prints, what it displays and the value of its last expression."""

from __future__ import annotations

import ast
import re
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from io import TextIOBase
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lakesmith import failures
from lakesmith.errors import ConfigError, DataError, EnvironmentFault, GateError, LakesmithError
from lakesmith.notebooks import widgets
from lakesmith.notebooks.outputs import Output, displayed, shown
from lakesmith.notebooks.source import Cell, Notebook
from lakesmith.sql_rendering import literal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PYTHON = ("", "python")
PIP_TOLD = "not run here: the packages of this environment are used"
_ERRORS: Mapping[int, type[LakesmithError]] = {
    each.exit_code: each for each in (ConfigError, DataError, GateError, EnvironmentFault)
}


@dataclass(frozen=True)
class CellRun:
    """A cell and what it showed; `seconds` is None for one that was not reached."""

    cell: Cell
    outputs: tuple[Output, ...] = ()
    seconds: float | None = None

    def text(self) -> str:
        """What the cell showed, as text; without an error."""
        return "".join(f"{each.text.rstrip()}\n" for each in self.outputs if each.kind != "error")


After = Callable[[int, CellRun], None]


@dataclass(frozen=True)
class NotebookRun:
    """All cells of a notebook as far as they ran; `error` is what stopped it."""

    notebook: Notebook
    cells: tuple[CellRun, ...]
    error: LakesmithError | None = None

    def text(self) -> str:
        """What the cells showed, as text."""
        return "".join(each.text() for each in self.cells)


def run(
    notebook: Notebook,
    spark: SparkSession,
    params: Mapping[str, str] | None = None,
    after: After = lambda number, done: None,
) -> NotebookRun:
    """The cells with what they showed, up to the first error; `after` is told of each with its number. The working
    folder is the notebook's own meanwhile, as on Databricks. Raises ConfigError, before any cell runs, for a magic or
    a parameter that cannot be.

    An error keeps its exit code and says notebook, line, cell and its own first line.
    """
    check(notebook)
    widgets.check(params or {}, notebook.cells)
    desk = _Desk(notebook, spark, widgets.Dbutils(params or {}))
    done: list[CellRun] = []
    error: LakesmithError | None = None
    with chdir(notebook.path.resolve().parent):
        for number, cell in enumerate(notebook.cells, start=1):
            if error is not None:
                done.append(CellRun(cell))
                continue
            began = time.monotonic()
            outputs, error = desk.ran(cell, number)
            done.append(CellRun(cell, outputs, time.monotonic() - began))
            after(number, done[-1])
    return NotebookRun(notebook, tuple(done), error)


def check(notebook: Notebook) -> None:
    """Raises ConfigError for a magic that is not run here, and for Python under %pip, which would be left out."""
    for number, cell in enumerate(notebook.cells, start=1):
        place = f"{notebook.path}:{cell.line} cell {number}"
        if cell.magic == "run":
            raise ConfigError(
                "%run is not followed: what a notebook takes from another one cannot be seen in it", place=place,
                fix="Put shared code into a package and import it.",
            )  # fmt: skip
        if cell.magic not in (*PYTHON, "md", "sql", "pip"):
            raise ConfigError(f"%{cell.magic} is not run here", place=place, fix="Use Python, %sql, %md or %pip.")
        if cell.magic == "pip" and not all(line.startswith(("%pip", "#")) or not line for line in _lines(cell)):
            raise ConfigError("Python stands under %pip", place=place, fix="Give it a cell of its own.")


def _lines(cell: Cell) -> list[str]:
    return [line.strip() for line in cell.source.split("\n")]


@dataclass
class _Desk:
    """What the cells share."""

    notebook: Notebook
    spark: SparkSession
    dbutils: widgets.Dbutils
    outputs: list[Output] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names |= {"__name__": "__main__", "spark": self.spark, "dbutils": self.dbutils, "display": self.display}

    def display(self, value: object) -> None:
        """Shows a value below the cell."""
        self.outputs.append(displayed(value))

    def ran(self, cell: Cell, number: int) -> tuple[tuple[Output, ...], LakesmithError | None]:
        """(What the cell showed, what stopped it)."""
        self.outputs = []
        error = None
        try:
            with redirect_stdout(_Printed(self)):
                self._run(cell)
        except (Exception, SystemExit) as found:  # noqa: BLE001 (whatever a cell raises is told with its place)
            error = self._placed(found, cell, number)
            self.outputs.append(Output("error", str(error)))
        return tuple(self.outputs), error

    def _run(self, cell: Cell) -> None:
        if cell.magic == "sql":
            self._sql(cell.text)
        elif cell.magic == "pip":
            self.outputs.append(Output("stdout", PIP_TOLD))
        elif cell.magic in PYTHON:
            self._python(cell)

    def _python(self, cell: Cell) -> None:
        """Runs the statements; the value of a last expression is shown unless it is None."""
        file = str(self.notebook.path)
        tree = ast.parse(cell.text, file)
        ast.increment_lineno(tree, cell.line - 1 + cell.source.removesuffix(cell.text).count("\n"))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, file, "exec", dont_inherit=True), self.names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), file, "eval", dont_inherit=True), self.names)
            if value is not None:
                self.outputs.append(shown(value, "value"))

    def _sql(self, text: str) -> None:
        """Runs the statements, with the widgets as `:name`; the last one's rows are shown and are `_sqldf`."""
        rows = None
        for statement in _statements(text):
            self.names["_sqldf"] = rows = self.spark.sql(_bound(statement, self.dbutils.widgets.values))
        if rows is not None and rows.columns:  # a statement such as CREATE VIEW has none
            self.display(rows)

    def _placed(self, error: BaseException, cell: Cell, number: int) -> LakesmithError:
        """The error with notebook, line and cell before its own first line, and its exit code."""
        ended = isinstance(error, SystemExit)
        known = LakesmithError(f"the notebook was ended by {error!r}") if ended else error
        told, code = failures.lines(known)
        place = f"{self.notebook.path}:{self._line(error, cell)} cell {number}"
        found = _ERRORS.get(code, LakesmithError)(told[0].removeprefix("error: "), place=place)
        found.__cause__ = error
        return found

    def _line(self, error: BaseException, cell: Cell) -> int:
        """The line of the file that was running."""
        if isinstance(error, SyntaxError) and error.filename == str(self.notebook.path):
            return cell.line - 1 + (error.lineno or 1)
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(self.notebook.path)]
        return lines[-1] or cell.line if lines else cell.line


class _Printed(TextIOBase):
    """Standard output of a cell: what is printed between two displayed values is one output."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def write(self, text: str) -> int:
        outputs = self._desk.outputs
        if outputs and outputs[-1].kind == "stdout":
            outputs[-1] = Output("stdout", outputs[-1].text + text)
        elif text:
            outputs.append(Output("stdout", text))
        return len(text)


def _statements(text: str) -> list[str]:
    """The statements of a %sql cell, which semicolons part."""
    from sqlglot import tokenize

    ends = [token.start for token in tokenize(text, read="databricks") if token.token_type.name == "SEMICOLON"]
    starts = [0, *(end + 1 for end in ends)]
    parts = [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]
    return [part for part in parts if tokenize(part, read="databricks")]


def _bound(statement: str, values: Mapping[str, str]) -> str:
    """The statement with the text of a widget where `:name` stands. Not by Spark's own parameters: Delta's parser for
    Spark 4.1 leaves them unbound."""
    from sqlglot import tokenize

    tokens = tokenize(statement, read="databricks")
    for colon, name in reversed([*pairwise(tokens)]):
        is_marker = colon.token_type.name == "COLON" and name.start == colon.end + 1
        # `column:path` is no marker.
        if is_marker and name.text in values and not re.match(r"[\w\])`]", statement[colon.start - 1 : colon.start]):
            statement = statement[: colon.start] + literal(values[name.text]) + statement[name.end + 1 :]
    return statement
