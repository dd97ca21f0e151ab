"""The MLproject: its entry points under `mlflow run`, and which store each run ends up in."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.projects.utils import load_project

from lakesmith import cli, tracking
from small_projects import empty_store, visits, write_project

ROOT = Path(__file__).parents[1]


def mlflow_run(entry_point: str, folder: Path, **parameters: str) -> subprocess.CompletedProcess[str]:
    """`mlflow run` as a user types it in some folder, with a store of its own."""
    given = [word for name, value in parameters.items() for word in ("-P", f"{name}={value}")]
    command = [sys.executable, "-m", "mlflow", "run", str(ROOT), "-e", entry_point, "--env-manager", "local", *given]
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'outer.db'}",
        "MLFLOW_EXPERIMENT_NAME": "projects",
    }
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=600, check=False)


def runs(store: Path, experiment: str) -> list[tuple[str, str]]:
    """Name of the entry point or run, and status, of every run in one experiment; fails if there are others."""
    client = MlflowClient(f"sqlite:///{store}")
    elsewhere = [each.experiment_id for each in client.search_experiments() if each.name != experiment]
    assert not client.search_runs(elsewhere), "a run strayed"
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    return sorted(
        (run.data.tags.get("mlflow.project.entryPoint", run.info.run_name), run.info.status)
        for run in client.search_runs([found.experiment_id])
    )


def test_train_promotes_a_model_in_the_projects_store_and_leaves_one_run_in_mlflows(tmp_path: Path) -> None:
    (tmp_path / "outer.db").write_bytes(empty_store())
    outer = MlflowClient(f"sqlite:///{tmp_path / 'outer.db'}")
    for number in range(3):  # so that the experiment's number is none of the workspace's store
        outer.create_experiment(f"other {number}")
    outer.create_experiment("projects", artifact_location=(tmp_path / "artifacts").as_uri())
    path = write_project(tmp_path / "visits", visits(160), trials=1, least=0.1)
    ended = mlflow_run("train", tmp_path, project=str(path))
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert runs(tmp_path / "outer.db", "projects") == [("train", "FINISHED")]

    store = path.parent / ".lakesmith" / "mlflow.db"
    inner = runs(store, "visits")
    assert {status for _, status in inner} == {"FINISHED"}
    assert [name for name, _ in inner] == ["train visits", "trial 0 linear"]
    uri = f"sqlite:///{store}"
    champion = tracking.Tracking(uri=uri, registry_uri=uri, experiment="visits", model="visits").at("champion")
    assert champion is not None
    assert not (path.parent / ".lakesmith" / "visits" / "results" / "score.json").exists()
    assert {each.name for each in tmp_path.iterdir()} <= {"outer.db", "artifacts", "visits"}


def test_a_mistake_in_the_project_fails_mlflows_run(tmp_path: Path) -> None:
    path = write_project(tmp_path, change=lambda text: text.replace("reg_param", "reg_parm"))
    ended = mlflow_run("validate", tmp_path, project=str(path))
    assert ended.returncode != 0
    assert "visits.yml:" in ended.stderr
    assert "reg_parm" in ended.stderr
    assert runs(tmp_path / "outer.db", "projects") == [("validate", "FAILED")]


@pytest.mark.parametrize(
    ("entry_point", "stages"),
    [
        ("train", ["ingest", "clean", "derive", "train", "evaluate", "promote"]),
        ("score", ["ingest", "clean", "derive", "score"]),
    ],
)
def test_entry_points_name_their_stages(
    entry_point: str, stages: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = {"project": str(write_project(tmp_path / "a folder"))}
    command = load_project(str(ROOT)).get_entry_point(entry_point).compute_command(parameters, None)
    python, *words = shlex.split(command)
    assert (python, words[:2]) == ("python", ["-m", "lakesmith"])
    with pytest.raises(SystemExit) as ended:
        cli.app([*words[2:], "--dry-run"])
    assert (ended.value.code, capsys.readouterr().out.split()) == (0, stages)
