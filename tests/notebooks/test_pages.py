"""A notebook as `.ipynb` and as a page: valid, complete, and safe with whatever text a cell shows."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from pyspark.sql import SparkSession

from lakesmith import api
from lakesmith.errors import ConfigError, LakesmithError
from lakesmith.notebooks.convert import ipynb
from lakesmith.notebooks.page import render
from lakesmith.notebooks.runner import NotebookRun, run
from lakesmith.notebooks.source import Cell, read, written
from notebooks.tiny import notebook

ROOT = Path(__file__).parents[2]
CELLS = (
    "%md\n# Tiny & whole\n\nWords, <script>alert(1)</script> and [a link](javascript:alert(1)).\n\n## Part\n\n"
    "|a|b|\n|-|-|\n|1|2|",
    "print('<u>printed</u>')\ndisplay(spark.sql(\"select '<u>cell</u>' as `<u>name</u>`\"))\n'<u>value</u>'",
    "%sql SELECT 1 AS one",
    "class Own:\n    def _repr_html_(self):\n        return '<mark>own</mark>'\nOwn()",
)


@pytest.fixture(scope="module")
def tiny_run(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> NotebookRun:
    found = notebook(tmp_path_factory.mktemp("tiny"), *CELLS, "1 / 0", "print('not reached')")
    return run(found, spark)


def test_an_executed_notebook_is_valid_ipynb_with_all_outputs(tiny_run: NotebookRun) -> None:
    document = nbformat.reads(ipynb(tiny_run), as_version=4)
    nbformat.validate(document, relax_add_props=False)
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    words, shows, query, own, fails, unreached = document.cells
    assert words.cell_type == "markdown"
    assert words.source.startswith("# Tiny & whole")
    assert [each.output_type for each in shows.outputs] == ["stream", "display_data", "execute_result"]
    assert shows.outputs[0].text == "<u>printed</u>\n"
    assert query.source == "%sql SELECT 1 AS one"
    assert "text/html" in query.outputs[0].data
    assert own.outputs[0].data["text/html"] == "<mark>own</mark>"
    assert fails.outputs[0].output_type == "error"
    assert "division by zero" in fails.outputs[0].evalue
    assert (fails.execution_count, unreached.execution_count, unreached.outputs) == (5, None, [])


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.py")), ids=lambda path: path.stem)
def test_a_shipped_notebook_converts_to_valid_ipynb_without_outputs(path: Path, tmp_path: Path) -> None:
    target = api.convert_notebook(path, tmp_path / "out.ipynb")
    document = nbformat.read(target, as_version=4)
    nbformat.validate(document, relax_add_props=False)
    assert len(document.cells) == len(read(path).cells)
    assert {cell.cell_type for cell in document.cells} == {"markdown", "code"}
    assert not [cell for cell in document.cells if cell.get("outputs") or cell.get("execution_count")]


def test_a_title_of_a_cell_is_kept(tmp_path: Path) -> None:
    (tmp_path / "titled.py").write_text(written([Cell("x = 1", "The <first>")]))
    document = json.loads(ipynb(read(tmp_path / "titled.py")))
    assert document["cells"][0]["metadata"] == {"title": "The <first>"}


def test_a_page_renders_words_and_escapes_all_that_is_no_html(tiny_run: NotebookRun) -> None:
    html = render(tiny_run)
    assert "<h1>Tiny &amp; whole</h1>" in html
    assert html.count("Tiny &amp; whole") == 2  # the head's title and the page's
    assert '<li><a href="#part-1">Part</a></li>' in html
    assert '<h2 id="part-1">Part</h2>' in html
    assert '<div class="scroll"><table>' in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<u>" not in html
    assert html.count("&lt;u&gt;printed&lt;/u&gt;") == 2  # the code and what it printed
    assert "&lt;u&gt;name&lt;/u&gt;" in html
    assert "<mark>own</mark>" in html
    assert "stopped by an error" in html
    assert "division by zero" in html
    assert html.count(">not run<") == 1


def test_a_page_loads_nothing_and_runs_no_script(tiny_run: NotebookRun) -> None:
    html = render(tiny_run)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert not [word for word in ("<link", "@import", "url(", "http:", "https:", " src=") if word in html]


def test_what_a_failed_notebook_showed_is_written_all_the_same(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAKESMITH_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    where = "import os\nprint(os.environ['LAKESMITH_WORKSPACE'])"
    tiny = notebook(tmp_path, where, "raise ValueError('broken')")
    with pytest.raises(LakesmithError, match="cell 2: unexpected ValueError: broken"):
        api.run_notebook(tiny.path, target=tmp_path / "out.html", workspace="near")
    assert str(tmp_path / "near") in (tmp_path / "out.html").read_text()
    told: list[int] = []
    monkeypatch.setenv("LAKESMITH_WORKSPACE", "far")
    shown = api.run_notebook(notebook(tmp_path, where).path, after=lambda number, done: told.append(number))
    assert shown.text() == f"{tmp_path / 'far'}\n"
    assert told == [1]
    with pytest.raises(ConfigError, match="its name ends with none of"):
        api.run_notebook(tiny.path, target="out.pdf")
    with pytest.raises(ConfigError, match="its name ends with none of"):
        api.convert_notebook(tiny.path, tmp_path / "out.html")
