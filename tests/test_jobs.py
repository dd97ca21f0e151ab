"""The job scripts as they are deployed: plain spark-submit on local[2], workers that import lakesmith from a zip."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

from lakesmith.job import run_stage
from small_projects import visits, write_project

ROOT = Path(__file__).parent.parent
STAGES = ("ingest", "clean", "derive", "train", "evaluate", "promote", "score")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a zip, as `make dist` writes it from the wheel."""
    path = tmp_path_factory.mktemp("dist") / "lakesmith.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((ROOT / "src" / "lakesmith").rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(ROOT / "src"))
    return path


def submitted(stage: str, project: Path, package: Path) -> subprocess.CompletedProcess[str]:
    """Runs one job script; the driver's interpreter has the requirements and is kept from the installed lakesmith."""
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    script = ROOT / "src" / "jobs" / f"{stage}.py"
    command = [str(submit), "--master", "local[2]", "--py-files", str(package), str(script), "--project", str(project)]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_every_script_is_short_and_names_its_stage() -> None:
    for stage in STAGES:
        text = (ROOT / "src" / "jobs" / f"{stage}.py").read_text()
        assert len(text.splitlines()) <= 40
        assert f'run_job("{stage}")' in text


def test_a_submitted_job_goes_on_where_others_have_ended_and_a_second_time_does_nothing(
    spark: SparkSession, tmp_path: Path, package: Path
) -> None:
    """`score` by spark-submit after the other stages; the cluster's test submits those too, and on a real cluster."""
    project = write_project(tmp_path, visits(160), trials=1)
    for stage in STAGES[:-1]:
        assert run_stage(stage, ["--project", str(project)]) == 0
    for told in ("160 predictions inserted", "nothing changed"):
        ran = submitted("score", project, package)
        assert ran.returncode == 0, f"{ran.stdout[-500:]} {ran.stderr[-3000:]}"
        assert told in ran.stdout + ran.stderr


def test_a_wrong_project_file_is_one_line_and_exit_code_2(tmp_path: Path, package: Path) -> None:
    project = write_project(tmp_path, change=lambda text: text.replace("one_hot", "one_hott"))
    ran = submitted("ingest", project, package)
    assert ran.returncode == 2
    told = ran.stdout + ran.stderr  # spark-submit passes on a driver's standard error as output
    assert "visits.yml:" in told
    assert "Did you mean 'one_hot'?" in told
    assert "Traceback" not in told
