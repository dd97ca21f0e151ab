from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources import FILE
from lakesmith.sources.delta import Delta
from tests.builders import frame
from tests.sources.reading import accepted, read


def test_a_version_is_read_as_it_was(spark: SparkSession, tmp_path: Path) -> None:
    for row in (1, 2):
        frame(spark, "a int", [(row,)]).write.format("delta").mode("append").save(str(tmp_path / "t"))
    newest, first = Delta(path="t"), Delta(path="t", version=0)
    assert accepted(read(spark, newest, str(tmp_path))) == [(1,), (2,)]
    assert accepted(read(spark, first, str(tmp_path))) == [(1,)]
    digests = [source.files(spark, str(tmp_path))[0].sha256 for source in (newest, first)]
    assert [digest[-2:] for digest in digests] == ["@1", "@0"]
    assert read(spark, newest, str(tmp_path)).records.first()[FILE] is None


def test_what_is_not_there_is_told(spark: SparkSession, tmp_path: Path) -> None:
    frame(spark, "a int", [(1,)]).write.format("delta").save(str(tmp_path / "t"))
    with pytest.raises(EnvironmentFault, match="not a Delta table"):
        Delta(path="nowhere").files(spark, str(tmp_path))
    with pytest.raises(DataError, match="no version 5, its newest is 0"):
        Delta(path="t", version=5).files(spark, str(tmp_path))
    with pytest.raises(DataError, match="'a' is int"):
        read(spark, Delta(path="t", columns={"a": "smallint"}), str(tmp_path))


@pytest.mark.parametrize("fields", [{}, {"path": "t", "table": "a.b"}])
def test_a_delta_source_has_one_place(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either `path` or `table`"):
        Delta.model_validate(fields)
