"""Bad input of every kind gets one message, where and what to do, an exit code, and leaves nothing half-written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lakesmith import api, failures
from lakesmith.errors import LakesmithError
from lakesmith.progress import Progress
from small_projects import Row, visits, write_project, write_rows

pytestmark = pytest.mark.usefixtures("spark")
Made = Callable[[Path], Path]


def ended(path: Path, select: str = "+train") -> tuple[str, int]:
    """What the command line would say, and the exit code; (summary, code) when the run goes through."""
    try:
        summary = api.run(path, select=select, progress=Progress.silent())
    except LakesmithError as error:
        lines, code = failures.lines(error)
        return "\n".join(lines), code
    return summary.sentence, summary.exit_code


def labelled(value: Callable[[Row], str]) -> list[Row]:
    return [[*row[:3], value(row), *row[4:]] for row in visits(120)]


def raw(text: str) -> Made:
    def make(folder: Path) -> Path:
        path = write_project(folder, visits(40))
        (folder / "raw" / "visits.csv").write_text(text)
        return path

    return make


def changed(old: str, new: str) -> Made:
    return lambda folder: write_project(folder, visits(40), trials=1, change=lambda text: text.replace(old, new))


def with_rows(rows: list[Row]) -> Made:
    return lambda folder: write_project(folder, rows)


HEADER = "visit_id,at,city,late,x0,x1,x2\n"
VALUES = "1,2025-01-01T00:00:00Z,A,true,1,1,1\n"
UNKNOWN = r"visits\.yml:\d+ features\[1\]\.columns\[0\]: 'citi' is not a column of gold .*Did you mean 'city'\?"
CASES: dict[str, tuple[Made, int, str]] = {
    "an empty file": (raw(""), 3, r"sources\.visits.*(empty|no record|no header)"),
    "a header only": (raw(HEADER), 3, r"no row"),
    "one row": (raw(HEADER + VALUES), 3, r"(only one|one value|one class|no row|instant)"),
    "one class": (with_rows(labelled(lambda row: row[3] and "true")), 3, r"task\.label.*'late'.*(one|only)"),
    "a label that is null everywhere": (with_rows(labelled(lambda row: "")), 3, r"'late'.*(null|label)"),
    "duplicate columns": (raw(HEADER.replace("x1", "x0") + VALUES), 3, r"x0.*twice|duplicate|more than once"),
    "an unknown column": (changed("columns: [city]", "columns: [citi]"), 2, UNKNOWN),
    "a file without a declared column": (raw(HEADER.replace(",x2", "") + VALUES.replace("1,1\n", "1\n")), 3, r"x2"),
    "a path that is not there": (changed("path: raw", "path: nowhere"), 5, r"sources\.visits.*nowhere"),
    "an unknown environment key": (changed("seed: 3", "seed: three"), 2, r"visits\.yml:\d+ seed: .*three"),
    "a test part without rows": (changed("2025-03-01", "2035-03-01"), 3, r"split.*test"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_told_in_one_message_with_its_exit_code(tmp_path: Path, case: str) -> None:
    make, code, message = CASES[case]
    told, found = ended(make(tmp_path), select="+evaluate")
    assert (found, bool(re.search(message, told, re.DOTALL))) == (code, True), told
    assert "Traceback" not in told
    assert "\tat org.apache" not in told
    tables = tmp_path / ".lakesmith" / "visits" / "tables"
    for table in tables.iterdir() if tables.is_dir() else ():
        assert list((table / "_delta_log").glob("*.json")), f"{table.name} was left without a commit"


def test_constant_columns_nan_infinity_and_unseen_categories_go_through(tmp_path: Path) -> None:
    made = visits(200)
    odd = {3: "NaN", 5: "Infinity", 9: "-Infinity"}
    rows = [[*row[:4], odd.get(n, row[4]), "7", row[6]] for n, row in enumerate(made)]
    unseen = [[*row[:2], "Q", *row[3:]] if row[1] >= "2025-03-15" else row for row in rows]
    told, code = ended(write_project(tmp_path, unseen), select="+score")
    assert code == 0, told


def test_two_files_with_the_same_content_are_read_once(tmp_path: Path) -> None:
    path = write_project(tmp_path, visits(40))
    write_rows(tmp_path, visits(40), "again.csv")
    summary = api.run(path, select="ingest", progress=Progress.silent())
    assert summary.rows is not None
    assert summary.rows.sources[0].read == 40


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = write_project(tmp_path, visits(40), with_store=False)
    (tmp_path / ".lakesmith").write_text("a file where the folder should be")
    told, code = ended(path)
    assert code == 5
    assert "--workspace" in told
