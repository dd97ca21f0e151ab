from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources.table import Table
from tests.builders import frame
from tests.sources.reading import accepted, read

ROWS = [(1, {"a": 1}, "x"), (1, {"a": 1}, "x"), (2, None, None)]
SCHEMA = "id int, `o d.d` map<string,int>, city string"


@pytest.fixture
def schema(spark: SparkSession) -> Iterator[str]:
    spark.sql("CREATE SCHEMA IF NOT EXISTS raw_of_tests")
    yield "raw_of_tests"
    spark.sql("DROP SCHEMA raw_of_tests CASCADE")


def test_a_table_of_the_catalog_is_told_by_its_rows(spark: SparkSession, schema: str) -> None:
    source = Table(table=f"{schema}.visits")
    frame(spark, SCHEMA, ROWS).write.format("parquet").saveAsTable(source.table)
    assert accepted(read(spark, source, "")) == ROWS
    before = source.files(spark, "")
    assert before[0].sha256.startswith("rows 3, hash ")
    frame(spark, SCHEMA, ROWS[::-1], 3).write.format("parquet").mode("overwrite").saveAsTable(source.table)
    assert source.files(spark, "") == before
    for other in (ROWS[1:], [ROWS[0], ROWS[2], ROWS[2]], [*ROWS[:2], (2, {}, None)], [*ROWS[:2], (2, None, "")]):
        spark.createDataFrame(other, SCHEMA).createOrReplaceTempView("visits_of_tests")
        assert Table(table="visits_of_tests").files(spark, "")[0].sha256 != before[0].sha256
    spark.catalog.dropTempView("visits_of_tests")


def test_a_delta_table_is_told_by_its_version(spark: SparkSession, schema: str) -> None:
    source = Table(table=f"{schema}.visits", columns={"id": "bigint"})
    frame(spark, "id int", [(1,)]).write.format("delta").saveAsTable(source.table)
    assert source.files(spark, "")[0].sha256.endswith("@0")
    assert accepted(read(spark, source, "")) == [(1,)]
    with pytest.raises(DataError, match="has no column 'ids'"):
        read(spark, Table(table=source.table, columns={"ids": "int"}), "")


def test_a_table_that_is_not_there_is_told(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"table: `nowhere`\.`visits` is not a table"):
        Table(table="nowhere.visits").files(spark, str(tmp_path))
    with pytest.raises(ValidationError, match="is not a table's name"):
        Table(table="a..b")
