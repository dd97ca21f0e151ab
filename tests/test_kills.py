"""Killed at five points, a run that is started again ends where a calm one ends: nothing is lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from builders import rows
from lakesmith import api, places, project
from lakesmith.progress import Progress
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
    """Every table by the values of its rows, and the registered versions."""
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        found: dict[str, Any] = {
            name: rows(
                workspace.tables.read(name)
                .select(*columns)
                .selectExpr(*[f"to_json(struct(`{c}`)) v_{c}" for c in columns])
            )
            for name, columns in COMPARED.items()
        }
        found["versions"] = [v.version for v in workspace.tracking.client.search_model_versions("name = 'visits'")]
    return found


def made(folder: Path) -> Path:
    from small_projects import visits

    data = visits(160)
    data[7][0] = "-5"  # breaks the rule of clean
    data[9][0] = "nine"  # breaks the type at ingest
    return write_project(folder, data, trials=3)


def trial_runs(path: Path) -> dict[str, str]:
    """Trial → id of its MLflow run; a trial that has run twice fails here."""
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        tracking = workspace.tracking
        runs = tracking.client.search_runs([tracking.experiment_id], "tags.`lakesmith.trial` != ''")
    found = {run.data.tags["mlflow.runName"]: run.info.run_id for run in runs}
    assert len(found) == len(runs)
    return found


def test_a_run_killed_at_five_points_in_turn_ends_as_a_calm_one(spark: SparkSession, tmp_path: Path) -> None:
    """Each run goes on where the one before was killed and dies at a point of its own; the last one is left alone."""
    calm, path = made(tmp_path / "calm"), made(tmp_path / "killed")
    assert api.run(calm, progress=Progress.silent()).exit_code == 0
    before: dict[str, str] = {}
    for point in POINTS:
        killed = subprocess.run([sys.executable, "-c", KILLED, point, str(path)], capture_output=True, check=False)
        assert killed.returncode == -9, (point, killed.stderr[-2000:])
        if point == "between two trials":
            before = trial_runs(path)
    assert len(before) == 2
    assert api.run(path, progress=Progress.silent()).exit_code == 0
    found, wanted = ended(path), ended(calm)
    for name in (*COMPARED, "versions"):
        assert found[name] == wanted[name], name
    after = trial_runs(path)
    assert len(after) == 3
    assert before.items() <= after.items()  # trials that had ended before the kill are not run again
