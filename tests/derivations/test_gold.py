"""The shape of gold: column types a model signature can name, and a digest of each row."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from builders import frame
from lakesmith.derivations.gold import digest_of, is_known, own_columns, with_signature_types
from lakesmith.errors import ConfigError


def test_gold_types_are_those_of_a_model_signature(spark: SparkSession) -> None:
    wide = spark.sql(
        "select 1.5bd as price, cast(7 as decimal(12,0)) as id, timestamp_ntz'2013-01-01 00:00:00' as due, "
        "1Y as tiny, 2S as small, float(1.5) as ratio, true as flag, null as empty, date'2013-01-01' as day"
    )
    gold, casts = with_signature_types(wide)
    assert [field.dataType.simpleString() for field in gold.schema.fields] == [
        "double", "bigint", "timestamp", "int", "int", "double", "boolean", "string", "date"
    ]  # fmt: skip
    assert casts["price"] == "decimal(2,1) → double"
    assert "flag" not in casts
    assert str(gold.first()["due"]) == "2013-01-01 00:00:00"  # type: ignore[index]


def test_gold_refuses_a_column_no_model_can_take(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="'tags' of gold is array<string>"):
        with_signature_types(frame(spark, "id int, tags array<string>", []))


def test_arrays_of_numbers_become_arrays_of_doubles(spark: SparkSession) -> None:
    wide, changes = with_signature_types(frame(spark, "a array<smallint>, b array<double>", [([1, None], [2.5])]))
    assert (wide.schema.simpleString(), changes) == (
        "struct<a:array<double>,b:array<double>>",
        {"a": "array<smallint> → array<double>"},
    )
    assert wide.first() == ([1.0, None], [2.5])


def test_own_columns_leaves_lakesmiths_columns_out(spark: SparkSession) -> None:
    assert own_columns(frame(spark, "`a.b` int, _lakesmith_file string", [])).columns == ["a.b"]


def test_digest_tells_null_from_empty_and_neighbours_that_moved(spark: SparkSession) -> None:
    texts = frame(spark, "a string, b string", [("x", None), (None, "x"), ("", "x"), ("x", ""), (None, None), ("", "")])
    assert texts.select(digest_of(texts)).distinct().count() == 6


def test_digest_changes_with_the_name_and_type_of_a_column(spark: SparkSession) -> None:
    one = frame(spark, "a int", [(1,)])
    digests = [df.select(digest_of(df)).first() for df in (one, one.toDF("b"), one.select(F.col("a").cast("bigint")))]
    assert len({row[0] for row in digests if row}) == 3


def test_a_label_of_nan_is_not_known(spark: SparkSession) -> None:
    labels = frame(spark, "label double", [(1.0,), (float("nan"),), (None,)])
    assert labels.where(is_known(labels, "label")).count() == 1
