from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources import FILE
from lakesmith.sources.delta import Delta
from lakesmith.stages.ingest import INGEST, SourceResult
from lakesmith.tables import Tables
from tests.builders import frame, rows
from tests.sources.reading import accepted, read
from tests.stages.small_projects import project, workspace


def test_a_version_is_read_as_it_was(spark: SparkSession, tmp_path: Path) -> None:
    for row in (1, 2):
        frame(spark, "a int", [(row,)]).write.format("delta").mode("append").save(str(tmp_path / "t"))
    newest, first = Delta(path="t"), Delta(path="t", version=0)
    assert accepted(read(spark, newest, str(tmp_path))) == [(1,), (2,)]
    assert accepted(read(spark, first, str(tmp_path))) == [(1,)]
    digests = [source.files(spark, str(tmp_path))[0].sha256 for source in (newest, first)]
    assert [digest[-2:] for digest in digests] == ["@1", "@0"]
    assert read(spark, newest, str(tmp_path)).records.first()[FILE] is None


def test_what_is_not_there_is_told(spark: SparkSession, tmp_path: Path) -> None:
    frame(spark, "a int", [(1,)]).write.format("delta").save(str(tmp_path / "t"))
    with pytest.raises(EnvironmentFault, match="not a Delta table"):
        Delta(path="nowhere").files(spark, str(tmp_path))
    with pytest.raises(DataError, match="no version 5, its newest is 0"):
        Delta(path="t", version=5).files(spark, str(tmp_path))
    with pytest.raises(DataError, match="'a' is int"):
        read(spark, Delta(path="t", columns={"a": "smallint"}), str(tmp_path))


@pytest.mark.parametrize("fields", [{}, {"path": "t", "table": "a.b"}])
def test_a_delta_source_has_one_place(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either `path` or `table`"):
        Delta.model_validate(fields)


def test_a_time_means_the_version_of_that_time(spark: SparkSession, tmp_path: Path) -> None:
    for row in (1, 2):
        frame(spark, "a int", [(row,)]).write.format("delta").mode("append").save(str(tmp_path / "t"))
    log = tmp_path / "t" / "_delta_log"
    for version, second in enumerate((1_700_000_000, 1_700_000_100)):
        os.utime(log / f"{version:020d}.json", (second, second))  # Delta takes a version's time from its file
    times = {"2023-11-14T22:13:20Z": 0, "2023-11-14 22:14:59": 0, "2023-11-14T23:15:00+01:00": 1, "2999-01-01": 1}
    for text, version in times.items():
        assert Delta(path="t", timestamp=text).files(spark, str(tmp_path))[0].sha256.endswith(f"@{version}")
    with pytest.raises(DataError, match=r"timestamp: .*as old as 2023-11-14, its oldest is of 2023-11-14 22"):
        Delta(path="t", timestamp="2023-11-14").files(spark, str(tmp_path))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"version": 1, "timestamp": "2024-01-01"}, "one of `version`, `timestamp` and `changes`"),
        ({"version": 1, "changes": True}, "one of `version`, `timestamp` and `changes`"),
        ({"key": ("id",)}, "set `changes: true`"),
        ({"timestamp": "yesterday"}, "'yesterday' is not a time"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Delta.model_validate({"path": "t", **fields})


def changed(spark: SparkSession, folder: Path) -> None:
    """Two commits on ids 1 to 4: 2 is deleted, inserted and updated, 3 deleted, 4 becomes 5, 6 is new."""
    place = f"delta.`{folder / 'in' / 't'}`"
    spark.sql(f"DELETE FROM {place} WHERE id IN (2, 3)")
    spark.sql(
        f"MERGE INTO {place} AS old USING (SELECT 2 AS id, 2.5 AS amount UNION SELECT 6, 6 UNION SELECT 4, 5) AS new "
        "ON old.id = new.id WHEN MATCHED THEN UPDATE SET id = 5, amount = new.amount WHEN NOT MATCHED THEN INSERT *"
    )


def followed(spark: SparkSession, tables: Tables, folder: Path, **fields: Any) -> tuple[SourceResult, SourceResult]:
    """The results of two runs over a table with a change feed, before and after it `changed`; between them, one that
    was killed before its result was recorded."""
    spark.sql(
        f"CREATE TABLE delta.`{folder / 'in' / 't'}` (id int, amount double) USING delta "
        "TBLPROPERTIES (delta.enableChangeDataFeed = true)"
    )
    start = frame(spark, "id int, amount double", [(n, float(n)) for n in (1, 2, 3, 4)])
    start.write.format("delta").mode("append").save(str(folder / "in" / "t"))
    made = project({"visits": {"kind": "delta", "path": "t", "changes": True, **fields}})
    first = INGEST.run(workspace(tables, folder, made)).result.sources[0]
    changed(spark, folder)
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr(Tables, "record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            INGEST.run(workspace(tables, folder, made))
    return first, INGEST.run(workspace(tables, folder, made)).result.sources[0]


def test_changes_are_applied_by_key(spark: SparkSession, tables: Tables, tmp_path: Path) -> None:
    first, second = followed(spark, tables, tmp_path, key=["id"])
    table = spark.read.format("delta").load(str(tmp_path / "in" / "t"))
    assert rows(tables.read("bronze_visits").drop(FILE)) == rows(table) == [(1, 1.0), (2, 2.5), (5, 5.0), (6, 6.0)]
    assert (first.rows.read, second.new.read, second.rows.read, second.rows.accepted) == (4, 5, 4, 4)
    assert (first.files[0].sha256[-2:], second.files[0].sha256[-2:]) == ("@1", "@3")


def test_changes_without_a_key_are_a_log(spark: SparkSession, tables: Tables, tmp_path: Path) -> None:
    _, second = followed(spark, tables, tmp_path, columns={"id": "int"})
    log = rows(tables.read("bronze_visits").select("id", "_change_type", "_commit_version"))
    inserted = [(n, "insert", 1) for n in (1, 2, 3, 4)] + [(2, "insert", 3), (6, "insert", 3)]
    others = [(2, "delete", 2), (3, "delete", 2), (4, "update_preimage", 3), (5, "update_postimage", 3)]
    assert log == sorted([*inserted, *others], key=repr)
    assert (second.new.read, second.rows.read, second.rows.quarantined) == (6, 10, 0)


def test_a_table_without_a_feed_or_a_key_is_told(spark: SparkSession, tmp_path: Path) -> None:
    data = frame(spark, "id int", [(1,), (1,), (2,)])
    data.write.format("delta").save(str(tmp_path / "t"))
    source = Delta(path="t", changes=True, key=("id",))
    with pytest.raises(DataError, match=r"changes: .* keeps no change feed.*ALTER TABLE"):
        source.files(spark, str(tmp_path))
    spark.sql(f"ALTER TABLE delta.`{tmp_path / 't'}` SET TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    with pytest.raises(DataError, match=r"key: .*a row without a key, or several with one: id = 1"):
        read(spark, source, str(tmp_path))
