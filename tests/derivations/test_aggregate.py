"""One row per group instead of one per record."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from builders import frame, rows
from lakesmith.columns import Names
from lakesmith.derivations.aggregate import Aggregate
from lakesmith.errors import ConfigError


def test_aggregate_leaves_group_columns_and_aggregates_only() -> None:
    step = Aggregate(by=("day",), columns={"flights": "count(*)"})
    assert step.columns_after(Names("flights", ("day", "carrier")), {}).names == ("day", "flights")


def test_aggregate_refuses_a_new_name_equal_to_a_group_column() -> None:
    with pytest.raises(ConfigError, match="already a column"):
        Aggregate(by=("day",), columns={"day": "count(*)"}).columns_after(Names("flights", ("day",)), {})


def test_aggregate_takes_names_with_dots_and_expressions_over_aggregates(spark: SparkSession) -> None:
    flights = frame(spark, "`the.day` int, late int", [(1, 1), (1, 0), (2, 1)])
    step = Aggregate(by=("the.day",), columns={"late.share": "sum(late) / count(*)"})
    made = step.apply(flights, {})
    assert made.columns == ["the.day", "late.share"]
    assert rows(made) == [(1, 0.5), (2, 1.0)]
