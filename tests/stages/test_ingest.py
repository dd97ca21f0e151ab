from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakesmith.errors import DataError
from lakesmith.sources import FILE
from lakesmith.stages import ingest as stage
from lakesmith.stages.ingest import INGEST, SourceResult
from lakesmith.tables import Tables
from tests.builders import count_jobs, frame, rows
from tests.sources.reading import write
from tests.stages.small_projects import project, workspace

VISITS = {"kind": "csv", "path": "*.csv", "columns": {"id": "int", "amount": "double"}, "max_quarantine_share": 0.5}
VISITS |= {"on_change": "replace", "on_gone": "keep"}


def run(tables: Tables, folder: Path, **fields: Any) -> SourceResult:
    """One ingest of the source `visits`, by a process that remembers nothing."""
    made = workspace(tables, folder, project({"visits": {**VISITS, **fields}}))
    return INGEST.run(made).result.sources[0]


def bronze(tables: Tables) -> list[tuple[Any, ...]]:
    return rows(tables.read("bronze_visits").drop(FILE))


def quarantine(tables: Tables) -> list[tuple[Any, ...]]:
    return rows(tables.read("quarantine").drop("run", "digest")) if tables.exists("quarantine") else []


def counted(result: SourceResult) -> tuple[int, int, int]:
    return result.rows.read, result.rows.accepted, result.rows.quarantined


def test_every_record_is_accepted_or_quarantined(tables: Tables, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a__csv="id,amount\n1,1.5\n2,x\n3,\n")
    result = run(tables, tmp_path)
    assert (counted(result), result.rows == result.new) == ((3, 2, 1), True)
    assert bronze(tables) == [(1, 1.5), (3, None)]
    assert quarantine(tables) == [
        ("visits", "ingest", f"{folder}/a.csv", "line 3", "type: 'amount' is not double", "2,x")
    ]
    row = tables.read("quarantine").first()
    assert row is not None
    assert (row["digest"], len(row["run"])) == (result.files[0].sha256, 32)


def test_the_same_files_again_change_nothing(tables: Tables, tmp_path: Path) -> None:
    write(tmp_path / "in", a__csv="id,amount\n1,1.5\n2,x\n")
    first = run(tables, tmp_path)
    again = INGEST.run(workspace(tables, tmp_path, project({"visits": VISITS})))
    assert again.skipped
    other_limit = run(tables, tmp_path, max_quarantine_share=0.6)
    assert (other_limit.new.files, other_limit.unchanged, counted(other_limit)) == (0, 1, (2, 1, 1))
    assert (other_limit.version, first.version, tables.version("quarantine")) == (0, 0, 0)


