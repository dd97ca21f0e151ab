from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakesmith.errors import ConfigError, DataError
from lakesmith.sources import FILE
from lakesmith.stages import clean as stage
from lakesmith.stages.clean import CLEAN, CleanedSource
from lakesmith.tables import Tables
from tests.builders import count_jobs, frame, rows
from tests.stages.small_projects import project, workspace

SOURCES = {"visits": {"kind": "csv", "path": "a.csv", "columns": {"id": "int", "amount": "string"}}}
GIVEN = [(1, " 5 "), (2, "x"), (3, None), (4, "-1"), (5, "200")]
STEPS: list[dict[str, Any]] = [
    {"kind": "trim_text"},
    {"kind": "cast", "columns": {"amount": "int"}},
    {"kind": "expect", "rule": "amount < 100", "otherwise": "warn"},
    {"kind": "drop_nulls", "columns": ["amount"], "otherwise": "drop"},
    {"kind": "keep_rows", "where": "amount > 0"},
]


@pytest.fixture
def filled(tables: Tables) -> Tables:
    df = frame(tables.spark, "id int, amount string", GIVEN, partitions=2)
    tables.overwrite("bronze_visits", df.withColumn(FILE, F.lit("a.csv")))
    return tables


def run(tables: Tables, folder: Path, steps: list[dict[str, Any]]) -> CleanedSource:
    return CLEAN.run(workspace(tables, folder, project(SOURCES, {"visits": steps}))).result.sources[0]


def test_every_row_is_kept_quarantined_or_dropped(filled: Tables, tmp_path: Path) -> None:
    result = run(filled, tmp_path, STEPS)
    assert filled.read("silver_visits").columns == ["id", "amount"]
    assert rows(filled.read("silver_visits")) == [(1, 5), (5, 200)]
    assert [(step.step, step.kept, step.quarantined, step.dropped) for step in result.steps] == [
        ("1 trim_text", 5, 0, 0),
        ("2 cast", 4, 1, 0),
        ("3 expect", 4, 0, 0),
        ("4 drop_nulls", 3, 0, 1),
        ("5 keep_rows", 2, 1, 0),
    ]
    assert (result.bronze_rows, result.rows, result.warnings[0].rows) == (5, 2, 2)
    assert result.told() == "visits: 2 of 5 rows kept, 2 quarantined, 1 dropped, 2 rows break 'expect: amount < 100'"
    found = filled.read("quarantine").orderBy("rule").collect()
    assert [(row["stage"], row["file"], row["rule"], json.loads(row["raw"])) for row in found] == [
        ("clean", "a.csv", "cast: 'amount' is not int", {"id": 2, "amount": "x"}),
        ("clean", "a.csv", "keep_rows: amount > 0", {"id": 4, "amount": -1}),
    ]


def test_the_quarantine_holds_the_last_run_only(filled: Tables, tmp_path: Path) -> None:
    filled.append("quarantine", frame(filled.spark, stage.quarantine.SCHEMA, [("visits", "ingest", *["x"] * 6)]))
    run(filled, tmp_path, STEPS)
    run(filled, tmp_path, [{"kind": "expect", "rule": "id <> 5", "otherwise": "quarantine"}])
    assert [(row["stage"], row["rule"]) for row in filled.read("quarantine").orderBy("stage").collect()] == [
        ("clean", "expect: id <> 5"),
        ("ingest", "x"),
    ]
    run(filled, tmp_path, [])
    assert [row["stage"] for row in filled.read("quarantine").collect()] == ["ingest"]
    assert len(rows(filled.read("silver_visits"))) == 5


