"""The jobs on a real cluster that loses a worker in the middle of training: the result is that of a calm local run."""

from __future__ import annotations

import os
import re
import shlex
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakesmith import api, places, project
from lakesmith.progress import Progress
from lakesmith.stages.train import TrainResult
from lakesmith.workspace import opened
from small_projects import visits, write_project
from tests.cluster.standalone import LOOPBACK, SPARK_HOME, Cluster, running, wait_for

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "dist" / "lakesmith.zip"
DOCUMENT = (ROOT / "docs" / "cluster.md").read_text()
JOB_SECONDS = 600.0  # a job that has not ended by then hangs; on an idle machine it takes 20 to 40 seconds
FAMILIES = """\
families:
  - {kind: linear, max_iter: 20, search: {reg_param: {kind: loguniform, low: 0.0001, high: 0.1}}}
  - {kind: xgboost, n_estimators: 5, max_depth: 2, search: {}}
"""
UP_TO_GOLD = """\
import sys
from lakesmith import api
sys.exit(api.run(sys.argv[1], workspace=sys.argv[2], select="+derive").exit_code)
"""

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Driver:
    """Runs the documented command from a folder of its own, with an interpreter that has no lakesmith installed."""

    folder: Path
    cluster: Cluster
    project: Path
    workspace: Path

    @contextmanager
    def submitted(self, script: Path, *arguments: str) -> Iterator[Any]:
        settings = self.folder / "cluster.properties"
        here = "".join(f"spark.driver.{each} {LOOPBACK}\n" for each in ("host", "bindAddress"))
        here += f"spark.executor.extraJavaOptions {os.environ.get('SPARK_SUBMIT_OPTS', '')}\n"
        settings.write_text(found(r"```properties\n(.*?)```") + here)
        replaced = {
            "spark-submit": SPARK_HOME / "bin" / "spark-submit", "spark://HOST:7077": self.cluster.url,
            "conf/cluster.properties": settings, "dist/lakesmith.zip": PACKAGE,
        }  # fmt: skip
        command = shlex.split(found(r"^(spark-submit .*?)$"))
        options = command[: command.index("src/jobs/train.py")]
        assert set(replaced) < set(options)
        log = self.folder / f"{script.stem}.log"
        given = [str(replaced.get(each, each)) for each in options]
        if self.cluster.alive() < self.cluster.workers:  # or the job waits half a minute for the cores of the lost one
            given += ["--conf", f"spark.cores.max={self.cluster.alive()}"]
        with running([*given, str(script), *arguments], self.folder, self.environment(), log) as process:
            yield process, log
            process.wait(JOB_SECONDS)
            assert process.returncode == 0, log.read_text(errors="replace")[-4000:]

    def job(self, stage: str) -> Any:
        """One of the seven scripts."""
        command = shlex.split(found(r"^(spark-submit .*?)$"))
        assert command[-4:] == ["--project", "conf/flights.yml", "--workspace", "/shared/lakesmith"]
        script = ROOT / "src" / "jobs" / f"{stage}.py"
        return self.submitted(script, "--project", str(self.project), "--workspace", str(self.workspace))

    def environment(self) -> dict[str, str]:
        kept = ("PATH", "HOME", "JAVA_HOME", "LAKESMITH_IVY", "SPARK_SUBMIT_OPTS", "SPARK_LAUNCHER_OPTS")
        python = self.folder / "venv" / "bin" / "python"
        return {each: os.environ[each] for each in kept if each in os.environ} | {
            "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(self.folder / "local"),
        }  # fmt: skip


def found(pattern: str) -> str:
    """The one place of docs/cluster.md that matches."""
    (text,) = re.findall(pattern, DOCUMENT, re.S | re.M)
    return str(text)


