"""Databricks source format: cells in, the same cells out, and the four notebooks of this repository."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakesmith import __version__
from lakesmith.errors import ConfigError
from lakesmith.notebooks.source import FIRST_LINE, SEPARATOR, Cell, parsed, read, written

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))
TEXT = f"""\
{FIRST_LINE}
# MAGIC %md
# MAGIC # A title
# MAGIC
# MAGIC Words.

{SEPARATOR}

# DBTITLE 1,Two numbers
x = 1

y = 2

{SEPARATOR}

# MAGIC %sql SELECT 1
"""

line = st.one_of(
    st.text(st.characters(exclude_characters="\n"), max_size=12),
    st.sampled_from([SEPARATOR, "# MAGIC", "# MAGIC %md", "# MAGICIAN", "%sql", "%md x", "# DBTITLE 1,x", "", " "]),
)  # fmt: skip
cell = st.builds(
    Cell,
    st.lists(line, max_size=5).map("\n".join),
    st.one_of(st.just(""), st.text(st.characters(exclude_characters="\n"), max_size=8)),
)


def is_writable(each: Cell) -> bool:
    """What the format can hold: Databricks itself would read anything else as other cells."""
    lines = each.source.split("\n")
    if each.magic:
        return True
    is_clear = not any(one.rstrip() == SEPARATOR or one == "# MAGIC" or one.startswith("# MAGIC ") for one in lines)
    is_titled = not each.title and lines[0].startswith("# DBTITLE 1,")
    begins = bool(each.title) or bool(lines[0].strip())
    ends = bool(lines[-1].strip()) or (bool(each.title) and not each.source)
    return is_clear and not is_titled and begins and ends


@given(st.lists(cell, max_size=4))
def test_cells_that_are_written_are_read_again_or_refused(cells: list[Cell]) -> None:
    if all(map(is_writable, cells)):
        assert parsed(written(cells)) == tuple(cells)
    else:
        with pytest.raises(ConfigError, match="would not be read as it is written"):
            written(cells)


def test_cells_know_their_language_title_and_line() -> None:
    words, numbers, query = parsed(TEXT)
    assert (words.magic, words.text, words.line) == ("md", "# A title\n\nWords.", 2)
    assert (numbers.magic, numbers.title, numbers.source, numbers.line) == ("", "Two numbers", "x = 1\n\ny = 2", 10)
    assert (query.magic, query.text, query.line) == ("sql", "SELECT 1", 16)
    assert written((words, numbers, query)) == TEXT


def test_a_title_is_the_first_heading_or_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(f"{FIRST_LINE}\nx = 1\n")
    (tmp_path / "told.py").write_text(TEXT)
    assert [read(tmp_path / name).title for name in ("plain.py", "told.py")] == ["plain", "A title"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\n", "n.py:1: this is no notebook in Databricks source format"),
        (f"{FIRST_LINE}\n\n# MAGIC %md\nx = 1\n", "n.py:4: Python and '# MAGIC' lines stand in one cell: 'x = 1'"),
        (f"{FIRST_LINE}\n# MAGIC words\n", "n.py:2: a '# MAGIC' cell begins with"),
    ],
)
def test_what_the_format_does_not_know_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text, "n.py")
    assert str(caught.value).startswith(told)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe")
    for name, told in (("bytes.py", "it is not UTF-8 text"), ("missing.py", "No such file")):
        with pytest.raises(ConfigError, match=told):
            read(tmp_path / name)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_shipped_notebook_is_canonical_and_defines_nothing(path: Path) -> None:
    notebook = read(path)
    assert written(notebook.cells) == path.read_text()
    assert notebook.cells[0].source.startswith("%md\n# ")
    pips = [each.source for each in notebook.cells if each.magic == "pip"]
    assert f"../dist/lakesmith-{__version__}-py3-none-any.whl" in pips[0]
    code = [ast.parse(each.source) for each in notebook.cells if not each.magic]
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for tree in code for node in ast.walk(tree) if isinstance(node, defined)]


def test_four_notebooks_are_shipped() -> None:
    assert len(NOTEBOOKS) == 4