def test_a_run_killed_between_its_commits_is_made_whole_by_the_next(
    filled: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(stage.quarantine, "put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(filled, tmp_path, STEPS)
    run(filled, tmp_path, STEPS)
    assert rows(filled.read("silver_visits")) == [(1, 5), (5, 200)]
    assert filled.rows("quarantine") == 2


def test_a_rule_that_does_not_hold_stops_before_anything_is_written(filled: Tables, tmp_path: Path) -> None:
    steps = [*STEPS[:2], {"kind": "expect", "rule": "amount < 100", "name": "small amounts"}]
    message = r"clean\.visits\[2\]: 2 rows break 'expect: small amounts':\n  id=3, amount=None\n  id=5, amount=200"
    with pytest.raises(DataError, match=message):
        run(filled, tmp_path, steps)
    assert not filled.exists("silver_visits")
    assert not filled.exists("quarantine")


def test_an_expression_that_fails_on_a_row_is_told(filled: Tables, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"an expression fails on a row: \[DIVIDE_BY_ZERO.*try_divide"):
        run(filled, tmp_path, [{"kind": "keep_rows", "where": "10 / (id - 3) > 0"}])
    assert not filled.exists("silver_visits")


def test_a_step_that_bronze_does_not_allow_is_told_in_its_place(filled: Tables, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"clean\.visits\[1\]\.values\.id: 'x' is not a value of 'id', which is int"):
        run(filled, tmp_path, [{"kind": "trim_text"}, {"kind": "fill_nulls", "values": {"id": "x"}}])


def test_no_rows_at_all_are_cleaned_too(tables: Tables, tmp_path: Path) -> None:
    empty = frame(tables.spark, f"id int, amount string, {FILE} string", [])
    tables.overwrite("bronze_visits", empty)
    result = run(tables, tmp_path, [*STEPS, {"kind": "drop_duplicates"}])
    assert (result.bronze_rows, result.rows, rows(tables.read("silver_visits"))) == (0, 0, [])


def test_bronze_is_read_once_where_nothing_is_rejected(filled: Tables, tmp_path: Path) -> None:
    steps = [
        {"kind": "drop_duplicates", "key": ["id"], "order_by": "amount"},
        {"kind": "expect", "rule": "id > 0", "otherwise": "quarantine"},
    ]
    result = run(filled, tmp_path, steps)
    assert (result.rows, filled.exists("quarantine")) == (5, False)


def test_the_number_of_jobs_does_not_grow_with_the_columns(spark: SparkSession, tmp_path: Path) -> None:
    counts = []
    for width in (2, 200):
        tables = Tables(spark, folder=tmp_path / str(width) / "tables")
        names = [f"c{i}" for i in range(width)]
        given = [tuple("1" * width), tuple("x" * width)]
        df = frame(spark, ", ".join(f"{name} string" for name in names), given)
        tables.overwrite("bronze_visits", df.withColumn(FILE, F.lit("a.csv")))
        steps = [
            {"kind": "trim_text"},
            {"kind": "cast", "columns": dict.fromkeys(names, "int")},
            {"kind": "drop_nulls", "columns": names},
        ]
        with count_jobs(spark) as jobs:
            run(tables, tmp_path / str(width), steps)
        counts.append(jobs.count)
    assert counts[0] == counts[1]


def test_a_reference_sees_the_other_table_cleaned_and_breaks_before_anything_is_written(
    tables: Tables, tmp_path: Path
) -> None:
    for name, values in (("visits", [(1, "5"), (2, "6")]), ("prices", [(5, "x"), (-1, "x")])):
        tables.overwrite(
            f"bronze_{name}", frame(tables.spark, "id int, amount string", values).withColumn(FILE, F.lit("f"))
        )
    sources = {**SOURCES, "prices": {**SOURCES["visits"], "path": "b.csv"}}
    refers = {"kind": "reference", "columns": ["amount"], "table": "prices", "to": ["id"]}

    def cleaned(refers: dict[str, Any]) -> CleanedSource:
        visits = [{"kind": "cast", "columns": {"amount": "int"}}, refers]
        prices = [{"kind": "fill_nulls", "values": {"id": 6}}, {"kind": "keep_rows", "where": "id > 0"}]
        made = project(sources, {"visits": visits, "prices": prices})
        return CLEAN.run(workspace(tables, tmp_path, made)).result.sources[0]

    with pytest.raises(
        DataError, match=r"clean\.visits\[1\]: 1 row breaks 'reference: 'amount' in prices':\n  id=2, am"
    ):
        cleaned(refers)
    assert not tables.exists("silver_prices")
    result = cleaned({**refers, "otherwise": "quarantine"})
    assert (result.source, result.bronze_rows, result.rows) == ("visits", 2, 1)
    assert [(each.quarantined, each.cells) for each in result.steps] == [(0, 0), (1, None)]
    assert json.loads(tables.read("quarantine").filter("source = 'visits'").collect()[0]["raw"]) == {
        "id": 2,
        "amount": 6,
    }
