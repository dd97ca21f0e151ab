"""Databricks source format: a notebook as a Python file that git can compare, and its cells.

The first line says what the file is, a line of its own parts two cells, and a cell in another language stands in
comments: `# MAGIC %md # Title`. https://docs.databricks.com/notebooks/notebook-export-import.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lakesmith.errors import ConfigError

FIRST_LINE = "# Databricks notebook source"
SEPARATOR = "# COMMAND ----------"
_MAGIC = re.compile(r"# MAGIC(?: |$)")
_TITLE = re.compile(r"# DBTITLE [01],(.*)$")
_COMMAND = re.compile(r"%([a-z][\w-]*)\s?")


@dataclass(frozen=True)
class Cell:
    """One cell as it is typed: Python, or a magic and its text (`%md # Title`). `line` is where it begins in its file,
    counted from 1."""

    source: str
    title: str = ""
    line: int = field(default=1, compare=False)

    @property
    def magic(self) -> str:
        """`md`, `sql`, …; "" for Python."""
        found = _COMMAND.match(self.source)
        return found[1] if found is not None else ""

    @property
    def text(self) -> str:
        """The cell without its magic."""
        found = _COMMAND.match(self.source)
        return self.source[found.end() :] if found is not None else self.source


@dataclass(frozen=True)
class Notebook:
    """A file and its cells, in order; cells without text are left out."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def title(self) -> str:
        """The first heading, or the file's name where there is none."""
        lines = [line for cell in self.cells if cell.magic == "md" for line in cell.text.splitlines()]
        headings = [line.lstrip("#").strip() for line in lines if re.match(r"#+ ", line)]
        return headings[0] if headings else self.path.stem


def read(path: str | Path) -> Notebook:
    """The notebook of a file. Raises ConfigError for a file that is not there or is not in this format."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{path} cannot be read as a notebook: {told}") from None
    return Notebook(Path(path), parsed(text, str(path)))


def parsed(text: str, name: str = "notebook") -> tuple[Cell, ...]:
    """The cells of a notebook's text. Raises ConfigError, with the line, for what the format does not know."""
    first, *lines = text.split("\n")
    if first.rstrip() != FIRST_LINE:
        raise ConfigError(
            f"this is no notebook in Databricks source format: its first line is not '{FIRST_LINE}'", place=f"{name}:1"
        )
    return tuple(_cell(chunk, line, name) for line, chunk in _chunks(lines))


def written(cells: Sequence[Cell]) -> str:
    """The text of a notebook with these cells. Raises ConfigError for a cell that would be read as something else."""
    between = f"\n\n{SEPARATOR}\n\n"
    text = f"{FIRST_LINE}\n{between.join(map(_in_file, cells))}\n"
    try:
        found = parsed(text)
    except ConfigError:
        found = ()
    for number, cell in enumerate(cells, start=1):
        if found[number - 1 : number] != (cell,):
            raise ConfigError(
                f"cell {number} would not be read as it is written",
                fix=f"Leave out lines that read '{SEPARATOR}' or begin with '# MAGIC', and empty lines at its ends.",
            )
    return text


def _chunks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(Number of its first line in the file, lines) of every cell, without the empty lines around it."""
    ends = [index for index, line in enumerate(lines) if line.rstrip() == SEPARATOR]
    for start, end in zip([0, *(index + 1 for index in ends)], [*ends, len(lines)], strict=True):
        full = [index for index in range(start, end) if lines[index].strip()]
        if full:
            yield full[0] + 2, list(lines[full[0] : full[-1] + 1])


def _cell(lines: list[str], line: int, name: str) -> Cell:
    titled = _TITLE.match(lines[0])
    body = lines[1:] if titled is not None else lines
    marked = [_MAGIC.match(each) is not None for each in body]
    title, line = (titled[1], line + 1) if titled is not None else ("", line)
    if not any(marked):
        return Cell("\n".join(body), title, line)
    # Databricks lets a cell be of one language only.
    if not all(marked):
        at = line + marked.index(False)
        raise ConfigError(
            f"Python and '# MAGIC' lines stand in one cell: {body[at - line]!r}", place=f"{name}:{at}",
            fix="Give each a cell of its own.",
        )  # fmt: skip
    source = "\n".join(_MAGIC.sub("", each, count=1) for each in body)
    if _COMMAND.match(source) is None:
        raise ConfigError(f"a '# MAGIC' cell begins with {source.split()[:1]}, not with a %", place=f"{name}:{line}")
    return Cell(source, title, line)


def _in_file(cell: Cell) -> str:
    title = f"# DBTITLE 1,{cell.title}\n" if cell.title else ""
    if not cell.magic:
        return title + cell.source
    return title + "\n".join(f"# MAGIC {line}" if line else "# MAGIC" for line in cell.source.split("\n"))
