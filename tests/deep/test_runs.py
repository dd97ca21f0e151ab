"""Networks through a whole run: killed and resumed, in one process and in two, scored, and gone on from."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pyspark.sql import SparkSession

from deep.image_projects import FAMILY, bars, write_images
from lakesmith import api, places, project
from lakesmith.errors import ConfigError
from lakesmith.progress import Progress
from lakesmith.stages.models import version_at
from lakesmith.stages.train import TrainResult
from lakesmith.workspace import Workspace, opened
from lakesmith_stages.network import Network

KILLED = """
import os, signal, sys
from lakesmith import api
from lakesmith.deep import checkpoints
from lakesmith.progress import Progress

save = checkpoints.Progress.save

def saved(self, folder):
    save(self, folder)
    if len(self.epochs) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

checkpoints.Progress.save = saved
api.run(sys.argv[1], progress=Progress.silent())
"""


def looked_at(path: Path, look: Callable[[Workspace], Any]) -> Any:
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        return look(workspace)


def ended(path: Path) -> tuple[TrainResult, list[float], dict[int, float]]:
    """What training came to, the loss of the final fit epoch by epoch, and key → probability."""

    def look(workspace: Workspace) -> Any:
        trained = workspace.previous("train", TrainResult)
        assert trained is not None
        losses = workspace.tracking.client.get_metric_history(trained.run_id, "loss")
        rows = workspace.tables.read("predictions").select("bar_id", "probability").collect()
        curve = [each.value for each in sorted(losses, key=lambda each: each.step)]
        return trained, curve, {row["bar_id"]: row["probability"] for row in rows}

    return looked_at(path, look)  # type: ignore[no-any-return]


def run(path: Path, *sets: str) -> None:
    assert api.run(path, sets=sets, progress=Progress.silent()).exit_code == 0


@pytest.fixture(scope="module")
def calm(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_images(tmp_path_factory.mktemp("calm"))
    run(path)
    return path


def test_torch_alone_opens_the_network_of_a_run_and_answers_as_the_table_says(calm: Path, tmp_path: Path) -> None:
    trained, losses, probabilities = ended(calm)
    assert len(losses) == 6
    assert losses[-1] < losses[0] / 2
    assert len(trained.trials[0].intervals["validation"]) == 6
    folder = looked_at(
        calm, lambda there: Path(there.tracking.client.download_artifacts(trained.run_id, "network", str(tmp_path)))
    )
    network = Network(json.loads((folder / "network.json").read_text()))
    network.load_state_dict(torch.load(folder / "state_dict.pth", weights_only=True))
    network.eval()
    images = bars()
    rows = np.column_stack([np.array(images["pixels"].to_pylist()), images["shade"]]).astype("f4")
    with torch.inference_mode():
        _, expected, _ = network.answers(torch.from_numpy(rows))
    assert expected is not None
    assert probabilities == pytest.approx(dict(enumerate(expected[:, 1].tolist())), abs=1e-5)
    # An image's pixels matter together; the column beside them has a share of its own.
    assert {name for name, _ in trained.importances_by_column} == {"pixels", "shade"}
    assert not (calm.parent / ".lakesmith" / "bars" / "trainings").exists()


def test_killed_after_the_third_of_six_epochs_it_goes_on_and_ends_as_the_calm_one(calm: Path, tmp_path: Path) -> None:
    path = write_images(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr[-2000:]
    (checkpoint,) = (tmp_path / ".lakesmith" / "bars" / "trainings").rglob("checkpoint.pth")
    assert len(torch.load(checkpoint, weights_only=True)["epochs"]) == 3
    run(path)
    (trained, losses, found), (expected, calm_losses, wanted) = ended(path), ended(calm)
    assert trained.trials[0].intervals == expected.trials[0].intervals
    assert trained.value == expected.value
    assert losses == calm_losses
    assert found == wanted


def test_two_processes_learn_what_one_does_from_the_same_batches(calm: Path, tmp_path: Path) -> None:
    path = write_images(tmp_path)
    run(path, "families[0].processes=2")
    (trained, losses, found), (expected, calm_losses, wanted) = ended(path), ended(calm)
    assert losses == pytest.approx(calm_losses, abs=1e-4)
    validated = trained.trials[0].intervals["validation"]
    assert validated == pytest.approx(expected.trials[0].intervals["validation"], abs=1e-4)
    assert found == pytest.approx(wanted, abs=1e-4)


def test_a_network_goes_on_from_one_that_is_registered(calm: Path) -> None:
    tuned = FAMILY.replace("epochs: 6", "epochs: 1, base: models:/bars@champion, fine_tune: {epochs: 1}")
    path = write_images(calm.parent, "tuned", tuned)
    run(path)
    _, losses, _ = ended(path)
    _, before, _ = ended(calm)
    assert len(losses) == 2
    assert losses[0] < before[0]  # its layers know bars already


def test_a_process_that_only_scores_opens_the_model(calm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model brings its stages' source, in a folder that is gone when the model is there."""
    for name in [each for each in sys.modules if each.startswith("lakesmith_stages")]:
        monkeypatch.delitem(sys.modules, name)

    def answers(there: Workspace) -> int:
        model = there.tracking.load(version_at(there.tracking, "champion"))
        return len(model.transform(there.tables.read("gold").limit(3)).select("probability").collect())

    assert looked_at(calm, answers) == 3


def test_no_notebook_of_plain_pyspark_is_written_for_a_network(calm: Path) -> None:
    with pytest.raises(ConfigError, match="'cnn' is trained by torch, which no cells of plain PySpark do"):
        api.generate_notebook(calm, target=calm.parent / "plain.py", progress=Progress.silent())


def test_a_base_that_is_not_there_is_told_with_its_line(calm: Path) -> None:
    path = write_images(calm.parent, "lost", FAMILY.replace("epochs: 6", "epochs: 1, base: models:/bras@champion"))
    with pytest.raises(ConfigError, match="no model is registered as bras@champion") as raised:
        api.run(path, progress=Progress.silent())
    assert raised.value.place.endswith("lost.yml:14")
    assert raised.value.key == "families[0].base"