def test_new_files_are_added_changed_ones_replaced_and_copies_skipped(tables: Tables, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n", b__csv="id,amount\n3,3\n4,y\n5,5\n")
    run(tables, tmp_path)
    write(
        tmp_path / "in", a__csv="id,amount\n1,10\n", c__csv="id,amount\n6,6\n7,z\n", d__csv="id,amount\n3,3\n4,y\n5,5\n"
    )
    result = run(tables, tmp_path)
    assert bronze(tables) == [(1, 10.0), (3, 3.0), (5, 5.0), (6, 6.0)]
    assert [(Path(row[2]).name, row[5]) for row in quarantine(tables)] == [("b.csv", "4,y"), ("c.csv", "7,z")]
    assert (counted(result), result.new.files, result.new.read) == ((6, 4, 2), 2, 3)
    assert result.same_content == {f"{folder}/d.csv": f"{folder}/b.csv"}
    assert "d.csv has the content of" in result.told()
    (tmp_path / "in" / "b.csv").unlink()
    assert run(tables, tmp_path).rows.read == 6


def test_a_file_that_becomes_a_copy_of_another_leaves_both_tables(tables: Tables, tmp_path: Path) -> None:
    write(tmp_path / "in", a__csv="id,amount\n1,1\n", b__csv="id,amount\n2,2\n3,x\n")
    run(tables, tmp_path)
    write(tmp_path / "in", b__csv="id,amount\n1,1\n")
    assert counted(run(tables, tmp_path)) == (1, 1, 0)
    assert (bronze(tables), quarantine(tables)) == ([(1, 1.0)], [])


@pytest.mark.parametrize("earlier", [False, True])
def test_a_run_killed_between_its_commits_is_made_whole_by_the_next(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    expected = [(1, 1.0), (3, 3.0)]
    if earlier:  # bronze has rows of a file that is no longer there
        write(tmp_path / "in", old__csv="id,amount\n0,0\n9,w\n")
        run(tables, tmp_path)
        (tmp_path / "in" / "old.csv").unlink()
        expected = [(0, 0.0), *expected]
    write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n", b__csv="id,amount\n3,3\n4,y\n")
    with monkeypatch.context() as killed:
        killed.setattr(stage.quarantine, "put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(tables, tmp_path)
    assert bronze(tables) == expected
    result = run(tables, tmp_path)
    assert bronze(tables) == expected
    assert [row[5] for row in quarantine(tables)] == ["2,x", "4,y"] + ["9,w"] * earlier
    assert counted(result) == ((6, 3, 3) if earlier else (4, 2, 2))
    assert run(tables, tmp_path, max_quarantine_share=0.9).new.files == 0


def test_a_changed_or_vanished_file_of_a_folder_stops_the_run_unless_declared(tables: Tables, tmp_path: Path) -> None:
    strict = {"on_change": None, "on_gone": "fail"}
    folder = write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n", b__csv="id,amount\n3,3\n")
    run(tables, tmp_path, **strict)
    write(tmp_path / "in", a__csv="id,amount\n1,10\n", c__csv="id,amount\n4,4\n")
    message = rf"sources\.visits\.path: {folder}/a\.csv has other content than when ingested\. Set `on_change: replace`"
    with pytest.raises(DataError, match=message):
        run(tables, tmp_path, **strict)
    write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n")
    assert counted(run(tables, tmp_path, **strict)) == (4, 3, 1)
    (tmp_path / "in" / "a.csv").unlink()
    with pytest.raises(DataError, match=rf"{folder}/a\.csv was ingested and no longer there.*`on_gone`"):
        run(tables, tmp_path, **strict)
    assert len(bronze(tables)) == 3
    assert counted(run(tables, tmp_path, on_gone="remove")) == (2, 2, 0)
    assert (bronze(tables), quarantine(tables)) == ([(3, 3.0), (4, 4.0)], [])


def test_the_one_file_of_a_path_may_change(tables: Tables, tmp_path: Path) -> None:
    for value in (1, 2):
        write(tmp_path / "in", a__csv=f"id,amount\n{value},1\n")
        run(tables, tmp_path, path="a.csv", on_change=None, on_gone="fail")
    assert bronze(tables) == [(2, 1.0)]


def test_a_run_killed_before_its_result_was_recorded_doubles_nothing(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n")
    with monkeypatch.context() as killed:
        killed.setattr(Tables, "record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(tables, tmp_path)
    assert counted(run(tables, tmp_path)) == (2, 1, 1)
    assert (bronze(tables), len(quarantine(tables))) == ([(1, 1.0)], 1)


def test_other_settings_read_every_file_again(tables: Tables, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a__csv="id,amount\n1,NA\n", b__csv="id,amount\n2,2\n")
    run(tables, tmp_path)
    result = run(tables, tmp_path, null_values=["", "NA"], columns={"id": "bigint", "amount": "string"})
    assert (counted(result), bronze(tables), quarantine(tables)) == ((2, 2, 0), [(1, None), (2, "2")], [])
    (tmp_path / "in" / "a.csv").unlink()
    with pytest.raises(DataError, match=rf"sources\.visits: .*{folder}/a\.csv is no longer there.*Put the file back"):
        run(tables, tmp_path)


@pytest.mark.parametrize("earlier", [False, True])
def test_too_many_bad_records_stop_the_run_and_leave_bronze_as_it_was(
    tables: Tables, tmp_path: Path, earlier: bool
) -> None:
    if earlier:
        write(tmp_path / "in", a__csv="id,amount\n1,1\n")
        run(tables, tmp_path)
    write(tmp_path / "in", a__csv="id,amount\n1,1\n2,x\n3,y\nz,4\n")
    message = (
        r"sources\.visits\.max_quarantine_share: 3 of 4 records \(75\.0 %\) break a rule, and 50\.0 % may:\n"
        r"  2 × type: 'amount' is not double: .*a\.csv line 3 2,x\n"
    )
    with pytest.raises(DataError, match=message):
        run(tables, tmp_path)
    assert (bronze(tables), quarantine(tables)) == ([(1, 1.0)] if earlier else [], [])
    assert counted(run(tables, tmp_path, max_quarantine_share=1)) == (4, 1, 3)
    assert bronze(tables) == [(1, 1.0)]


def test_columns_can_be_corrected_after_a_first_run_that_was_stopped(tables: Tables, tmp_path: Path) -> None:
    write(tmp_path / "in", a__csv="id,amount\nx,1\ny,2\n")
    with pytest.raises(DataError, match="2 of 2 records"):
        run(tables, tmp_path)
    assert counted(run(tables, tmp_path, columns={"id": "string", "amount": "int"})) == (2, 2, 0)
    assert bronze(tables) == [("x", 1), ("y", 2)]


def test_columns_are_guessed_once_and_suggested(tables: Tables, tmp_path: Path) -> None:
    write(tmp_path / "in", a__csv="id,amount\n1,1.5\n2,\n")
    first = run(tables, tmp_path, columns=None)
    assert first.suggested == "columns:\n  id: int\n  amount: double\n"
    assert (tmp_path / "small" / "suggested_columns" / "visits.yml").read_text() == first.suggested
    write(tmp_path / "in", b__csv="id,amount\nx,2\n3,3\n")
    second = run(tables, tmp_path, columns=None)
    assert (second.columns, counted(second), second.inferred) == (first.columns, (4, 3, 1), True)


def test_a_table_is_read_as_a_whole_when_it_changed(spark: SparkSession, tables: Tables, tmp_path: Path) -> None:
    source = {"visits": {"kind": "delta", "path": "t"}}
    for value in (1, 2):
        frame(spark, "id int, amount double", [(value, 1.0)]).write.format("delta").mode("append").save(
            str(tmp_path / "in/t")
        )
        result = INGEST.run(workspace(tables, tmp_path, project(source))).result.sources[0]
    assert (counted(result), bronze(tables)) == ((2, 2, 0), [(1, 1.0), (2, 1.0)])
    assert INGEST.run(workspace(tables, tmp_path, project(source))).skipped


def test_a_file_cut_off_leaves_nothing_behind(tables: Tables, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id":%d,"amount":%d}\n' % (i, i * 7919 % 1000) for i in range(20_000)))
    write(tmp_path / "in", cut__json__gz=whole[:-3_000])
    made = {"visits": {"kind": "json", "path": "cut.json.gz", "columns": {"id": "int", "amount": "double"}}}
    with pytest.raises(DataError, match=r"sources\.visits\.path: .*cut\.json\.gz cannot be read to its end"):
        INGEST.run(workspace(tables, tmp_path, project(made)))
    assert not tables.exists("bronze_visits")


def test_the_number_of_jobs_does_not_grow_with_the_columns(spark: SparkSession, tables: Tables, tmp_path: Path) -> None:
    counts = []
    for width in (2, 200):
        names = [f"c{i}" for i in range(width)]
        write(
            tmp_path / str(width) / "in",
            a__csv="\n".join([",".join(names), ",".join("1" * width), ",".join("x" * width)]),
        )
        own = Tables(spark, folder=tmp_path / str(width) / "tables")
        fields = {**VISITS, "columns": dict.fromkeys(names, "int")}
        made = project({"visits": fields})
        with count_jobs(spark) as jobs:
            INGEST.run(workspace(own, tmp_path / str(width), made))
        counts.append(jobs.count)
    assert counts[0] == counts[1]
