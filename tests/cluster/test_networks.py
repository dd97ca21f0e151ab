"""A network learned by two processes on the two workers of a cluster: the one that a single process learns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from deep.image_projects import write_images
from lakesmith import api, places, project
from lakesmith.progress import Progress
from lakesmith.stages.train import TrainResult
from lakesmith.workspace import opened
from tests.cluster.standalone import Cluster
from tests.cluster.test_cluster import Driver, interpreter_without_lakesmith

pytestmark = pytest.mark.cluster


def trained(path: Path, workspace: Path) -> tuple[TrainResult, list[float]]:
    """What training came to, and the loss of the final fit after each epoch."""
    with opened(project.load(path), places.load(path, None, str(workspace)), Progress.silent()) as there:
        found = there.previous("train", TrainResult)
        assert found is not None
        history = there.tracking.client.get_metric_history(found.run_id, "loss")
    return found, [each.value for each in sorted(history, key=lambda each: each.step)]


def test_two_processes_on_two_workers_learn_what_one_does(spark: SparkSession, tmp_path: Path) -> None:
    path, calm, shared = write_images(tmp_path / "project"), tmp_path / "calm", tmp_path / "shared"
    for workspace, last in ((calm, "+train"), (shared, "+derive")):
        assert api.run(path, workspace=str(workspace), select=last, progress=Progress.silent()).exit_code == 0
    path.write_text(path.read_text().replace("shards: 2", "shards: 2, processes: 2"))
    interpreter_without_lakesmith(tmp_path / "driver" / "venv")
    with Cluster(tmp_path / "cluster") as cluster:
        driver = Driver(tmp_path / "driver", cluster, path, shared)
        with driver.job("train") as (_, log):
            pass
        told = log.read_text()
        assert cluster.alive() == 2
    assert re.search(r"all rows: epoch 6/6: loss [\d.]+, [\d,]+ rows/s", told)
    (found, losses), (expected, calm_losses) = trained(path, shared), trained(path, calm)
    assert losses == pytest.approx(calm_losses, abs=1e-4)
    assert found.trials[0].intervals["validation"] == pytest.approx(
        expected.trials[0].intervals["validation"], abs=1e-4
    )
