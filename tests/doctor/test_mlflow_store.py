"""The MLflow store: a new one, one of another MLflow's schema, folders, servers that are away; no password is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from doctor.fakes import only, seen
from lakesmith.doctor import mlflow_store
from lakesmith.doctor.mlflow_store import newest_schema


def store(path: Path, revision: str | None) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute("create table if not exists alembic_version (version_num varchar(32))")
        if revision is not None:
            connection.execute("insert into alembic_version values (?)", (revision,))
    connection.close()
    return f"sqlite:///{path}"


def test_the_newest_schema_is_what_mlflow_itself_says() -> None:
    from mlflow.store.db.utils import _get_latest_schema_revision

    assert newest_schema() == _get_latest_schema_revision()


def test_a_store_that_is_not_there_will_be_made_and_is_not_made_by_looking(tmp_path: Path) -> None:
    found = only(mlflow_store.mlflow_store, seen(tmp_path))
    assert (found.state, "will be made" in found.found) == ("ok", True)
    assert not list(tmp_path.iterdir())


def test_a_store_of_this_mlflow_is_fine_and_an_empty_one_too(tmp_path: Path) -> None:
    store(tmp_path / "mlflow.db", newest_schema())
    assert only(mlflow_store.mlflow_store, seen(tmp_path)).state == "ok"
    uri = store(tmp_path / "empty.db", None)
    assert "is empty" in only(mlflow_store.mlflow_store, seen(tmp_path, places={"tracking_uri": uri})).found


def test_a_store_of_another_schema_is_a_problem(tmp_path: Path) -> None:
    store(tmp_path / "mlflow.db", "451aebb31d03")
    found = only(mlflow_store.mlflow_store, seen(tmp_path))
    assert (found.state, "has the schema 451aebb31d03" in found.found) == ("problem", True)
    assert "mlflow db upgrade" in found.fix


def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("hello " * 1000)
    found = only(mlflow_store.mlflow_store, seen(tmp_path))
    assert (found.state, "file is not a database" in found.found) == ("problem", True)


@pytest.mark.parametrize("uri", ["./mlruns", "file:///tmp/mlruns"])
def test_a_folder_is_a_problem(uri: str, tmp_path: Path) -> None:
    found = only(mlflow_store.mlflow_store, seen(tmp_path, places={"tracking_uri": uri}))
    assert (found.state, "does not keep runs in files" in found.found) == ("problem", True)


@pytest.mark.parametrize("uri", ["http://anna:geheim@127.0.0.1:9", "postgresql://anna:geheim@127.0.0.1:9/runs"])
def test_a_server_that_is_away_is_a_problem_told_without_its_password(uri: str, tmp_path: Path) -> None:
    found = only(mlflow_store.mlflow_store, seen(tmp_path, places={"tracking_uri": uri}))
    assert (found.state, "does not answer" in found.found) == ("problem", True), found
    assert "geheim" not in found.model_dump_json()
    assert "127.0.0.1:9" in found.found
