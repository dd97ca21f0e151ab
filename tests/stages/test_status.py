from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lakesmith.places import Places
from lakesmith.stages.stage import Result
from lakesmith.stages.status import status_view
from lakesmith.summary import ProjectStatus
from lakesmith.workspace import tracking_for
from tests.stages.recordings import evaluated, results, trained


def leave(workspace: Path, recorded: dict[str, Result], project: str = "flights") -> Path:
    """Writes results as a workspace does."""
    folder = workspace / project / "results"
    folder.mkdir(parents=True, exist_ok=True)
    for stage, result in recorded.items():
        told = {"stage": stage, "key": "k", "result": json.loads(result.model_dump_json())}
        (folder / f"{stage}.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def only(workspace: Path) -> ProjectStatus:
    (project,) = status_view(Places(workspace=str(workspace))).projects
    return project


def test_an_empty_workspace_has_no_project(tmp_path: Path) -> None:
    assert status_view(Places(workspace=str(tmp_path / "nowhere"))).projects == ()
    (tmp_path / "flights" / "results").mkdir(parents=True)
    (tmp_path / "mlflow.db").write_text("")
    assert status_view(Places(workspace=str(tmp_path))).projects == ()
    assert "No project has run here yet." in status_view(Places(workspace=str(tmp_path))).text()


def test_every_project_is_told_by_name(tmp_path: Path) -> None:
    leave(tmp_path, results("multiclass"), "wine")
    leave(tmp_path, results("regression"), "bikes")
    view = status_view(Places(workspace=str(tmp_path)))
    assert [each.project for each in view.projects] == ["bikes", "wine"]


def test_tables_rows_trials_gates_and_report_come_from_the_files(tmp_path: Path) -> None:
    leave(tmp_path, results())
    (tmp_path / "flights" / "report.html").write_text("<html>")
    log = tmp_path / "flights" / "tables" / "quarantine" / "_delta_log"
    log.mkdir(parents=True)
    for name in ("00000000000000000000.json", "00000000000000000011.json", "00000000000000000011.crc", "x.json"):
        (log / name).write_text("{}")
    found = only(tmp_path)
    assert [(table.name, table.version, table.rows) for table in found.tables] == [
        ("bronze_flights", 1, 98), ("silver_flights", 1, 97), ("gold", 4, 97), ("trials", 6, 3),
        ("predictions", 2, 180), ("quarantine", 11, 2),
    ]  # fmt: skip
    assert found.rows is not None
    assert found.rows.sources[0].is_balanced
    assert [trial.is_chosen for trial in found.trials] == [False, False, True]
    assert [gate.passed for gate in found.gates] == [True]
    assert found.report == str(tmp_path / "flights" / "report.html")
    assert (
        json.loads(status_view(Places(workspace=str(tmp_path))).model_dump_json())["projects"][0]["project"]
        == "flights"
    )


def test_a_report_that_is_not_there_is_not_named(tmp_path: Path) -> None:
    leave(tmp_path, results())
    assert only(tmp_path).report == ""


def test_gates_of_another_version_are_not_told(tmp_path: Path) -> None:
    leave(tmp_path, {**results(), "train": trained(version=4), "evaluate": evaluated(version=3)})
    assert only(tmp_path).gates == ()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('{"stage": "train", "key": "k", "resu', "results/train.json holds no stage's result and was left out"),
        ("[]", "results/train.json holds no stage's result and was left out"),
        ('"result"', "results/train.json holds no stage's result and was left out"),
        ("[" * 100_000, "results/train.json holds no stage's result and was left out"),
        ("\xff\xfe", "results/train.json holds no stage's result and was left out"),
        (
            '{"result": {"version": 3}}',
            "results/train.json was written by another version of lakesmith and was left out",
        ),
        ('{"result": null}', "results/train.json was written by another version of lakesmith and was left out"),
    ],
)
def test_a_file_that_cannot_be_read_costs_a_note_and_nothing_else(tmp_path: Path, text: str, note: str) -> None:
    folder = leave(tmp_path, {name: each for name, each in results().items() if name != "train"})
    (folder / "train.json").write_bytes(text.encode("latin-1"))
    found = only(tmp_path)
    assert found.notes == (note,)
    assert found.trials == ()
    assert [table.name for table in found.tables] == ["bronze_flights", "silver_flights", "gold", "predictions"]
    assert note in status_view(Places(workspace=str(tmp_path))).text(width=120)


def test_foreign_files_and_folders_are_noted(tmp_path: Path) -> None:
    folder = leave(tmp_path, {"ingest": results()["ingest"]})
    (folder / "notes.json").write_text("{}")
    (folder / "clean.json").mkdir()
    (folder / ".derive.json.x1").write_text("half")
    assert only(tmp_path).notes == (
        "results/clean.json cannot be read (Is a directory) and was left out",
        "results/notes.json is of no known stage and was left out",
    )


def test_a_store_that_does_not_answer_costs_a_note(tmp_path: Path) -> None:
    leave(tmp_path, results())
    assert only(tmp_path).notes == ("there is no MLflow store in this workspace",)
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 100)
    found = only(tmp_path)
    assert (found.champion, len(found.trials)) == (None, 3)
    assert found.notes[0].startswith("the model registry does not answer: ")


def test_challenger_and_champion_are_told_with_what_they_showed_on_their_own_test_rows(tmp_path: Path) -> None:
    places = Places(workspace=str(tmp_path))
    tracking = tracking_for(places, "flights")
    tracking.client.create_registered_model("flights")
    for number, auc in ((1, 0.7), (2, 0.8)):
        run_id = tracking.open_run(f"key{number}", "train")
        tracking.log(run_id, metrics={"test_roc_auc": auc, "validation_roc_auc": 0.9})
        tracking.client.create_model_version("flights", f"runs:/{run_id}/model", run_id)
    tracking.point("champion", 1)
    tracking.point("challenger", 2)
    leave(tmp_path, {**results(), "train": trained(version=2), "evaluate": evaluated(version=2)})
    found = only(tmp_path)
    assert found.champion is not None
    assert found.challenger is not None
    assert (found.champion.version, found.champion.aliases, found.champion.metrics) == (
        "1",
        ("champion",),
        (("roc_auc", 0.7),),
    )
    assert (found.challenger.version, found.challenger.metrics) == ("2", (("roc_auc", 0.8),))
    assert [gate.passed for gate in found.gates] == [True]
    tracking.point("challenger", 1)  # what was judged last is no longer the challenger
    assert only(tmp_path).gates == ()


def test_status_starts_no_spark(tmp_path: Path) -> None:
    leave(tmp_path, results())
    code = (
        "import sys; from lakesmith import api; view = api.status(workspace=sys.argv[1]);"
        "assert len(view.projects) == 1; assert 'pyspark' not in sys.modules, 'pyspark'"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=tmp_path)
