from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakesmith.sources.strict import Formats, typed
from tests.builders import frame

CHANGED = {
    "int": ["12a", "1.5", "1.0", "2147483648", "1e3", "", "１２"],
    "bigint": ["9223372036854775808"],
    "double": ["1d", "1e999", "0x1p3", "1,5", "-1e400"],
    "float": ["1e39"],
    "decimal(5,2)": ["1.005", "1000.00", "1e2", "１２", "."],
    "decimal(3,0)": ["1.5"],
    "date": ["2024-01-05 23:59", "2024", "2024-02-30", "05.01.2024", "2024-1-5"],
    "timestamp": [
        "10:00",
        "2024-01-05",
        "2024-01-05 25:00",
        "2024-01-05 10:00:00.1234567",
        "2024-01-05 10:00 Mars/Base",
    ],
    "timestamp_ntz": ["2024-01-05T10:00:00Z"],
    "boolean": ["maybe", "2"],
}
KEPT: dict[str, dict[str, Any]] = {
    "int": {" 7 ": 7, "+7": 7, "-0": 0},
    "double": {"-inf": float("-inf"), "1e-999": 0.0, "1.": 1.0, ".5": 0.5, "Infinity": float("inf")},
    "decimal(5,2)": {"1.5000": Decimal("1.50"), ".5": Decimal("0.50"), "-3": Decimal("-3.00")},
    "decimal(3,0)": {"12.00": Decimal(12)},
    "date": {"2024-01-05": date(2024, 1, 5)},
    "timestamp": {
        "2024-01-05 10:00": datetime(2024, 1, 5, 10),
        "2024-01-05T10:00+02:00": datetime(2024, 1, 5, 8),
        "2024-01-05 10:00:00.5Z": datetime(2024, 1, 5, 10, 0, 0, 500_000),
    },
    "timestamp_ntz": {"2024-01-05 10:00:01": datetime(2024, 1, 5, 10, 0, 1)},
    "boolean": {"TRUE": True, "no": False, "1": True},
}


def _values(spark: SparkSession, type_: str, texts: list[str], formats: Formats) -> list[Any]:
    df = frame(spark, "text string", [(text,) for text in texts]).coalesce(1)
    return [row[0] for row in df.select(typed(F.col("text"), type_, formats)).collect()]


def test_a_text_that_its_type_would_change_becomes_null(spark: SparkSession) -> None:
    found = {type_: _values(spark, type_, texts, Formats()) for type_, texts in CHANGED.items()}
    assert found == {type_: [None] * len(texts) for type_, texts in CHANGED.items()}


def test_other_spellings_of_a_value_are_accepted(spark: SparkSession) -> None:
    found = {type_: _values(spark, type_, list(texts), Formats()) for type_, texts in KEPT.items()}
    assert found == {type_: list(texts.values()) for type_, texts in KEPT.items()}


def test_words_are_no_numbers_where_the_format_has_none(spark: SparkSession) -> None:
    df = frame(spark, "text string", [("Infinity",)])
    assert df.select(typed(F.col("text"), "double", Formats(), words_for_not_finite=False)).first()[0] is None


def test_a_time_that_the_clock_skipped_becomes_null(spark: SparkSession) -> None:
    berlin = Formats(timestamp="dd.MM.yyyy HH:mm", time_zone="Europe/Berlin")
    assert _values(spark, "timestamp", ["31.03.2024 02:30"], berlin) == [None]
    assert _values(
        spark, "timestamp", ["2024-03-31 02:30", "2024-03-31 03:30"], Formats(time_zone="Europe/Berlin")
    ) == [
        None,
        datetime(2024, 3, 31, 1, 30),
    ]


def test_formats_do_not_depend_on_the_zone_of_the_session(spark: SparkSession) -> None:
    formats = Formats(date="d.M.yyyy", timestamp="dd.MM.yyyy HH:mm", time_zone="UTC")
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        df = frame(spark, "text string", [("31.03.2024 02:30",)])
        instant, local = (typed(F.col("text"), each, formats) for each in ("timestamp", "timestamp_ntz"))
        row = df.select(F.unix_micros(instant), local.cast("string"), typed(F.lit("5.1.2024"), "date", formats)).first()
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert tuple(row) == (1_711_852_200_000_000, "2024-03-31 02:30:00", date(2024, 1, 5))
