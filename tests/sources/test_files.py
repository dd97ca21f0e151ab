from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources import files
from tests.sources.reading import write


def test_a_folder_a_glob_and_a_file_are_found_hashed_and_sorted(spark: SparkSession, tmp_path: Path) -> None:
    data = write(
        tmp_path, **{"in/b__csv": "2", "in/a__csv": "1", "in/deep/c__csv": "3", "in/_SUCCESS": "", "in/.x": ""}
    )
    found = files.input_files(spark, "in", data)
    assert [(Path(each.path).name, each.size) for each in found] == [("a.csv", 1), ("b.csv", 1), ("c.csv", 1)]
    assert found[0].sha256 == hashlib.sha256(b"1").hexdigest()
    assert [each.path for each in files.input_files(spark, "in/*.csv", data)] == [each.path for each in found[:2]]
    assert files.input_files(spark, str(tmp_path / "in" / "b.csv"), "/elsewhere") == found[1:2]
    assert files.input_files(spark, (tmp_path / "in" / "b.csv").as_uri(), "/elsewhere") == found[1:2]


def test_what_is_missing_is_told_with_its_whole_path(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=rf"{tmp_path}/nowhere does not exist.*`path`"):
        files.input_files(spark, "nowhere", str(tmp_path))
    with pytest.raises(DataError, match=rf"no file matches {tmp_path}/\*\.csv"):
        files.input_files(spark, "*.csv", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="s3x://bucket/x cannot be read"):
        files.input_files(spark, "s3x://bucket/x", str(tmp_path))


def test_a_spark_path_takes_no_character_for_a_pattern() -> None:
    assert files.spark_path("/a [b]{c}*.csv") == r"/a \[b\]\{c\}\*.csv"
