from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from lakesmith.cleaning.chain import StepCounts, broken_rules, counted, walk
from lakesmith.errors import ConfigError, located
from tests.builders import count_jobs, frame, rows
from tests.cleaning.test_steps import step

STEPS = [
    step(kind="trim_text"),
    step(kind="cast", columns={"amount": "int"}),
    step(kind="expect", rule="amount < 100", otherwise="warn"),
    step(kind="drop_nulls", columns=["amount"], otherwise="drop"),
    step(kind="rename", columns={"amount": "euros"}),
    step(kind="keep_rows", where="euros > 0"),
]


def _visits(spark: SparkSession) -> DataFrame:
    given = [(1, " 5 "), (2, "x"), (3, None), (4, "-1"), (5, "200"), (6, "")]
    return frame(spark, "id int, amount string", given, partitions=2)


def test_every_row_of_every_step_is_counted_in_one_action(spark: SparkSession) -> None:
    passage = counted(_visits(spark), STEPS, lambda _: nullcontext(), "visits")
    assert rows(passage.frame) == [(1, 5), (5, 200)]
    assert passage.rows == (6, 2)
    assert passage.counts() == [
        StepCounts(kept=6),
        StepCounts(kept=4, quarantined=2),
        StepCounts(kept=4, broken=2, rule="expect: amount < 100"),
        StepCounts(kept=3, dropped=1),
        StepCounts(kept=3),
        StepCounts(kept=2, quarantined=1),
    ]


def test_no_rows_and_no_steps_are_counted_too(spark: SparkSession) -> None:
    empty = counted(_visits(spark).limit(0), STEPS, lambda _: nullcontext(), "visits")
    plain = counted(_visits(spark), [], lambda _: nullcontext(), "visits")
    assert (empty.frame.count(), plain.frame.count()) == (0, 6)
    assert (empty.rows, plain.rows, plain.counts()) == ((0, 0), (6, 6), [])


def test_rows_are_counted_where_none_is_left_before_an_exchange(spark: SparkSession) -> None:
    steps = [step(kind="keep_rows", where="id < 0", otherwise="drop"), step(kind="drop_duplicates")]
    passage = counted(_visits(spark), steps, lambda _: nullcontext(), "visits")
    assert rows(passage.frame) == []
    assert (passage.rows, passage.counts()) == ((6, 0), [StepCounts(kept=0, dropped=6), StepCounts(kept=0)])


def test_the_rejected_rows_of_each_step_are_there_for_a_second_look(spark: SparkSession) -> None:
    stops = list(walk(_visits(spark), STEPS, lambda _: nullcontext(), "visits"))
    rejected = {stop.position: rows(stop.sifted.rejected) for stop in stops if stop.sifted.rejected is not None}
    assert {position: [row[0] for row in found] for position, found in rejected.items()} == {1: [2, 6], 5: [4]}


def test_rules_that_must_hold_are_asked_in_one_pass_where_they_stand(spark: SparkSession) -> None:
    steps = [
        step(kind="expect", rule="amount IS NOT NULL"),
        step(kind="cast", columns={"amount": "int"}, on_error="null"),
        step(kind="expect", rule="amount < 100", name="small"),
        step(kind="expect", rule="id > 0"),
    ]
    before = _visits(spark)
    with count_jobs(spark) as jobs:
        broken = broken_rules(before, steps, lambda _: nullcontext(), "visits")
    assert [(each.position, each.told, each.count) for each in broken] == [
        (0, "expect: amount IS NOT NULL", 1),
        (2, "expect: small", 4),
    ]
    assert rows(broken[1].examples) == [(2, None), (3, None), (5, 200), (6, None)]
    assert jobs.count <= 2


def test_no_rule_that_must_hold_means_no_job(spark: SparkSession) -> None:
    before = _visits(spark)
    with count_jobs(spark) as jobs:
        assert broken_rules(before, STEPS, lambda _: nullcontext(), "visits") == []
    assert jobs.count == 0


@pytest.mark.parametrize("fields", [{"kind": "drop_nulls", "columns": ["amuont"]}])
def test_a_step_that_does_not_fit_is_told_in_its_place(spark: SparkSession, fields: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigError, match=r"clean\.visits\[1\]\.columns\[0\]: 'amuont' is not a column of visits.*'amount'"
    ):
        counted(
            _visits(spark), [step(kind="trim_text"), step(**fields)], lambda i: located(f"clean.visits[{i}]"), "visits"
        )
