"""The workspace, the project file, and what of it the compute cannot do."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from doctor.fakes import DEDICATED, only, seen
from lakesmith import project
from lakesmith.doctor import places
from lakesmith.doctor.examination import surroundings
from lakesmith.errors import ConfigError
from lakesmith.platforms import Platform
from small_projects import write_project

STANDARD = Platform("databricks", runtime="18.1", access="standard", is_connect=True)
XGBOOST = "families: [{kind: linear}, {kind: xgboost}]\n"


def test_a_workspace_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    assert only(places.workspace, seen(tmp_path)).found == f"{tmp_path} can be written"
    found = only(places.workspace, seen(tmp_path / "new"))
    assert found.found == f"{tmp_path / 'new'} can be written, and will be made in {tmp_path}"
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_workspaces_place_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = only(places.workspace, seen(tmp_path / "file" / "workspace"))
    assert (found.state, "cannot be written: Not a directory" in found.found) == ("problem", True)
    assert "--workspace" in found.fix


def test_a_run_at_work_is_a_warning_with_its_process(tmp_path: Path) -> None:
    (tmp_path / "wine").mkdir()
    with (tmp_path / "wine" / "lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = only(places.workspace, seen(tmp_path))
    assert (found.state, "a run of wine (process 4711)" in found.found) == ("warning", True)
    assert only(places.workspace, seen(tmp_path)).state == "ok"


def test_every_mistake_of_the_project_is_a_finding(tmp_path: Path) -> None:
    path = write_project(
        tmp_path, change=lambda text: text.replace("late_share]", "late_shar]").replace("max_iter", "maxx_iter")
    )
    found = places.project_file.findings(surroundings(path, None, None))
    assert {each.state for each in found} == {"problem"}
    assert all("visits.yml:" in each.found for each in found)
    assert any("maxx_iter" in each.found for each in found)


def test_a_right_project_is_said_to_be_valid_and_no_project_says_nothing(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    assert only(places.project_file, surroundings(path, None, None)).found == f"{path} is valid"
    assert places.project_file.findings(surroundings(None, None, str(tmp_path))) == ()
    assert places.compute.findings(surroundings(None, None, str(tmp_path))) == ()


def test_a_project_file_that_is_not_there_is_a_problem_and_a_wrong_environment_an_error(tmp_path: Path) -> None:
    assert only(places.project_file, surroundings(tmp_path / "no.yml", None, None)).state == "problem"
    with pytest.raises(ConfigError, match="no environment 'prod'"):
        surroundings(tmp_path / "no.yml", "prod", None)


def with_xgboost(folder: Path) -> project.Project:
    def change(text: str) -> str:
        start = text.index("families:")
        return text[:start] + XGBOOST + text[text.index("tune:") :]

    return project.load(write_project(folder, change=change))


def test_xgboost_works_on_dedicated_compute_only(tmp_path: Path) -> None:
    loaded = with_xgboost(tmp_path)
    assert only(places.compute, seen(tmp_path, DEDICATED, project=loaded)).state == "ok"
    assert only(places.compute, seen(tmp_path, project=loaded)).state == "ok"
    for platform in (STANDARD, Platform("databricks", is_serverless=True), Platform(is_connect=True)):
        found = places.compute.findings(seen(tmp_path, platform, project=loaded))
        told = [each.found for each in found if each.state == "problem"]
        assert any(each.startswith("families[1]: xgboost does not work on") for each in told), (platform, found)


def test_an_environment_on_a_spark_connect_server_cannot_do_it_either(tmp_path: Path) -> None:
    remote = seen(tmp_path, project=with_xgboost(tmp_path), places={"compute": "connect"})
    assert any(each.state == "problem" for each in places.compute.findings(remote))


def test_a_catalog_can_only_be_asked_on_databricks(tmp_path: Path) -> None:
    loaded = project.load(write_project(tmp_path))
    far = places.compute.findings(seen(tmp_path, project=loaded, places={"catalog": "main", "schema": "late"}))
    assert [each.state for each in far] == ["ok", "warning"]
