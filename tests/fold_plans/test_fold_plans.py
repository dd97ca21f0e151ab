from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakesmith.columns import Names
from lakesmith.errors import ConfigError, DataError
from lakesmith.fold_plans import FOLD_PLANS, AnyFoldPlan, FoldPlan
from lakesmith.fold_plans.defaults import default_plan
from lakesmith.splits import RowFacts
from tests.builders import count_jobs, frame
from tests.examples.fold_plans import EXAMPLES

ADAPTER: TypeAdapter[FoldPlan] = TypeAdapter(AnyFoldPlan)
BARE = RowFacts(key=("id",), label="y")
TIMED = RowFacts(key=("id",), label="y", time="at")
GROUPED = RowFacts(key=("id",), label="y", group="tail")


def plan(kind: str, **fields: Any) -> FoldPlan:
    return ADAPTER.validate_json(json.dumps({"kind": kind, **fields}), strict=True)


@pytest.fixture(scope="module")
def days(spark: SparkSession) -> Iterator[DataFrame]:
    """One row per day: 41 days, ids 0 … 40, seven tails."""
    start = datetime(2024, 1, 1)
    rows = [(i, start + timedelta(days=i), f"t{i % 7}") for i in range(41)]
    cached = frame(spark, "id int, at timestamp, tail string", rows).cache()
    yield cached
    cached.unpersist()


def sides(rows: DataFrame, a_plan: FoldPlan, facts: RowFacts, seed: int = 7) -> list[tuple[set[Any], set[Any]]]:
    folds = a_plan.folds(rows, facts, seed)
    flags = [F.col("id")]
    for i, fold in enumerate(folds):
        flags += [fold.train.alias(f"t{i}"), fold.validation.alias(f"v{i}")]
    found = rows.select(*flags).collect()
    return [
        ({row["id"] for row in found if row[f"t{i}"]}, {row["id"] for row in found if row[f"v{i}"]})
        for i in range(len(folds))
    ]


def test_every_plan_has_an_example() -> None:
    assert set(FOLD_PLANS.kinds) == set(EXAMPLES)


def test_hashed_parts_cover_every_row_once(days: DataFrame) -> None:
    found = sides(days, plan("hashed", k=4), BARE)
    everyone = set(range(41))
    assert sorted(i for _, validation in found for i in validation) == sorted(everyone)
    assert all(train == everyone - validation for train, validation in found)


def test_folds_do_not_move_under_repartition_and_do_with_the_seed(days: DataFrame) -> None:
    hashed = plan("hashed", k=3)
    assert sides(days.repartition(8), hashed, BARE) == sides(days, hashed, BARE)
    assert sides(days, hashed, BARE, seed=8) != sides(days, hashed, BARE)


def test_group_folds_keep_a_group_on_one_side(days: DataFrame) -> None:
    for train, validation in sides(days, plan("group", k=3), GROUPED):
        assert not {i % 7 for i in train} & {i % 7 for i in validation}


def test_group_folds_refuse_rows_without_a_group(spark: SparkSession) -> None:
    rows = frame(spark, "id int, tail string", [(1, "a"), (2, None)])
    with pytest.raises(DataError, match="1 training rows have no group in 'tail'"):
        plan("group").folds(rows, GROUPED, 0)


def test_expanding_windows_train_on_everything_before_the_gap(days: DataFrame) -> None:
    found = sides(days, plan("expanding", windows=3, gap="2 days"), TIMED)
    assert found == [
        (set(range(8)), set(range(10, 20))),
        (set(range(18)), set(range(20, 30))),
        (set(range(28)), set(range(30, 41))),
    ]


def test_first_share_says_where_the_first_window_begins(days: DataFrame) -> None:
    found = sides(days, plan("expanding", windows=2, first_share=0.5), TIMED)
    assert [min(validation) for _, validation in found] == [20, 30]


