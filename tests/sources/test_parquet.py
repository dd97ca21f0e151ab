from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith.errors import DataError
from lakesmith.sources import FILE
from lakesmith.sources.parquet import Parquet
from tests.builders import frame
from tests.sources.reading import accepted, read


def _written(spark: SparkSession, folder: Path, schema: str, rows: list[tuple[object, ...]]) -> None:
    frame(spark, schema, rows).write.mode("append").parquet(str(folder))


def test_all_rows_are_accepted_with_their_file(spark: SparkSession, tmp_path: Path) -> None:
    _written(spark, tmp_path / "p", "`a.b` int, c string", [(1, "x")])
    reading = read(spark, Parquet(path="p"), str(tmp_path))
    assert (accepted(reading), reading.columns, reading.inferred) == ([(1, "x")], {"a.b": "int", "c": "string"}, True)
    assert reading.records.first()[FILE].startswith(str(tmp_path / "p"))


def test_a_declared_column_may_be_wider_and_others_are_left_out(spark: SparkSession, tmp_path: Path) -> None:
    _written(spark, tmp_path / "p", "a int, b string", [(1, "x")])
    assert accepted(read(spark, Parquet(path="p", columns={"a": "bigint"}), str(tmp_path))) == [(1,)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": "smallint"}, "'a' is int in .*declared is smallint"),
        ({"a": "string"}, "'a' is int"),
        ({"A": "int"}, "has no column 'A'"),
    ],
)
def test_another_schema_is_an_error(spark: SparkSession, tmp_path: Path, columns: dict[str, str], message: str) -> None:
    _written(spark, tmp_path / "p", "a int, b string", [(1, "x")])
    with pytest.raises(DataError, match=message):
        read(spark, Parquet(path="p", columns=columns), str(tmp_path))


def test_a_column_that_one_of_the_files_lacks_is_not_read_as_null(spark: SparkSession, tmp_path: Path) -> None:
    _written(spark, tmp_path / "p", "a int, b string", [(1, "x")])
    _written(spark, tmp_path / "p", "a int", [(2,)])
    with pytest.raises(DataError, match="has no column 'b'"):
        read(spark, Parquet(path="p", columns={"a": "int", "b": "string"}), str(tmp_path))
    assert accepted(read(spark, Parquet(path="p", columns={"a": "int"}), str(tmp_path))) == [(1,), (2,)]


def test_columns_in_folder_names_are_read(spark: SparkSession, tmp_path: Path) -> None:
    frame(spark, "a int, year int", [(1, 2023), (2, 2024)]).write.partitionBy("year").parquet(str(tmp_path / "p"))
    columns = {"a": "int", "year": "int"}
    assert accepted(read(spark, Parquet(path="p", columns=columns), str(tmp_path))) == [(1, 2023), (2, 2024)]


def test_a_file_that_is_not_whole_is_named(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "p.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"p\.parquet is not a whole Parquet file"):
        read(spark, Parquet(path="p.parquet"), str(tmp_path))
