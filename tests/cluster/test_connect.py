"""A whole project through Spark Connect: a server on this machine, and clients without a JVM of their own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakesmith import session
from small_projects import visits, write_project
from tests.cluster.standalone import LOOPBACK, SPARK_HOME, free_port, running, wait_for

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
SECONDS = 400.0
SETTINGS = {
    "spark.connect.grpc.binding.address": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
}
WITHOUT_JVM = """\
import sys
from pyspark import SparkContext
from lakesmith.cli import app
try:
    app(sys.argv[1:])
finally:
    assert SparkContext._gateway is None
"""

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Server:
    """The address of a server, and the command line as a client of it."""

    port: int

    def lakesmith(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        told = {**os.environ, "SPARK_REMOTE": f"sc://{LOOPBACK}:{self.port}", "NO_COLOR": "1"}
        command = [sys.executable, "-c", WITHOUT_JVM, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=told, timeout=SECONDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    missing = [each for each in ("grpc", "grpc_status", "zstandard") if importlib.util.find_spec(each) is None]
    if missing:
        pytest.fail(f"{', '.join(missing)}: not installed; `pip install 'lakesmith[connect]'`", pytrace=False)
    folder, port = tmp_path_factory.mktemp("connect"), free_port()
    settings = {
        **SETTINGS,
        **session.ALWAYS,
        **session._delta_jars(False),
        "spark.connect.grpc.binding.port": str(port),
    }
    command = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", "local[2]", "--class", SERVER]
    command += [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    log = folder / "log"
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": LOOPBACK}
    with running([*command, "spark-internal"], folder, environment, log) as process:
        wait_for(
            lambda: "Spark Connect server started" in log.read_text() or process.poll() is not None,
            "the Spark Connect server", lambda: log.read_text()[-3000:], SECONDS,
        )  # fmt: skip
        assert process.poll() is None, log.read_text()[-3000:]
        yield Server(port)


def test_all_stages_run_through_spark_connect(server: Server, tmp_path: Path) -> None:
    path = write_project(tmp_path, visits(160), trials=1)
    ran = server.lakesmith("run", str(path))
    assert ran.returncode == 0, ran.stdout[-1000:] + ran.stderr[-3000:]
    assert "160 predictions inserted" in ran.stderr
    assert "@challenger @champion" in ran.stdout


def test_a_family_that_needs_a_jvm_is_refused_in_words_before_anything_is_computed(
    server: Server, tmp_path: Path
) -> None:
    path = write_project(
        tmp_path, visits(40), change=lambda text: text.replace("families:\n", "families:\n  - {kind: xgboost}\n")
    )
    ran = server.lakesmith("run", str(path))
    assert ran.returncode == 2
    assert "visits.yml:24 families[0]: xgboost cannot run on Spark Connect: " in ran.stderr
    assert "leave out xgboost" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.glob(".lakesmith/visits/tables/*"))


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    ran = Server(free_port()).lakesmith("run", str(write_project(tmp_path, visits(40))))
    assert ran.returncode == 5
    assert "no session of the Spark Connect server sc://127.0.0.1:" in ran.stderr
    assert "Traceback" not in ran.stderr
