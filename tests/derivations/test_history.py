"""What was known of an entity's past rows when a row came up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession

from builders import frame
from examples.derivations import at
from lakesmith.columns import Names
from lakesmith.derivations.history import History
from lakesmith.errors import ConfigError

SCHEMA = "id int, carrier string, due timestamp, known timestamp, late boolean"


def history(columns: dict[str, str], **more: Any) -> History:
    settings = {"by": ("carrier",), "over": "7 days", "time": "due", "known_at": "known", "columns": columns}
    return History.model_validate({**settings, **more})


def column(df: DataFrame, name: str) -> dict[int, Any]:
    return {row["id"]: row[name] for row in df.collect()}


def test_a_departure_at_23_50_is_not_known_at_00_30(spark: SparkSession) -> None:
    flights = frame(
        spark,
        SCHEMA,
        [
            (1, "UA", at("2013-01-01 23:50"), at("2013-01-02 02:10"), True),
            (2, "UA", at("2013-01-02 00:30"), at("2013-01-02 03:00"), False),
            (3, "UA", at("2013-01-02 02:10"), at("2013-01-02 04:00"), False),
            (4, "UA", at("2013-01-02 02:11"), at("2013-01-02 04:00"), False),
        ],
    )
    made = history({"seen": "count(late)"}).apply(flights, {})
    assert column(made, "seen") == {1: 0, 2: 0, 3: 0, 4: 1}


def test_a_value_is_seen_until_the_window_ends_to_the_microsecond(spark: SparkSession) -> None:
    known = at("2013-01-01 00:00")
    asking = [known + timedelta(days=7), known + timedelta(days=7, microseconds=1)]
    flights = frame(
        spark,
        SCHEMA,
        [(1, "UA", at("2012-12-31 22:00"), known, True), *[(n, "UA", t, None, None) for n, t in enumerate(asking, 2)]],
    )
    for sql in ("count(late)", "count_if(late)"):
        assert column(history({"seen": sql}).apply(flights, {}), "seen") == {1: 0, 2: 1, 3: 0}
    assert column(history({"worst": "max(late)"}).apply(flights, {}), "worst") == {1: None, 2: True, 3: None}


def test_a_row_never_sees_itself_even_where_its_value_was_known_before_its_time(spark: SparkSession) -> None:
    flights = frame(
        spark,
        SCHEMA,
        [
            (1, "UA", at("2013-01-02 00:00"), at("2013-01-01 00:00"), True),
            (2, "UA", at("2013-01-02 00:00"), at("2013-01-02 00:00"), True),
            (3, "UA", at("2013-01-02 00:01"), at("2013-01-03 00:00"), True),
        ],
    )
    assert column(history({"seen": "count(late)"}).apply(flights, {}), "seen") == {1: 0, 2: 0, 3: 2}


def test_rows_without_time_or_entity_stay_and_see_nothing(spark: SparkSession) -> None:
    flights = frame(
        spark,
        SCHEMA,
        [
            (1, "UA", at("2013-01-01 00:00"), at("2013-01-01 02:00"), True),
            (2, "UA", None, at("2013-01-01 03:00"), True),
            (3, None, at("2013-01-01 00:00"), at("2013-01-01 01:00"), True),
            (4, None, at("2013-01-02 00:00"), None, None),
            (5, "UA", at("2013-01-02 00:00"), None, None),
            (6, "B6", at("2013-01-02 00:00"), None, None),
        ],
    )
    made = history({"share": "avg(late)", "seen": "count(late)"}).apply(flights, {})
    assert column(made, "seen") == {1: 0, 2: 0, 3: 0, 4: 0, 5: 2, 6: 0}
    assert column(made, "share") == {1: None, 2: None, 3: None, 4: None, 5: 1.0, 6: None}


def test_count_star_counts_past_rows_and_not_the_rows_that_ask(spark: SparkSession) -> None:
    flights = frame(
        spark,
        SCHEMA,
        [
            (n, "UA", at("2013-01-01 00:00") + timedelta(hours=n), at("2013-01-01 00:30") + timedelta(hours=n), None)
            for n in range(4)
        ],
    )
    assert column(history({"rows": "count(*)"}).apply(flights, {}), "rows") == {0: 0, 1: 1, 2: 2, 3: 3}


def _naive(data: list[tuple[Any, ...]], days: float) -> dict[int, list[Any]]:
    seen: dict[int, list[Any]] = {}
    for row in data:
        due: datetime = row[2]
        first = due - timedelta(days=days)
        seen[row[0]] = [o[4] for o in data if o[1] == row[1] and o[3] is not None and first <= max(o[3], o[2]) < due]
    return seen


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("kind", ["int", "double", "decimal(10,2)"])
def test_every_aggregate_equals_a_search_through_all_rows(spark: SparkSession, kind: str, partitions: int) -> None:
    draw = random.Random(7)
    start = at("2013-01-01 00:00")
    data = []
    for number in range(120):
        due = start + timedelta(hours=draw.randrange(24 * 10))
        known = None if draw.random() < 0.1 else due + timedelta(hours=draw.randrange(1, 30))
        data.append((number, draw.choice("AB"), due, known, draw.choice([None, 1, 2, 3, 5])))
    typed = f"id int, carrier string, due timestamp, known timestamp, delay {kind}"
    raw = frame(spark, "id int, carrier string, due timestamp, known timestamp, delay int", data, partitions)
    made = history(
        {
            "mean": "avg(delay)",
            "total": "sum(delay)",
            "number": "count(delay)",
            "high": "max(delay)",
            "low": "min(delay)",
            "spread": "stddev(delay)",
            "large": "count_if(delay > 2)",
        },
        over="60 hours",
    ).apply(raw.withColumn("delay", raw["delay"].cast(kind)), {})
    assert typed
    seen = _naive(data, 2.5)
    for row in made.collect():
        values = [value for value in seen[row["id"]] if value is not None]
        number = len(values)
        mean = sum(values) / number if number else None
        assert row["number"] == number
        assert row["mean"] == (pytest.approx(mean, abs=1e-12) if number else None)
        assert (float(row["total"]) if row["total"] is not None else None) == (sum(values) if number else None)
        assert (row["high"], row["low"]) == ((max(values), min(values)) if number else (None, None))
        assert row["large"] == sum(value > 2 for value in values)
        if number > 1 and mean is not None:
            assert row["spread"] == pytest.approx((sum((v - mean) ** 2 for v in values) / (number - 1)) ** 0.5)
        else:
            assert row["spread"] is None


def test_each_history_adds_one_union_and_one_window_and_its_events_leave_other_histories_out(
    spark: SparkSession,
) -> None:
    flights = frame(spark, SCHEMA + ", dest string", [(1, "UA", at("2013-01-01 00:00"), None, True, "LAX")])
    airports = frame(spark, "dest string, lat double", [("LAX", 33.9)])
    made = flights.join(airports, "dest", "left")
    counts = []
    for step, by in enumerate(("carrier", "dest", "carrier"), 1):
        made = history({f"share_{step}": "avg(late)"}, by=(by,)).apply(made, {})
        plan = made._jdf.queryExecution().optimizedPlan().toString()
        counts.append((plan.count("Window ["), plan.count("Union"), plan.count("Join ")))
    # Spark cannot know that a left join keeps the rows, so each history reads the joins before it once more.
    assert counts == [(1, 1, 2), (2, 2, 3), (3, 3, 4)]


def test_history_takes_dates_and_names_with_dots(spark: SparkSession) -> None:
    rides = frame(
        spark,
        "id int, `the.station` string, `due.day` date, known date, `n.rides` int",
        [(n, "x", at(f"2013-01-0{n}").date(), at(f"2013-01-0{n}").date(), n) for n in (1, 2, 3)],
    )
    step = history({"past. rides": "sum(`n.rides`)"}, by=("the.station",), time="due.day")
    assert column(step.apply(rides, {}), "past. rides") == {1: None, 2: 1, 3: 3}


@pytest.mark.parametrize("sql", ["avg(late) + 1", "avg(late) + avg(late)", "median(late)", "late", "avg(late, late)x"])
def test_history_refuses_anything_but_one_known_aggregate(sql: str) -> None:
    with pytest.raises(ValidationError):
        history({"share": sql})


@pytest.mark.parametrize("over", ["0 days", "a week", "-7 days"])
def test_history_refuses_a_window_that_is_none(over: str) -> None:
    with pytest.raises(ValidationError):
        history({"share": "avg(late)"}, over=over)


@pytest.mark.parametrize("sql", ["avg(carrier)", "count_if(id)"])
def test_history_refuses_values_an_aggregate_cannot_take(spark: SparkSession, sql: str) -> None:
    flights = frame(spark, SCHEMA, [(1, "UA", None, None, True)])
    with pytest.raises(ConfigError) as caught:
        history({"share": sql}).apply(flights, {})
    assert caught.value.key == "columns.share"


def test_history_refuses_times_that_are_text(spark: SparkSession) -> None:
    flights = frame(spark, "id int, carrier string, due string, known timestamp, late boolean", [])
    with pytest.raises(ConfigError, match="'due' is string"):
        history({"share": "avg(late)"}).apply(flights, {})


def test_history_names_what_is_missing() -> None:
    with pytest.raises(ConfigError, match="'known' is not a column") as caught:
        history({"share": "avg(late)"}).columns_after(Names("flights", ("carrier", "due", "late")), {})
    assert caught.value.key == "known_at"