def test_expanding_windows_take_one_job(spark: SparkSession, days: DataFrame) -> None:
    days.count()
    with count_jobs(spark) as few:
        plan("expanding", windows=2).folds(days, TIMED, 0)
    with count_jobs(spark) as many:
        plan("expanding", windows=30).folds(days, TIMED, 0)
    assert few.count == many.count <= 2  # one action; its exchange is a job of its own under adaptive execution


@pytest.mark.parametrize("time_type", ["date", "timestamp_ntz"])
def test_windows_work_on_dates_and_times_without_zone(spark: SparkSession, time_type: str) -> None:
    rows = frame(spark, "id int, at date", [(i, date(2024, 1, 1 + i)) for i in range(9)])
    rows = rows.withColumn("at", F.col("at").cast(time_type))
    assert sides(rows, plan("expanding", windows=1), TIMED) == [({0, 1, 2, 3}, {4, 5, 6, 7, 8})]


def test_a_gap_longer_than_the_first_span_is_told(days: DataFrame) -> None:
    with pytest.raises(DataError, match="no row is left to train the first window: the span before it is 10 days"):
        plan("expanding", windows=3, gap="2 weeks").folds(days, TIMED, 0)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(1, datetime(2024, 1, 1)), (2, None)], "1 training rows have no time"),
        ([(1, datetime(2024, 1, 1)), (2, datetime(2024, 1, 1))], "one and the same time"),
        ([], "no training row has a time"),
    ],
)
def test_times_that_make_no_windows_are_told(spark: SparkSession, rows: list[tuple[Any, ...]], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        plan("expanding").folds(frame(spark, "id int, at timestamp", rows), TIMED, 0)


def test_hold_out_takes_the_last_span_when_a_time_is_declared(days: DataFrame) -> None:
    assert sides(days, plan("hold_out", share=0.25, gap="1 day"), TIMED) == [(set(range(29)), set(range(30, 41)))]


def test_hold_out_by_hash_holds_out_about_its_share(days: DataFrame) -> None:
    ((train, validation),) = sides(days, plan("hold_out", share=0.3), BARE)
    assert train | validation == set(range(41))
    assert not train & validation
    assert 5 <= len(validation) <= 20


def test_hold_out_keeps_whole_groups_where_groups_are_declared(days: DataFrame) -> None:
    ((train, validation),) = sides(days, plan("hold_out", share=0.6), GROUPED)
    assert validation
    assert not {i % 7 for i in train} & {i % 7 for i in validation}


@pytest.mark.parametrize(("kind", "word"), [("expanding", "time"), ("group", "group")])
def test_a_plan_without_its_column_is_a_config_error(kind: str, word: str) -> None:
    with pytest.raises(ConfigError, match=f"need a {word} column"):
        plan(kind).columns_needed(BARE, Names("gold", ("id", "y")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "expanding", "gap": "1 month"},
        {"kind": "expanding", "gap": "-1 day"},
        {"kind": "expanding", "first_share": 1.0},
        {"kind": "hashed", "k": 1},
        {"kind": "hold_out", "share": 0},
    ],
)
def test_an_impossible_plan_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plan(**wrong)


@pytest.mark.parametrize(
    ("facts", "split", "rows", "told"),
    [
        (TIMED, "time", 1_000, "3 expanding windows"),
        (TIMED, "time", 200_000, "a hold-out of 20% of the time, the last"),
        (TIMED, "hash", 1_000, "3 folds by a hash of the key"),
        (TIMED, "hash", 300_000, "a hold-out of 20% of the rows"),
        (GROUPED, "group", 1_000, "3 folds of whole groups"),
        (GROUPED, "group", 500_000, "a hold-out of 20% of the groups"),
    ],
)
def test_the_default_plan_judges_as_the_split_does(facts: RowFacts, split: str, rows: int, told: str) -> None:
    chosen, reason = default_plan(facts, split, rows)
    assert chosen.told() == told
    assert (f"{rows:,} training rows" in reason) is (rows >= 200_000)
