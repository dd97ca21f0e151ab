"""Silver tables into gold, one row per key with derived columns, label, split part and digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row

from builders import count_jobs, frame
from examples.derivations import at
from lakesmith.errors import ConfigError, DataError, LakesmithError
from lakesmith.project import Project
from lakesmith.splits import DIGEST, SPLIT
from lakesmith.stages.derive import DERIVE, DeriveResult
from lakesmith.tables import Tables
from tests.stages.small_projects import workspace

FLIGHTS = "id bigint, carrier string, due timestamp, known timestamp, delay double, fare decimal(8,2)"
ROWS: list[tuple[Any, ...]] = [
    (1, "UA", at("2013-09-30 10:00"), at("2013-09-30 12:00"), 20.0, None),
    (2, "UA", at("2013-09-30 23:50"), at("2013-10-01 02:00"), -3.0, None),
    (3, "B6", at("2013-10-01 00:30"), at("2013-10-01 03:00"), 30.0, None),
    (4, "UA", at("2013-10-01 06:00"), None, None, None),
    (5, "XX", at("2013-10-01 09:00"), None, float("nan"), None),
]
STEPS: list[dict[str, Any]] = [
    {"kind": "add_columns", "columns": {"late": "nanvl(delay, null) > 15"}},
    {"kind": "join", "with": "airlines", "on": ["carrier"], "columns": {"name": "airline"}},
    {
        "kind": "history",
        "by": ["carrier"],
        "over": "7 days",
        "time": "due",
        "known_at": "known",
        "columns": {"late_share": "avg(late)"},
    },
]


def project(**more: Any) -> Project:
    sources = {name: {"kind": "csv", "path": f"{name}.csv"} for name in ("flights", "airlines")}
    settings: dict[str, Any] = {
        "name": "small",
        "sources": sources,
        "derive": {"from": "flights", "steps": STEPS},
        "key": ["id"],
        "time": "due",
        "task": {"kind": "binary", "label": "late", "positive": True},
        "split": {"kind": "time", "test_from": "2013-10-01"},
        "features": [{"kind": "keep", "columns": ["late_share"]}],
        "families": [{"kind": "linear"}],
    }
    return Project.model_validate({**settings, **more})


def given(tables: Tables, flights: list[tuple[Any, ...]], airlines: list[tuple[str, str]] | None = None) -> Tables:
    names = [("UA", "United"), ("B6", "JetBlue")] if airlines is None else airlines
    tables.overwrite("silver_flights", frame(tables.spark, FLIGHTS, flights))
    tables.overwrite("silver_airlines", frame(tables.spark, "carrier string, name string", names))
    return tables


def run(tables: Tables, folder: Path, **more: Any) -> DeriveResult:
    return DERIVE.run(workspace(tables, folder, project(**more))).result


def gold(tables: Tables, *columns: str) -> dict[int, tuple[Any, ...]]:
    found: list[Row] = tables.read("gold").select("id", *columns).collect()
    return {row[0]: tuple(row)[1:] for row in found}


def refused(tables: Tables, folder: Path, kind: type[LakesmithError], **more: Any) -> LakesmithError:
    with pytest.raises(kind) as caught:
        run(tables, folder, **more)
    assert not tables.exists("gold")
    return caught.value


def test_gold_has_one_row_per_key_with_label_part_and_what_was_known(tables: Tables, tmp_path: Path) -> None:
    result = run(given(tables, ROWS), tmp_path)
    assert gold(tables, "late", "airline", "late_share", SPLIT) == {
        1: (True, "United", None, "train"),
        2: (False, "United", 1.0, "train"),
        3: (True, "JetBlue", None, "test"),
        4: (None, "United", 0.5, "unlabelled"),
        5: (None, None, None, "unlabelled"),
    }
    assert (result.rows, result.labelled) == (5, 3)
    assert result.parts == {"train": 2, "validation": 0, "test": 1, "unlabelled": 2}
    assert result.casts == {"fare": "decimal(8,2) → double"}
    assert result.steps[0].facts == {"with": "airlines", "rows": 5, "unmatched": 1, "unmatched_share": 0.2}
    assert "1 rows (20.0%) not in airlines" in result.told()
    assert DeriveResult.model_validate_json(result.model_dump_json()) == result


def test_the_same_input_again_is_left_alone_and_new_rows_leave_old_digests(tables: Tables, tmp_path: Path) -> None:
    first = run(given(tables, ROWS), tmp_path)
    again = DERIVE.run(workspace(tables, tmp_path, project()))
    assert again.skipped
    assert again.result == first
    before = gold(tables, DIGEST)
    run(given(tables, [*ROWS, (6, "UA", at("2013-10-02 00:00"), None, None, None)]), tmp_path)
    after = gold(tables, DIGEST)
    assert {key: after[key] for key in before} == before
    run(given(tables, [(1, "UA", *ROWS[0][2:4], 21.0, None), *ROWS[1:]]), tmp_path)
    assert [key for key, digest in gold(tables, DIGEST).items() if before[key] != digest] == [1]


def test_exact_strata_are_remembered_from_run_to_run(tables: Tables, tmp_path: Path) -> None:
    def numbered(count: int) -> list[tuple[Any, ...]]:
        return [(n, "UA", at("2013-01-01 00:00"), None, 20.0 * (n % 2), None) for n in range(count)]

    exact = {"kind": "stratified", "method": "exact", "test": 0.5}
    assert run(given(tables, numbered(40)), tmp_path, split=exact).parts["test"] == 20
    before = gold(tables, SPLIT)
    run(given(tables, numbered(60)), tmp_path, split=exact)
    assert {key: gold(tables, SPLIT)[key] for key in before} == before


def test_a_repeated_key_is_named_before_anything_is_written(tables: Tables, tmp_path: Path) -> None:
    error = refused(given(tables, [*ROWS, ROWS[2], ROWS[2]]), tmp_path, DataError)
    assert "id=3 (3 rows)" in error.message
    assert error.key == "key"


def test_a_null_key_is_counted_and_shown(tables: Tables, tmp_path: Path) -> None:
    error = refused(given(tables, [*ROWS, (None, *ROWS[2][1:])]), tmp_path, DataError)
    assert "the key is null in 1 rows of gold, such as id=null, due=2013-10-01 00:30:00" in error.message


def test_a_repeated_key_of_a_joined_table_names_the_join(tables: Tables, tmp_path: Path) -> None:
    error = refused(given(tables, ROWS, [("UA", "United"), ("UA", "Untied")]), tmp_path, DataError)
    assert "carrier=UA (2 rows)" in error.message
    assert error.key == "derive.steps[1].on"


def test_no_rows_and_no_label_are_said_so(tables: Tables, tmp_path: Path) -> None:
    assert "gold has no rows" in refused(given(tables, []), tmp_path, DataError).message
    error = refused(given(tables, ROWS[3:]), tmp_path, DataError)
    assert "'late' is null in all 2 rows" in error.message
    assert error.key == "task.label"


def test_a_labelled_row_without_time_cannot_be_split_by_time(tables: Tables, tmp_path: Path) -> None:
    rows = [*ROWS[:4], (5, "XX", None, None, None, None), (6, "UA", None, None, 1.0, None)]
    error = refused(given(tables, rows), tmp_path, DataError)
    assert "'due' is null in 1 labelled rows" in error.message
    assert error.key == "split"


def test_a_column_that_is_not_there_names_the_step(tables: Tables, tmp_path: Path) -> None:
    wrong = {"kind": "add_columns", "columns": {"late": "dealy > 15"}}
    steps = [wrong, *STEPS[1:]]
    error = refused(given(tables, ROWS), tmp_path, ConfigError, derive={"from": "flights", "steps": steps})
    assert error.key == "derive.steps[0].columns.late"
    assert "Did you mean 'delay'" in error.fix


def test_a_time_that_is_text_is_refused(tables: Tables, tmp_path: Path) -> None:
    error = refused(given(tables, ROWS), tmp_path, ConfigError, time="carrier")
    assert (error.key, "'carrier' is string" in error.message) == ("time", True)


@pytest.mark.parametrize("sql", ["cast(carrier as int)", "1 / (id - id)"])
def test_a_value_an_expression_cannot_take_is_no_stack_trace(tables: Tables, tmp_path: Path, sql: str) -> None:
    steps = [*STEPS, {"kind": "add_columns", "columns": {"bad": sql}}]
    error = refused(given(tables, ROWS), tmp_path, DataError, derive={"from": "flights", "steps": steps})
    assert "an expression fails on a row: [" in error.message
    assert "\n" not in error.message
    assert error.key == "derive.steps"


def test_derive_runs_as_many_jobs_for_200_columns_as_for_20(tables: Tables, tmp_path: Path) -> None:
    def jobs(width: int) -> int:
        own = Tables(tables.spark, folder=tmp_path / f"tables_{width}")
        given(own, ROWS)
        steps = [*STEPS, {"kind": "add_columns", "columns": {f"c{n}": f"delay + {n}" for n in range(width)}}]
        at_work = workspace(own, tmp_path / str(width), project(derive={"from": "flights", "steps": steps}))
        with count_jobs(tables.spark) as counted:
            DERIVE.body(at_work, "key")
        return counted.count

    assert jobs(20) == jobs(200)
