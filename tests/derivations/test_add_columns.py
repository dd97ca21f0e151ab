"""Columns computed from the columns of the same row."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from builders import frame, rows
from lakesmith.columns import Names
from lakesmith.derivations.add_columns import AddColumns
from lakesmith.errors import ConfigError


def test_add_columns_replaces_a_column_in_its_place_and_keeps_the_others(spark: SparkSession) -> None:
    flights = frame(spark, "id int, delay int, carrier string", [(1, 20, "UA")])
    made = AddColumns(columns={"delay": "delay * 2", "was": "delay"}).apply(flights, {})
    assert made.columns == ["id", "delay", "carrier", "was"]
    assert rows(made) == [(1, 40, "UA", 20)]


def test_add_columns_takes_names_with_dots_backticks_and_umlauts(spark: SparkSession) -> None:
    odd = frame(spark, "`a.b` int, `tick``s` int, `größe` int", [(1, 2, 3)])
    made = AddColumns(columns={"sum. of `all`": "`a.b` + `tick``s` + `größe`"}).apply(odd, {})
    assert made.columns[-1] == "sum. of `all`"
    assert rows(made) == [(1, 2, 3, 6)]


def test_add_columns_says_that_its_columns_are_evaluated_together() -> None:
    step = AddColumns(columns={"doubled": "delay * 2", "quadrupled": "doubled * 2"})
    with pytest.raises(ConfigError, match="evaluated together") as caught:
        step.columns_after(Names("flights", ("delay",)), {})
    assert caught.value.key == "columns.quadrupled"


def test_add_columns_names_the_nearest_column() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'arr_delay'"):
        AddColumns(columns={"late": "arr_dely > 15"}).columns_after(Names("flights", ("arr_delay",)), {})


@pytest.mark.parametrize("name", ["DELAY", "_lakesmith_split"])
def test_add_columns_refuses_a_name_that_differs_in_case_or_is_reserved(name: str) -> None:
    with pytest.raises(ConfigError):
        AddColumns(columns={name: "1"}).columns_after(Names("flights", ("delay",)), {})


def test_add_columns_refuses_two_new_names_that_differ_in_case() -> None:
    with pytest.raises(ConfigError, match="differ only in case"):
        AddColumns(columns={"Late": "1", "late": "2"}).columns_after(Names("flights", ("delay",)), {})


def test_add_columns_names_the_expression_that_spark_refuses(spark: SparkSession) -> None:
    flights = frame(spark, "delay int, tags array<int>", [(1, [1])])
    with pytest.raises(ConfigError, match="Spark refuses") as caught:
        AddColumns(columns={"good": "delay + 1", "bad": "tags + 1"}).apply(flights, {})
    assert caught.value.key == "columns.bad"


def test_add_columns_refuses_an_aggregate_at_load() -> None:
    with pytest.raises(ValidationError):
        AddColumns(columns={"share": "avg(delay)"})
