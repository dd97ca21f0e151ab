from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith import project as projects
from lakesmith.errors import ConfigError, ConfigErrors, DataError, EnvironmentFault
from lakesmith.sources import FILE, SOURCES
from lakesmith.sources.jdbc import Jdbc
from lakesmith.sources.secrets import Secret
from lakesmith.stages.ingest import INGEST, SourceResult
from lakesmith.tables import Tables
from tests.builders import rows
from tests.sources.postgres import PASSWORD, USER, Postgres, running
from tests.sources.reading import accepted, read
from tests.stages.small_projects import project, workspace

VISITS = """
    DROP TABLE IF EXISTS visits;
    CREATE TABLE visits (id int, "größe ""x"" `y`" numeric(9,2), at timestamptz, day date, local timestamp, note text);
    INSERT INTO visits VALUES
      (1, 1.25, '2024-01-01T01:00:00+02', '2024-01-31', '2024-03-31 02:30:00', 'a'),
      (2, NULL, '2024-01-02T00:00:00.123456Z', NULL, NULL, NULL),
      (3, -3, '2024-01-03T00:00:00Z', '0999-12-31', '2024-01-01', 'größe');
"""
RECORDS = [
    (1, Decimal("1.25"), datetime(2023, 12, 31, 23), date(2024, 1, 31), datetime(2024, 3, 31, 2, 30), "a"),
    (2, None, datetime(2024, 1, 2, 0, 0, 0, 123456), None, None, None),
    (3, Decimal("-3.00"), datetime(2024, 1, 3), date(999, 12, 31), datetime(2024, 1, 1), "größe"),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture
def given(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The fields of a source on a table of three visits."""
    monkeypatch.setenv("PGPASSWORD_OF_TESTS", PASSWORD)
    postgres.run(VISITS)
    place = {"driver": "postgresql", "host": "127.0.0.1", "port": postgres.port, "database": "postgres"}
    return {**place, "table": "public.visits", "user": USER, "password": {"secret": "env:PGPASSWORD_OF_TESTS"}}


def source(**fields: Any) -> Jdbc:
    return Jdbc.model_validate(fields)


def test_a_table_is_read_with_its_types_and_told_by_its_rows(
    spark: SparkSession, postgres: Postgres, given: dict[str, Any]
) -> None:
    whole = source(**given)
    reading = read(spark, whole, "")
    assert accepted(reading) == RECORDS
    assert list(reading.columns.values()) == ["int", "decimal(9,2)", "timestamp", "date", "timestamp_ntz", "string"]
    place = f"postgresql://127.0.0.1:{postgres.port}/postgres#public.visits"
    before = whole.files(spark, "")
    postgres.run("UPDATE visits SET note = 'b' WHERE id = 1; UPDATE visits SET note = 'a' WHERE id = 1")
    assert (before[0].path, whole.files(spark, "")) == (place, before)
    postgres.run("UPDATE visits SET note = 'b' WHERE id = 1")
    assert whole.files(spark, "") != before


def test_some_columns_and_rows_are_read_in_parts(spark: SparkSession, given: dict[str, Any]) -> None:
    parts = {"column": "id", "lower": 1, "upper": 3, "count": 2}
    fields = {"columns": {"note": "string", "id": "bigint"}, "where": "id <> 2 AND note IS NOT NULL"}
    reading = read(spark, source(**given, **fields, partitions=parts), "")
    assert accepted(reading) == [("a", 1), ("größe", 3)]
    assert reading.records.rdd.getNumPartitions() == 2
    with pytest.raises(ConfigError, match=r"'notes' is not a column of postgresql://.*Did you mean 'note'"):
        source(**given, where="notes = 'a'").files(spark, "")
    with pytest.raises(DataError, match="'id' is int"):
        read(spark, source(**given, columns={"id": "smallint"}), "")


def test_only_rows_above_the_watermark_are_added(
    spark: SparkSession, postgres: Postgres, given: dict[str, Any], tables: Tables, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    made = project(
        {"visits": {"kind": "jdbc", **given, "watermark": "at", "columns": {"id": "int", "at": "timestamp"}}}
    )

    def run() -> SourceResult:
        return INGEST.run(workspace(tables, tmp_path, made)).result.sources[0]

    first = run()
    assert (first.rows.read, first.rows.accepted, first.files[0].sha256) == (3, 3, "at@2024-01-03 00:00:00")
    assert INGEST.run(workspace(tables, tmp_path, made)).skipped
    postgres.run(
        "INSERT INTO visits (id, at) VALUES (4, '2024-01-03T00:00:00.000001Z'); DELETE FROM visits WHERE id = 1"
    )
    second = run()
    assert (second.new.read, second.rows.read, second.rows.quarantined) == (1, 4, 0)
    assert [row[0] for row in rows(tables.read("bronze_visits").drop(FILE))] == [1, 2, 3, 4]
    postgres.run("INSERT INTO visits (id) VALUES (5)")
    with pytest.raises(DataError, match=r"sources\.visits\.watermark: .* rows whose 'at' is null.*`where"):
        run()
    told = capfd.readouterr()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    results = "".join(row["result"] for row in tables.read("stage_runs").collect())
    assert "at@2024-01-03" in results
    assert PASSWORD not in told.out + told.err + results
    assert PASSWORD.encode() not in written


def test_the_password_is_in_no_error_plan_or_dump(
    spark: SparkSession, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = source(**given)
    plan = read(spark, known, "").records._jdf.queryExecution().toString()
    texts = [plan, repr(known), known.model_dump_json(), str(known.reading_keys())]
    wrong = "wr0ng-0ne"
    monkeypatch.setenv("PGPASSWORD_OF_TESTS", wrong)
    with pytest.raises(EnvironmentFault, match=rf'authentication failed for user "{USER}".*Check host') as refused:
        known.files(spark, "")
    texts.append("".join(traceback.format_exception(refused.value)))
    monkeypatch.delenv("PGPASSWORD_OF_TESTS")
    with pytest.raises(EnvironmentFault, match="password: the environment variable PGPASSWORD_OF_TESTS is not set"):
        known.files(spark, "")
    assert not any(PASSWORD in text or wrong in text for text in texts)


def test_a_server_or_table_that_is_not_there_is_told(spark: SparkSession, given: dict[str, Any]) -> None:
    with pytest.raises(EnvironmentFault, match=r'#public\.nowhere cannot be read: .*"public\.nowhere" does not exist'):
        source(**{**given, "table": "public.nowhere"}).files(spark, "")
    with pytest.raises(EnvironmentFault, match=r"127\.0\.0\.1:1/postgres.* cannot be read: .*refused"):
        source(**{**given, "port": 1}).files(spark, "")
    with pytest.raises(ConfigError, match=r"'note' is string.*Name a number"):
        source(**given, watermark="note").files(spark, "")


def test_a_sqlite_file_is_read(spark: SparkSession, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "visits.db") as database:
        database.execute("CREATE TABLE visits (id INTEGER, city TEXT)")
        database.executemany("INSERT INTO visits VALUES (?, ?)", [(1, "Ulm"), (2, None)])
    database.close()
    found = source(driver="sqlite", database="visits.db", table="visits", watermark="id")
    assert found.files(spark, str(tmp_path))[0].sha256 == "id@2"
    assert accepted(read(spark, found, str(tmp_path))) == [(1, "Ulm"), (2, None)]


LITERALS = ["hunter2", {"secret": "hunter2"}, {"secret": "env:A", "value": "hunter2"}, 7391, ["hunter2"]]


@pytest.mark.parametrize("password", LITERALS)
def test_a_password_itself_is_refused_and_not_told(tmp_path: Path, password: Any) -> None:
    path = tmp_path / "p.yml"
    path.write_text(f"sources:\n  v: {{kind: jdbc, driver: mysql, password: {password!r}}}\n")
    with pytest.raises(ConfigErrors, match=r"sources\.v\.password: must name where the secret is kept") as refused:
        projects.load(path)
    assert "hunter2" not in str(refused.value)
    assert "7391" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("pasword: hunter2", ""),
        ("url: 'jdbc:postgresql://h/d?password=hunter2'", ""),
        ("password: 'hunter2", ""),
        ("user: u", "sources.v.password=hunter2"),
        ("user: u", "sources.v.password='hunter2"),
    ],
)
def test_a_password_in_a_wrong_place_is_not_told(tmp_path: Path, line: str, option: str) -> None:
    path = tmp_path / "p.yml"
    path.write_text(f"sources:\n  v:\n    kind: jdbc\n    driver: mysql\n    {line}\n")
    with pytest.raises(ConfigError) as refused:
        projects.load(path, [option] if option else [])
    assert "hunter2" not in str(refused.value)


def test_a_secret_of_databricks_is_told_where_there_is_none(spark: SparkSession) -> None:
    with pytest.raises(EnvironmentFault, match="password: the secret db/pg is kept by Databricks"):
        Secret(secret="databricks:db/pg").value(spark)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"driver": "postgresql", "host": "h"}, "needs `host` and `user`"),
        ({"driver": "sqlite", "user": "u"}, "it has no host"),
        ({"driver": "mysql", "host": "h?x=1", "user": "u"}, "pattern"),
        ({"driver": "mysql", "host": "h", "user": "u", "database": "d?allowLoadLocalInfile=true"}, "pattern"),
        ({"driver": "sqlite", "table": "a..b"}, "is not a table's name"),
        ({"driver": "sqlite", "where": "(SELECT 1) = 1"}, "where"),
    ],
)
def test_an_address_that_is_none_is_refused(fields: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        SOURCES.kinds["jdbc"].model_validate({"database": "d", "table": "t", **fields})
