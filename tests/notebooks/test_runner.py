"""A notebook run here shows what it shows on Databricks, and stops where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith.errors import ConfigError, DataError, LakesmithError
from lakesmith.notebooks.outputs import Output
from lakesmith.notebooks.runner import NotebookRun, run
from notebooks.tiny import notebook


def ran(spark: SparkSession, folder: Path, *sources: str, **params: str) -> NotebookRun:
    return run(notebook(folder, *sources), spark, params)


def last(found: NotebookRun) -> tuple[Output, ...]:
    assert found.error is None
    return found.cells[-1].outputs


def test_a_cell_shows_what_it_prints_displays_and_ends_with(spark: SparkSession, tmp_path: Path) -> None:
    found = ran(spark, tmp_path, "x = 20", "print('one')\ndisplay(spark.range(2))\nprint('two', x)\nx + 1\nx + 22")
    assert [(each.kind, each.text) for each in last(found)] == [
        ("stdout", "one\n"), ("display", "id\n 0\n 1\n2 rows"), ("stdout", "two 20\n"), ("value", "42"),
    ]  # fmt: skip
    assert found.cells[0].outputs == ()
    assert found.text() == "one\nid\n 0\n 1\n2 rows\ntwo 20\n42\n"


def test_none_is_no_value_and_a_class_has_no_html_of_its_own(spark: SparkSession, tmp_path: Path) -> None:
    shows = "class Bold:\n    def _repr_html_(self):\n        return '<b>bold</b>'\n    def __repr__(s): return 'bold'"
    found = ran(spark, tmp_path, shows, "Bold()", "Bold", "None", "spark.range(1)")
    assert found.cells[1].outputs == (Output("value", "bold", "<b>bold</b>"),)
    assert [each.html for each in found.cells[2].outputs] == [""]
    assert found.cells[3].outputs == ()
    assert found.cells[4].outputs == (Output("value", "DataFrame[id: bigint]"),)


def test_a_frame_is_a_table_with_types_nulls_and_times_of_the_session(spark: SparkSession, tmp_path: Path) -> None:
    query = (
        "display(spark.sql(\"select '<b>&' as name, 0.1D + 0.2D as sum, cast(null as int) as sum, array(1, 2) as list, "
        "timestamp '2025-01-01 00:30:00Z' as at, interval 2 month as span, cast(1.5 as decimal(4, 2)) as price, "
        'true as yes"))'
    )
    (table,) = last(ran(spark, tmp_path, query))
    assert '<td style="text-align:left">&lt;b&gt;&amp;</td>' in table.html
    assert "<b>" not in table.html
    assert '<td class="n" style="text-align:right">0.3</td>' in table.html
    assert '<td class="n" style="text-align:right"><i>null</i></td>' in table.html
    assert "[1, 2]" in table.html
    assert "2025-01-01 00:30:00<" in table.html
    assert "INTERVAL &#x27;2&#x27; MONTH" in table.html
    assert "sum<br><small>double</small>" in table.html
    assert "sum<br><small>int</small>" in table.html
    assert '<td class="n" style="text-align:right">1.50</td>' in table.html
    assert ">true<" in table.html


def test_a_table_ends_after_a_thousand_rows_and_says_so(spark: SparkSession, tmp_path: Path) -> None:
    found = ran(spark, tmp_path, "display(spark.range(1001))", "display(spark.range(1000))")
    cut, whole = (each.outputs[0] for each in found.cells)
    assert cut.html.count("<tr>") == whole.html.count("<tr>") == 1001
    assert "the first 1,000 rows" in cut.html
    assert ">999<" in cut.html
    assert ">1000<" not in cut.html
    assert "1,000 rows" in whole.html
    assert "… 980 rows more" in cut.text


def test_a_pandas_frame_is_a_table_without_its_index(spark: SparkSession, tmp_path: Path) -> None:
    code = "import pandas as pd\ndisplay(pd.DataFrame({'a': [1.5, None], 'b': ['<i>', '']}, index=['r', 's']))"
    (table,) = last(ran(spark, tmp_path, code))
    assert "a<br><small>double</small>" in table.html
    assert "<i>null</i>" in table.html
    assert "&lt;i&gt;" in table.html
    assert ">r<" not in table.html


def test_sql_sees_views_and_widgets_and_leaves_its_rows(spark: SparkSession, tmp_path: Path) -> None:
    view = "dbutils.widgets.text('least', '2')\nspark.range(5).createOrReplaceTempView('tiny_numbers')"
    query = "%sql\n-- two statements; one result\nSELECT ';';\nSELECT id FROM tiny_numbers WHERE id > :least; -- end"
    found = ran(spark, tmp_path, view, query, "_sqldf.count()")
    assert [each.text for each in found.cells[1].outputs] == ["id\n 3\n 4\n2 rows"]
    assert last(found) == (Output("value", "2"),)
    assert ran(spark, tmp_path, view, query, "_sqldf.count()", least="3").cells[2].outputs == (Output("value", "1"),)


def test_a_widget_in_sql_is_its_text_and_nothing_else(spark: SparkSession, tmp_path: Path) -> None:
    declared = "dbutils.widgets.text('said', r\"it's \\ ; :said\")"
    view = "spark.sql('select 1 as said').createOrReplaceTempView('told')"
    query = "%sql SELECT :said AS a, ':said' AS b, said::int AS c FROM told WHERE :said = :said -- :said"
    (table,) = last(ran(spark, tmp_path, declared, view, query))
    assert [line.split("  ") for line in table.text.splitlines()[1:2]] == [["it's \\ ; :said", ":said", "1"]]


def test_words_show_nothing_and_pip_says_that_it_does_nothing(spark: SparkSession, tmp_path: Path) -> None:
    found = ran(spark, tmp_path, "%md # Words", "%pip install lakesmith", "%python 1 + 1", "%python\n\n1 + 2")
    shown = [[each.text for each in cell.outputs] for cell in found.cells]
    assert shown == [[], ["not run here: the packages of this environment are used"], ["2"], ["3"]]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("%run ./other", "tiny.py:6 cell 2: %run is not followed"),
        ("%sh ls", "tiny.py:6 cell 2: %sh is not run here"),
        ("%pip install x\nimport x", "tiny.py:6 cell 2: Python stands under %pip"),
    ],
)
def test_a_magic_that_is_not_run_is_refused_before_any_cell(
    spark: SparkSession, tmp_path: Path, source: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        ran(spark, tmp_path, "open('ran', 'w').close()", source)
    assert told in str(caught.value)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("source", "line", "told", "code"),
    [
        ("def deep():\n    return 1 / 0\n\ndeep()", 7, "unexpected ZeroDivisionError: division by zero", 1),
        ("x = (\n", 6, "unexpected SyntaxError: '(' was never closed", 1),
        ("from lakesmith.errors import GateError\nraise GateError('no', fix='Try.')", 7, "no. Try.", 4),
        ("from lakesmith import api\napi.validate('no.yml')", 7, "no.yml", 2),
        ("%sql SELECT no_such_column", 6, "Spark: [UNRESOLVED_COLUMN", 3),
        ("import sys\nsys.exit(0)", 7, "the notebook was ended by SystemExit(0)", 1),
        ("dbutils.fs.ls('/')", 6, "dbutils.fs is there on Databricks only", 1),
        ("dbutils.widgets.get('n')", 6, "the notebook has no widget 'n'", 2),
    ],
)  # fmt: skip
def test_an_error_stops_the_run_and_says_where(
    spark: SparkSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    line: int,
    told: str,
    code: int,
) -> None:
    found = ran(spark, tmp_path, "x = 1", source.rstrip("\n"), "print('on')")
    assert isinstance(found.error, LakesmithError)
    assert str(found.error).startswith(f"{tmp_path / 'tiny.py'}:{line} cell 2: ")
    assert told in str(found.error)
    assert found.error.exit_code == code
    assert [each.kind for each in found.cells[1].outputs] == ["error"]
    assert found.cells[2].seconds is None
    assert found.cells[2].outputs == ()
    assert capsys.readouterr().err == ""


def test_what_was_printed_before_an_error_is_kept(spark: SparkSession, tmp_path: Path) -> None:
    found = ran(spark, tmp_path, "print('before')\nraise ValueError('after')")
    assert [each.kind for each in found.cells[0].outputs] == ["stdout", "error"]
    assert found.text() == "before\n"


def test_widgets_have_defaults_that_parameters_replace(spark: SparkSession, tmp_path: Path) -> None:
    declared = "dbutils.widgets.text('n', '1', 'A number')\ndbutils.widgets.dropdown('env', 'dev', ['dev', 'prod'])"
    asked = "dbutils.widgets.get('n') + dbutils.widgets.get('env')"
    assert last(ran(spark, tmp_path, declared, asked))[0].text == "'1dev'"
    assert last(ran(spark, tmp_path, declared, asked, n="2", env="prod"))[0].text == "'2prod'"
    with pytest.raises(ConfigError, match=r"--param evn: the notebook has no such widget\. Did you mean 'env'"):
        ran(spark, tmp_path, declared, asked, evn="prod")
    refused = ran(spark, tmp_path, declared, asked, env="prd").error
    assert "'prd' is no choice. Did you mean 'prod'" in str(refused)
    computed = ran(spark, tmp_path, "name = 'm'\ndbutils.widgets.text(name, '1')", "dbutils.widgets.get('m')", m="5")
    assert last(computed)[0].text == "'5'"


def test_a_notebook_works_in_its_own_folder_and_in_a_clean_namespace(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "near.txt").write_text("near")
    before = Path.cwd()
    typed = "def f(x: int): ...\nf.__annotations__['x'] is int, __name__"
    found = ran(spark, tmp_path, "open('near.txt').read()", typed, "sorted(n for n in globals() if n[0] != '_')")
    assert [each.text for cell in found.cells for each in cell.outputs] == [
        "'near'", "(True, '__main__')", "['dbutils', 'display', 'f', 'spark']",
    ]  # fmt: skip
    assert Path.cwd() == before


def test_an_error_of_lakesmith_is_the_cause(spark: SparkSession, tmp_path: Path) -> None:
    found = ran(spark, tmp_path, "from lakesmith.errors import DataError\nraise DataError('no rows')")
    assert isinstance(found.error, DataError)
    assert isinstance(found.error.__cause__, DataError)
