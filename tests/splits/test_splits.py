"""Which rows a model may learn from, and which judge it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import frame
from examples.derivations import at
from lakesmith.columns import Names
from lakesmith.errors import ConfigError, DataError
from lakesmith.splits import RowFacts, Split
from lakesmith.splits.group import GroupSplit
from lakesmith.splits.hash import HashSplit
from lakesmith.splits.stratified import StratifiedSplit
from lakesmith.splits.time import TimeSplit

FACTS = RowFacts(key=("id",), label="label", time="due", group="user")
SPLITS: list[Split] = [
    HashSplit(validation=0.1, test=0.2),
    GroupSplit(test=0.3),
    StratifiedSplit(test=0.2),
    StratifiedSplit(method="exact", validation=0.1, test=0.2),
    TimeSplit(validation_from="1970-01-02", test_from="1970-01-04"),
]


def customers(spark: SparkSession, first: int, last: int, key_type: str = "int") -> DataFrame:
    ids = spark.range(first, last).select(F.col("id").cast(key_type))
    return ids.withColumns(
        {
            "label": F.when(F.col("id") % 5 == 0, "rare").otherwise("common"),
            "user": F.concat(F.lit("u"), (F.col("id") % 40).cast("string")),
            "due": F.timestamp_seconds(F.col("id") * 1200),
        }
    )


def membership(df: DataFrame, split: Split, frozen: dict[str, Any]) -> dict[int, str]:
    return {int(row[0]): row[1] for row in df.select("id", split.part(FACTS, frozen)).collect()}


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: f"{split.kind}-{getattr(split, 'method', '')}")
def test_no_row_moves_whatever_the_partitioning_the_key_type_or_the_rows_that_come(
    spark: SparkSession, split: Split
) -> None:
    few = customers(spark, 0, 400)
    frozen = split.freeze(few, FACTS, {})
    calm = membership(few.repartition(1), split, frozen)
    assert set(calm.values()) >= {"train", "test"}
    for partitions in (2, 8):
        again = few.repartition(partitions)
        assert membership(again, split, split.freeze(again, FACTS, {})) == calm
    many = customers(spark, 0, 600, "bigint")
    later = membership(many, split, split.freeze(many, FACTS, frozen))
    assert {key: later[key] for key in calm} == calm


def test_hash_gives_about_the_shares_and_another_seed_draws_anew(spark: SparkSession) -> None:
    rows = customers(spark, 0, 4000)
    parts = membership(rows, HashSplit(validation=0.1, test=0.2), {})
    shares = {part: list(parts.values()).count(part) / 4000 for part in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.1, "test": 0.2}, abs=0.03)
    assert membership(rows, HashSplit(validation=0.1, test=0.2, seed=1), {}) != parts


def test_a_larger_test_share_keeps_the_old_test_rows(spark: SparkSession) -> None:
    rows = customers(spark, 0, 500)
    small, large = (membership(rows, HashSplit(test=share), {}) for share in (0.1, 0.3))
    assert all(large[key] == "test" for key, part in small.items() if part == "test")


def test_group_keeps_all_rows_of_an_entity_on_one_side(spark: SparkSession) -> None:
    parts = membership(customers(spark, 0, 400), GroupSplit(test=0.3), {})
    assert all(parts[key] == parts[key % 40] for key in parts)


def test_exact_cuts_every_value_at_its_rounded_count(spark: SparkSession) -> None:
    rows = customers(spark, 0, 405)
    split = StratifiedSplit(method="exact", validation=0.1, test=0.2)
    parts = membership(rows, split, split.freeze(rows, FACTS, {}))
    rare = [part for key, part in parts.items() if key % 5 == 0]
    common = [part for key, part in parts.items() if key % 5]
    assert (len(rare), rare.count("test"), rare.count("validation")) == (81, 16, 8)
    assert (len(common), common.count("test"), common.count("validation")) == (324, 65, 32)


def test_exact_ranks_a_value_first_seen_later_and_starts_afresh_with_other_settings(spark: SparkSession) -> None:
    split = StratifiedSplit(method="exact", test=0.5)
    old = customers(spark, 0, 100).where("label = 'common'")
    frozen = split.freeze(old, FACTS, {})
    grown = split.freeze(customers(spark, 0, 200), FACTS, frozen)
    assert grown["thresholds"]["common"] == frozen["thresholds"]["common"]
    assert set(grown["thresholds"]) == {"common", "rare"}
    other = StratifiedSplit(method="exact", test=0.2).freeze(old, FACTS, frozen)
    assert other["thresholds"]["common"] != frozen["thresholds"]["common"]


def test_exact_refuses_a_column_with_too_many_values(spark: SparkSession) -> None:
    with pytest.raises(DataError, match="more than 1,000 values"):
        StratifiedSplit(by="id", method="exact").freeze(customers(spark, 0, 1100), FACTS, {})


def test_time_parts_begin_at_their_instants_in_utc(spark: SparkSession) -> None:
    split = TimeSplit(
        validation_from="2013-09-01", test_from="2013-10-01T02:00:00+02:00", test_until="2013-12-01T00:00:00Z"
    )
    times = ["2013-08-31 23:59:59", "2013-09-01", "2013-09-30 23:59", "2013-10-01", "2013-11-30 23:59", "2013-12-01"]
    rows = frame(spark, "id int, due timestamp", [(n, at(text)) for n, text in enumerate(times)])
    assert list(dict(sorted(membership(rows, split, {}).items())).values()) == [
        "train", "validation", "validation", "test", "test", "unlabelled"
    ]  # fmt: skip


def test_time_reads_a_date_column_as_its_midnight(spark: SparkSession) -> None:
    rows = frame(spark, "id int, due date", [(1, at("2013-09-30").date()), (2, at("2013-10-01").date())])
    assert membership(rows, TimeSplit(test_from="2013-10-01"), {}) == {1: "train", 2: "test"}


@pytest.mark.parametrize(
    "settings",
    [
        {"test_from": "October"},
        {"test_from": "2013-13-01"},
        {"test_from": "2013-10-01", "validation_from": "2013-10-01"},
        {"test_from": "2013-10-01", "test_until": "2013-09-01"},
    ],
)
def test_time_refuses_instants_that_are_none_or_out_of_order(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TimeSplit.model_validate(settings)


@pytest.mark.parametrize("split", [HashSplit, GroupSplit, StratifiedSplit])
def test_shares_must_leave_rows_to_train_on(split: type[Split]) -> None:
    with pytest.raises(ValidationError, match="no row to train on"):
        split.model_validate({"validation": 0.6, "test": 0.4})


@pytest.mark.parametrize(("split", "field"), [(GroupSplit(), "group"), (TimeSplit(test_from="2013-10-01"), "time")])
def test_a_split_says_which_column_the_project_must_declare(split: Split, field: str) -> None:
    bare = RowFacts(key=("id",), label="label")
    with pytest.raises(ConfigError, match=f"Declare `{field}:`"):
        split.columns_needed(bare, Names("gold", ("id", "label")))


def test_splits_name_the_columns_that_may_not_be_null() -> None:
    assert [split.needs_value(FACTS) for split in SPLITS] == [(), ("user",), (), ("label",), ("due",)]
