"""One SparkSession for the whole test run; a fresh project folder for each test that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith import session
from lakesmith.tables import Tables

# Of this JVM and of those that tests start as processes of their own. Each lives for seconds or minutes, on two cores:
# the optimising compiler takes more of them than it gives back. Its absence shrinks the default code cache to 48 MB,
# which Spark's generated classes fill; then nothing is compiled any more.
JVM = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=400m"
os.environ.setdefault("SPARK_SUBMIT_OPTS", JVM)
os.environ.setdefault("SPARK_LAUNCHER_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    warehouse = tmp_path_factory.mktemp("warehouse")
    settings = {"spark.sql.warehouse.dir": str(warehouse), "spark.driver.memory": "3g"}
    started = session.start("lakesmith tests", master="local[2]", settings=settings)
    yield started
    started.stop()


@pytest.fixture
def tables(spark: SparkSession, tmp_path: Path) -> Tables:
    return Tables(spark, folder=tmp_path / "tables")
