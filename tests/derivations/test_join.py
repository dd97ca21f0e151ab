"""Columns of another silver table, looked up by key."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import SparkSession

from builders import count_jobs, frame, rows
from lakesmith.columns import Names
from lakesmith.derivations.join import Join
from lakesmith.errors import ConfigError, DataError

FLIGHTS = "flight int, origin string, hour int"
WEATHER = "origin string, hour int, temp double"


def weather_join(**more: object) -> Join:
    return Join.model_validate({"with": "weather", "on": ["origin", "hour"], "columns": ["temp"], **more})


def test_join_writes_its_key_with_as_the_file_does() -> None:
    join = weather_join()
    text = join.model_dump_json()
    assert json.loads(text)["with"] == "weather"
    assert Join.model_validate_json(text, strict=True) == join


def test_join_puts_the_prefix_before_new_names(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5)])
    weather = frame(spark, WEATHER, [("EWR", 5, 39.0)])
    joined = weather_join(prefix="weather_").apply(flights, {"weather": weather})
    assert joined.columns == ["flight", "origin", "hour", "weather_temp"]
    assert rows(joined) == [(1, "EWR", 5, 39.0)]


def test_join_of_a_table_with_itself_finds_the_right_columns(spark: SparkSession) -> None:
    flights = frame(spark, "flight int, next_flight int, delay int", [(1, 2, 10), (2, None, 20)])
    step = Join.model_validate({"with": "flights", "on": {"next_flight": "flight"}, "columns": {"delay": "next_delay"}})
    assert rows(step.apply(flights, {"flights": flights})) == [(1, 2, 10, 20), (2, None, 20, None)]


def test_join_refuses_a_repeated_key_with_at_most_five_examples(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5)])
    repeated = [("EWR", hour, 1.0) for hour in range(7) for _ in range(2)] + [("JFK", 1, 1.0)] * 3
    with pytest.raises(DataError, match=r"origin=JFK, hour=1 \(3 rows\)") as caught:
        weather_join().check(flights, {"weather": frame(spark, WEATHER, repeated)})
    assert caught.value.message.count("rows)") == 5


def test_join_does_not_mind_null_keys_that_repeat_in_the_other_table(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5), (2, None, 5)])
    weather = frame(spark, WEATHER, [("EWR", 5, 39.0), (None, 5, 1.0), (None, 5, 2.0)])
    assert weather_join().check(flights, {"weather": weather})["unmatched"] == 1
    assert rows(weather_join().apply(flights, {"weather": weather})) == [(1, "EWR", 5, 39.0), (2, None, 5, None)]


def test_join_tells_the_unmatched_share_and_stops_when_it_is_too_large(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5), (2, "EWR", 6), (3, None, 5), (4, "EWR", 5)])
    tables = {"weather": frame(spark, WEATHER, [("EWR", 5, 39.0)])}
    told = weather_join(max_unmatched_share=0.5).check(flights, tables)
    assert told == {"with": "weather", "rows": 4, "unmatched": 2, "unmatched_share": 0.5}
    with pytest.raises(DataError, match=r"2 of 4 rows \(50\.00%\) have no match"):
        weather_join(max_unmatched_share=0.4).check(flights, tables)


def test_join_of_empty_tables_tells_a_share_of_zero(spark: SparkSession) -> None:
    tables = {"weather": frame(spark, WEATHER, [])}
    assert weather_join().check(frame(spark, FLIGHTS, []), tables)["unmatched_share"] == 0.0


def test_join_refuses_keys_of_different_sorts(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5)])
    weather = frame(spark, "origin string, hour string, temp double", [("EWR", "5", 39.0)])
    with pytest.raises(ConfigError, match="'hour' is int here and 'hour' is string in 'weather'"):
        weather_join().apply(flights, {"weather": weather})


def test_join_refuses_a_name_that_is_taken() -> None:
    names = Names("flights", ("flight", "origin", "hour", "temp"))
    with pytest.raises(ConfigError, match="'temp' is already a column") as caught:
        weather_join().columns_after(names, {"weather": Names("weather", ("origin", "hour", "temp"))})
    assert caught.value.key == "columns[0]"


def test_join_takes_names_with_dots_and_backticks(spark: SparkSession) -> None:
    flights = frame(spark, "`tail.num` string", [("N1",)])
    planes = frame(spark, "`the ``tail``` string, `year.built` int", [("N1", 2004)])
    step = Join.model_validate(
        {"with": "planes", "on": {"tail.num": "the `tail`"}, "columns": {"year.built": "built. year"}}
    )
    assert rows(step.apply(flights, {"planes": planes})) == [("N1", 2004)]


def test_join_is_verified_by_as_many_jobs_for_many_columns_as_for_one(spark: SparkSession) -> None:
    flights = frame(spark, FLIGHTS, [(1, "EWR", 5)])

    def jobs(width: int) -> int:
        columns = [f"c{n}" for n in range(width)]
        schema = "origin string, hour int, " + ", ".join(f"{name} int" for name in columns)
        other = frame(spark, schema, [("EWR", 5, *range(width))])
        with count_jobs(spark) as counted:
            weather_join(columns=columns).check(flights, {"weather": other})
        return counted.count

    assert jobs(1) == jobs(60)
