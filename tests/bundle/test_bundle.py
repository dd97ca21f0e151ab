"""The bundle without a workspace: every resource of every target is one Databricks' own types accept, every name in it
leads somewhere, and every job says what its script understands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.bundles.experiments import MlflowExperiment
from databricks.bundles.jobs import Job
from databricks.bundles.registered_models import RegisteredModel
from databricks.bundles.schemas import Schema
from databricks.bundles.volumes import Volume

from lakesmith import api, places
from lakesmith import job as jobs
from lakesmith.errors import ConfigError
from lakesmith.serving import endpoints

from .targets import ROOT, TARGETS, bundle, read, references

TYPES = {
    "experiments": MlflowExperiment,
    "jobs": Job,
    "registered_models": RegisteredModel,
    "schemas": Schema,
    "volumes": Volume,
}
COMPUTED = {"volumes": {"volume_path"}}


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def tasks(target: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(job, task) of every task."""
    for each in bundle(target)["resources"]["jobs"].values():
        for task in each["tasks"]:
            yield each, task


def test_every_resource_loads_strictly_through_databricks_own_types(target: str) -> None:
    found = bundle(target)["resources"]
    assert set(found) == set(TYPES)
    for kind, resources in found.items():
        for name, value in resources.items():
            given = {key: each for key, each in value.items() if key not in COMPUTED.get(kind, set())}
            assert TYPES[kind].from_dict(given).as_dict(), name


def test_the_types_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValueError, match="Unexpected field 'taks'"):
        Job.from_dict({"name": "x", "taks": []})


def test_no_reference_stays_unresolved_and_a_wrong_one_is_an_error(target: str) -> None:
    assert "${" not in str(bundle(target)["resources"])
    for name in references(target):
        assert name.split(".")[0] in ("var", "resources", "workspace", "bundle"), name


def test_every_variable_is_described_and_used() -> None:
    declared = read("databricks.yml")["variables"]
    used = {name.split(".")[1] for name in references("dev") if name.startswith("var.")}
    assert set(declared) == used
    assert all(each.get("description") for each in declared.values())


def test_every_path_exists(target: str) -> None:
    for _, task in tasks(target):
        for kind, key in (("spark_python_task", "python_file"), ("notebook_task", "notebook_path")):
            if kind in task:
                file = (ROOT / "resources" / task[kind][key]).resolve()
                assert file.is_file(), task["task_key"]
                assert file.read_text().startswith("# Databricks notebook source") == (kind == "notebook_task")
        for library in task.get("libraries", []):
            assert (ROOT / "resources" / library["whl"]).resolve().parent == ROOT / "dist"


def test_tasks_depend_on_tasks_and_run_on_compute_that_is_there(target: str) -> None:
    for each, task in tasks(target):
        keys = [one["task_key"] for one in each["tasks"]]
        assert len(keys) == len(set(keys))
        conditions = {one["task_key"] for one in each["tasks"] if "condition_task" in one}
        for needed in task.get("depends_on", []):
            assert needed["task_key"] in keys[: keys.index(task["task_key"])]
            assert ("outcome" in needed) == (needed["task_key"] in conditions)
        if "job_cluster_key" in task:
            assert task["job_cluster_key"] in [one["job_cluster_key"] for one in each["job_clusters"]]
        elif "environment_key" in task:
            assert task["environment_key"] in [one["environment_key"] for one in each["environments"]]
        else:
            assert "condition_task" in task


def test_every_task_is_restartable_and_bounded(target: str) -> None:
    for each, task in tasks(target):
        assert each["max_concurrent_runs"] == 1
        assert each["queue"] == {"enabled": True}
        assert each["timeout_seconds"] > 0
        if "condition_task" not in task:
            assert task["timeout_seconds"] > 0
            assert task["max_retries"] >= 0


def test_every_job_says_what_its_script_understands(target: str) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    seen = set()
    for _, task in tasks(target):
        if "spark_python_task" in task:
            name = Path(task["spark_python_task"]["python_file"]).stem
            parser = endpoints.parser() if name == "serve" else jobs.parser(name)
            options = parser.parse_args(task["spark_python_task"]["parameters"])
        elif "python_wheel_task" in task:
            name = task["python_wheel_task"]["entry_point"]
            assert scripts[name] == "lakesmith.job:run_all"
            options = jobs.parser("run").parse_args(task["python_wheel_task"]["parameters"])
        else:
            continue
        seen.add(name)
        assert options.model == "main.lakesmith.flights".replace("lakesmith", f"lakesmith_{target}" if target != "dev"
                                                                 else "lakesmith", 1)  # fmt: skip
        if name != "serve":
            assert options.workspace == f"/Volumes/{options.catalog}/{options.schema}/files"
            assert (ROOT / "conf" / Path(options.project).name).is_file()
            assert places.load(ROOT / "conf" / "flights.yml", options.env).registry_uri == "databricks-uc"
    scripts = {path.stem for path in (ROOT / "src" / "jobs").glob("*.py")}
    assert seen == scripts - {"verdict"} | {"lakesmith-job"}  # a notebook, which takes widgets


def test_the_gate_decides_between_promoting_and_telling(target: str) -> None:
    train = {task["task_key"]: task for task in bundle(target)["resources"]["jobs"]["train"]["tasks"]}
    left = train["gate"]["condition_task"]["left"]
    assert left == "{{tasks.verdict.values.gates}}"
    assert 'taskValues.set(key="gates"' in (ROOT / "src" / "jobs" / "verdict.py").read_text()
    assert train["gate"]["depends_on"] == [{"task_key": "verdict"}]
    assert train["promote"]["depends_on"] == [{"task_key": "gate", "outcome": "true"}]
    assert train["refuse"]["depends_on"] == [{"task_key": "gate", "outcome": "false"}]
    assert train["serve"]["depends_on"] == [{"task_key": "is_served", "outcome": "true"}]


def test_what_must_not_be_lost_is_kept_and_what_is_tried_out_is_not() -> None:
    for target in TARGETS:
        resources = bundle(target)["resources"]
        for kind in ("schemas", "registered_models", "volumes"):
            for each in resources[kind].values():
                assert each.get("lifecycle", {}).get("prevent_destroy", False) == (target != "dev")
    assert bundle("dev")["mode"] == "development"
    for target in ("staging", "prod"):
        found = bundle(target)
        assert found["mode"] == "production"
        assert found["run_as"]["service_principal_name"] in found["workspace"]["root_path"]


def test_schedules_are_left_to_the_target_to_pause(target: str) -> None:
    for each in bundle(target)["resources"]["jobs"].values():
        # A schedule that says UNPAUSED stays so in the target dev.
        assert "pause_status" not in each.get("schedule", {})


def test_what_serverless_compute_cannot_do_is_said_by_validate() -> None:
    with pytest.raises(ConfigError, match=r"families\[0\]: xgboost cannot run on serverless compute"):
        api.validate(ROOT / "conf" / "flights.yml", "serverless")
    assert api.validate(ROOT / "conf" / "diabetes.yml", "serverless").name == "diabetes"
