"""Killed at five points, a run that is started again ends where a calm one ends: nothing is lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from builders import rows
from lakesmith import api, places, project
from lakesmith.progress import Progress
from lakesmith.stages.train import TrainResult
from lakesmith.workspace import opened
from small_projects import write_project

KILLED = """
import os, signal, sys, threading, time
from pathlib import Path
from lakesmith import api
from lakesmith.progress import Progress
from lakesmith.stages.ledger import RunLedger
from lakesmith.tables import Tables
from lakesmith.tracking import Tracking

point, conf = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def before(owner, name, is_point):
    original = getattr(owner, name)
    def replaced(self, *given, **named):
        if is_point(*given):
            die()
        return original(self, *given, **named)
    setattr(owner, name, replaced)

def watch(table):  # data files are there, no commit tells of them
    while not list(table.glob("*.parquet")):
        time.sleep(0.001)
    if not list((table / "_delta_log").glob("*.json")):
        die()

trials = []
if point == "ingested, not recorded":
    before(Tables, "record", lambda stage, *_: stage == "ingest")
if point == "gold written, not committed":
    gold = Path(conf).parent / ".lakesmith" / "visits" / "tables" / "gold"
    threading.Thread(target=watch, args=(gold,), daemon=True).start()
if point == "between two trials":
    before(RunLedger, "append", lambda record: trials.append(record) or len(trials) == 3)
if point == "registered, no alias":
    before(Tracking, "point", lambda alias, *_: alias == "challenger")
if point == "scored, not recorded":
    before(Tables, "record", lambda stage, *_: stage == "score")
api.run(conf, progress=Progress.silent())
"""
POINTS = (
    "ingested, not recorded", "gold written, not committed", "between two trials", "registered, no alias",
    "scored, not recorded",
)  # fmt: skip
COMPARED = {
    "bronze_visits": ("visit_id", "at", "city", "late", "x0"),
    "silver_visits": ("visit_id", "at", "city", "late", "x0"),
    "quarantine": ("source", "stage", "rule", "raw"),
    "gold": ("visit_id", "late_share", "_lakesmith_split", "_lakesmith_digest"),
    "trials": ("number", "family", "params", "metric"),
    "predictions": ("visit_id", "prediction", "probability", "model_version"),
}


def ended(path: Path) -> dict[str, Any]:
    """Every table by the values of its rows, the trials' times of start, the registered versions."""
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        found: dict[str, Any] = {
            name: rows(
                workspace.tables.read(name)
                .select(*columns)
                .selectExpr(*[f"to_json(struct(`{c}`)) v_{c}" for c in columns])
            )
            for name, columns in COMPARED.items()
        }
        trained = workspace.previous("train", TrainResult)
        assert trained is not None
        found["versions"] = [v.version for v in workspace.tracking.client.search_model_versions("name = 'visits'")]
        found["_trial_times"] = [trial.started_at for trial in trained.trials]
    return found


def made(folder: Path) -> Path:
    from small_projects import visits

    data = visits(160)
    data[7][0] = "-5"  # breaks the rule of clean
    data[9][0] = "nine"  # breaks the type at ingest
    return write_project(folder, data, trials=4)


@pytest.fixture(scope="module")
def calm(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = made(tmp_path_factory.mktemp("calm"))
    assert api.run(path, progress=Progress.silent()).exit_code == 0
    return ended(path)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_run_started_again_ends_as_a_calm_one(calm: dict[str, Any], tmp_path: Path, point: str) -> None:
    path = made(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, point, str(path)], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr[-2000:]
    again = api.run(path, progress=Progress.silent())
    assert again.exit_code == 0
    found = ended(path)
    for name in (*COMPARED, "versions"):
        assert found[name] == calm[name], name


def test_trials_that_had_ended_before_the_kill_are_not_run_again(spark: SparkSession, tmp_path: Path) -> None:
    path = made(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "between two trials", str(path)], capture_output=True, check=False
    )
    assert killed.returncode == -9
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        tracking = workspace.tracking
        runs = tracking.client.search_runs([tracking.experiment_id], "tags.`lakesmith.trial` != ''")
        before = {run.data.tags["mlflow.runName"]: run.info.run_id for run in runs}
    assert len(before) == 2
    api.run(path, progress=Progress.silent())
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        tracking = workspace.tracking
        runs = tracking.client.search_runs([tracking.experiment_id], "tags.`lakesmith.trial` != ''")
        after = {run.data.tags["mlflow.runName"]: run.info.run_id for run in runs}
    assert len(runs) == len(after) == 4
    assert before.items() <= after.items()
