"""Databricks, as a fake platform and a fake session show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from mlflow.exceptions import MlflowException
from pyspark.sql import SparkSession

from doctor.fakes import DEDICATED, FakeSession, only, seen
from lakesmith import project
from lakesmith.doctor import databricks
from lakesmith.platforms import Platform
from lakesmith.tracking import Tracking
from small_projects import write_project

SERVERLESS = Platform("databricks", runtime="client.4.9", is_serverless=True, is_connect=True)
PLACES = {"catalog": "main", "schema": "late", "tracking_uri": "databricks", "registry_uri": "databricks-uc"}


@pytest.mark.parametrize(
    ("platform", "state", "told"),
    [
        (DEDICATED, "ok", "18.x-cpu-ml-scala2.13"),
        (replace(DEDICATED, image="18.x-scala2.13"), "warning", "is not Databricks Runtime ML"),
        (replace(DEDICATED, image="18.x-scala2.13", access="standard"), "ok", "18.x-scala2.13"),
        (replace(DEDICATED, image=""), "ok", "18.1"),
        (replace(DEDICATED, runtime="17.3", image="17.3.x-cpu-ml-scala2.13"), "problem", "is older than 18"),
        (replace(DEDICATED, runtime="19.0", image=""), "warning", "is newer than 18"),
        (replace(DEDICATED, runtime="custom", image=""), "warning", "is no version"),
        (SERVERLESS, "ok", "serverless, environment 4.9"),
    ],
)
def test_runtime_18_ml_is_expected(platform: Platform, state: str, told: str, tmp_path: Path) -> None:
    found = only(databricks.runtime, seen(tmp_path, platform))
    assert (found.state, told in found.found) == (state, True), found


@pytest.mark.parametrize(
    ("platform", "state"),
    [
        (DEDICATED, "ok"),
        (replace(DEDICATED, access="standard"), "warning"),
        (replace(DEDICATED, access="unknown"), "warning"),
        (replace(DEDICATED, access="no isolation"), "problem"),
        (replace(DEDICATED, access="legacy"), "problem"),
        (SERVERLESS, "warning"),
    ],
)
def test_dedicated_access_is_expected(platform: Platform, state: str, tmp_path: Path) -> None:
    assert only(databricks.access_mode, seen(tmp_path, platform)).state == state


def test_a_table_is_made_in_the_schema_and_dropped_again(tmp_path: Path) -> None:
    spark = FakeSession()
    found = only(databricks.catalog, seen(tmp_path, DEDICATED, PLACES, start=lambda: spark))
    described, made, dropped = spark.statements
    assert (found.state, described) == ("ok", "DESCRIBE SCHEMA `main`.`late`")
    assert made.split()[2] == dropped.split()[2] != "`main`.`late`"
    assert (made[:12], dropped[:10]) == ("CREATE TABLE", "DROP TABLE")


def test_the_statements_are_sql_that_spark_and_delta_know(spark: SparkSession, tmp_path: Path) -> None:
    places = {"catalog": "spark_catalog", "schema": "default"}
    before = spark.catalog.listTables("default")
    found = only(databricks.catalog, seen(tmp_path, DEDICATED, places, start=lambda: spark))
    assert found.found == "spark_catalog.default is there, and a table could be made and dropped"
    assert spark.catalog.listTables("default") == before
    missing = only(databricks.catalog, seen(tmp_path, DEDICATED, {**places, "schema": "no`where"}, start=lambda: spark))
    assert (missing.state, "SCHEMA_NOT_FOUND" in missing.found) == ("problem", True), missing


@pytest.mark.parametrize(
    ("refused", "state", "told"),
    [
        ("DESCRIBE", "problem", "main.late cannot be seen: [INSUFFICIENT_PERMISSIONS] User does not have it"),
        ("CREATE", "problem", "no table can be made in main.late"),
        ("DROP", "warning", "could not be dropped"),
    ],
)
def test_a_schema_that_refuses_is_told_in_one_line(refused: str, state: str, told: str, tmp_path: Path) -> None:
    spark = FakeSession(refused=[refused])
    found = only(databricks.catalog, seen(tmp_path, DEDICATED, PLACES, start=lambda: spark))
    assert (found.state, told in found.found) == (state, True), found
    assert "stacktrace" not in found.found


def test_an_environment_without_a_catalog_is_a_problem(tmp_path: Path) -> None:
    found = only(databricks.catalog, seen(tmp_path, DEDICATED))
    assert (found.state, "names no `catalog`" in found.found) == ("problem", True)


def test_a_file_goes_to_the_volume_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databricks, "VOLUMES", str(tmp_path / "Volumes"))
    folder = tmp_path / "Volumes" / "main" / "late" / "tmp"
    surroundings = seen(tmp_path, DEDICATED, environ={"MLFLOW_DFS_TMP": f"dbfs:{folder}"})
    assert only(databricks.volume, surroundings).state == "ok"
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.touch()
    found = only(databricks.volume, surroundings)
    assert (found.state, "cannot be written" in found.found) == ("problem", True)
    assert "READ VOLUME" in found.fix


def test_a_volume_is_needed_where_there_is_no_dbfs(tmp_path: Path) -> None:
    assert only(databricks.volume, seen(tmp_path, DEDICATED)).state == "warning"
    assert only(databricks.volume, seen(tmp_path, SERVERLESS, environ={"MLFLOW_DFS_TMP": "/tmp/x"})).state == "problem"


def client(monkeypatch: pytest.MonkeyPatch, code: str | None) -> None:
    def get(name: str) -> object:
        assert name == "main.late.visits"
        if code is not None:
            raise _failure(code)
        return object()

    monkeypatch.setattr(Tracking, "client", SimpleNamespace(get_registered_model=get))


def _failure(code: str) -> MlflowException:
    error = MlflowException("it was refused\nand more")
    error.error_code = code
    return error


@pytest.mark.parametrize(
    ("code", "grants", "state", "told"),
    [
        (None, (), "ok", "main.late.visits can be read"),
        ("PERMISSION_DENIED", (), "problem", "main.late.visits cannot be read: it was refused"),
        ("RESOURCE_DOES_NOT_EXIST", ("CREATE_MODEL", "USE SCHEMA"), "ok", "CREATE MODEL is granted"),
        ("RESOURCE_DOES_NOT_EXIST", ("USE SCHEMA",), "warning", "no grant of CREATE MODEL"),
    ],
)
def test_the_model_can_be_read_or_made(
    code: str | None, grants: tuple[str, ...], state: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(monkeypatch, code)
    loaded = project.load(write_project(tmp_path))
    spark = FakeSession(grants=grants)
    found = only(databricks.registry, seen(tmp_path, DEDICATED, PLACES, project=loaded, start=lambda: spark))
    assert (found.state, told in found.found) == (state, True), found
    assert all(each.startswith("SHOW GRANTS") for each in spark.statements), "asking changes nothing"


def test_grants_that_cannot_be_seen_are_a_warning(tmp_path: Path) -> None:
    spark = FakeSession(refused=["SHOW"])
    assert only(databricks.registry, seen(tmp_path, DEDICATED, PLACES, start=lambda: spark)).state == "warning"


def test_a_registry_outside_unity_catalog_is_a_problem(tmp_path: Path) -> None:
    places = {**PLACES, "registry_uri": "databricks"}
    found = only(databricks.registry, seen(tmp_path, DEDICATED, places))
    assert (found.state, found.found) == ("problem", "the registry is databricks, not Unity Catalog")