def interpreter_without_lakesmith(folder: Path) -> None:
    """A virtual environment that sees this one's packages, but not the package under test."""
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    # A path in a .pth file is searched, but the .pth files there, by which an editable install works, are not read.
    (site / "requirements.pth").write_text(f"{SPARK_HOME.parent}\n")


def ended(path: Path, workspace: Path) -> tuple[TrainResult, dict[int, tuple[str, float]]]:
    """What training came to, and key → prediction and probability, as they stand in the table."""
    with opened(project.load(path), places.load(path, None, str(workspace)), Progress.silent()) as there:
        trained = there.previous("train", TrainResult)
        assert trained is not None
        rows = there.tables.read("predictions").select("visit_id", "prediction", "probability").collect()
        return trained, {row["visit_id"]: (row["prediction"], row["probability"]) for row in rows}


@pytest.fixture(scope="module", autouse=True)
def _package_is_of_these_sources() -> None:
    if not PACKAGE.is_file():
        pytest.fail(f"{PACKAGE} is missing: run `make dist`", pytrace=False)
    with zipfile.ZipFile(PACKAGE) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if name.startswith("lakesmith/")}
    sources = {
        str(file.relative_to(ROOT / "src")): file.read_bytes()
        for file in (ROOT / "src" / "lakesmith").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    changed = sorted(name for name in sources.keys() | packed.keys() if sources.get(name) != packed.get(name))
    if changed:
        told = f"{PACKAGE} is older than the sources ({len(changed)} files differ, such as {changed[0]})"
        pytest.fail(f"{told}: run `make dist`", pytrace=False)


def test_a_worker_killed_in_the_middle_of_training_changes_nothing(spark: SparkSession, tmp_path: Path) -> None:
    data = visits(200)
    path = write_project(tmp_path / "project", data, trials=2, change=lambda text: re.sub(
        r"^families:\n.*?\n(?=tune)", FAMILIES, text, flags=re.S | re.M))  # fmt: skip
    calm, shared = path.parent / ".lakesmith", tmp_path / "shared"
    assert api.run(path, progress=Progress.silent()).exit_code == 0
    interpreter_without_lakesmith(tmp_path / "driver" / "venv")
    first = tmp_path / "up_to_gold.py"
    first.write_text(UP_TO_GOLD)
    with Cluster(tmp_path / "cluster") as cluster:
        driver = Driver(tmp_path / "driver", cluster, path, shared)
        with driver.submitted(first, str(path), str(shared)):
            pass
        with driver.job("train") as (process, log):
            wait_for(
                lambda: "trial 1/2" in log.read_text() or process.poll() is not None,
                "the first trial",
                lambda: log.read_text()[-4000:],
                JOB_SECONDS,
            )
            cluster.kill(0)
        assert "Lost executor" in log.read_text()
        assert (
            api.run(path, workspace=str(shared), select="evaluate,promote", progress=Progress.silent()).exit_code == 0
        )
        with driver.job("score"):
            pass
        assert cluster.alive() == 1
    (expected, calm_rows), (trained, rows) = ended(path, calm), ended(path, shared)
    assert (trained.chosen, trained.family, trained.params) == (expected.chosen, expected.family, expected.params)
    assert [each.status for each in trained.trials] == ["finished"] * 2
    for here, there in zip(trained.trials, expected.trials, strict=True):
        # Numbers are summed part by part, and the same parts in another order may move the last of 16 digits. One of
        # xgboost's two workers is gone: it sums gradients in 64 bits and keeps 32 of them, here the very same ones.
        assert here.fold_metrics == pytest.approx(there.fold_metrics, abs=1e-12), here.number
    assert rows.keys() == calm_rows.keys() == set(range(200))
    assert {key: row[0] for key, row in rows.items()} == {key: row[0] for key, row in calm_rows.items()}
    # Of 32 bits: with other rows, one worker's sums and two workers' have been seen to differ by 2 ** -23.
    assert max(abs(row[1] - calm_rows[key][1]) for key, row in rows.items()) <= 1e-6
