"""One SparkSession for the whole test run; a fresh project folder for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith import session
from lakesmith.tables import Tables


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
