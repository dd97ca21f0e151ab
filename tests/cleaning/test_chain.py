from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakesmith.cleaning.cells import Cells
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
        StepCounts(kept=6, cells=1),
        StepCounts(kept=4, quarantined=2, cells=0),
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


def test_changed_values_are_counted_with_the_rows_and_null_or_nan_kept_is_no_change(spark: SparkSession) -> None:
    nan, odd = float("nan"), "a.`b"
    given = [(" x", nan, 1, "5"), ("NA", None, 2, "5.0"), (None, 7.0, 3, "x"), ("y", 200.0, 4, None)]
    steps = [
        step(kind="trim_text", columns=[odd]),
        step(kind="standardize_nulls", columns=[odd]),
        step(kind="outliers", limits={"f": {"high": 100}}, action="clip"),
        step(kind="convert_units", columns=["i"], **{"from": "m", "to": "km"}),
        step(kind="parse_numbers", columns=["s"], on_error="quarantine"),
        step(kind="fill_nulls", values={"f": 0}),
        step(kind="drop_duplicates"),
    ]
    df = frame(spark, "o string, f double, i int, s string", given, partitions=2).withColumnRenamed("o", odd)
    passage = counted(df, steps, lambda _: nullcontext(), "visits")
    with count_jobs(spark) as with_counts:
        passage.frame.collect()
    plain = [stop.sifted.kept for stop in walk(df, steps, lambda _: nullcontext(), "visits")][-1]
    with count_jobs(spark) as without:
        plain.collect()
    # "5.0" is read as 5.0, "5" too, whose text is another one; the row with "x" is gone.
    assert [each.cells for each in passage.counts()] == [1, 1, 1, 4, 1, 2, None]
    assert passage.frame.columns == df.columns
    assert with_counts.count == without.count


def test_values_of_too_many_columns_are_not_counted(spark: SparkSession) -> None:
    wide = spark.range(2).select(*[F.lit(" x").alias(f"c{n}") for n in range(401)])
    most = step(kind="trim_text", columns=[f"c{n}" for n in range(400)])
    assert Cells.of(wide, step(kind="trim_text"), 0) is None
    assert Cells.of(wide, most, 0) is not None
    assert Cells.of(wide, step(kind="drop_nulls", columns=["c0"]), 0) is None
