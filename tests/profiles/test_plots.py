"""Plots by choice: what is counted, and that it can be drawn."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from builders import count_jobs, frame
from lakesmith.errors import ConfigError
from lakesmith.profile.plots import Plot, plot, plotted

ROWS = [("AA", "JFK", 10.0), ("AA", "LGA", 20.0), ("UA", "JFK", 30.0), ("UA", "JFK", None), (None, "JFK", 9.0)]


@pytest.fixture(scope="module")
def delays(spark: SparkSession) -> DataFrame:
    return frame(spark, "carrier string, `from` string, delay double", ROWS)


def points(made: Plot) -> dict[str, dict[str | float, tuple[float, ...]]]:
    return {each.name: dict(each.points) for each in made.series}


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("avg", (15.0, 30.0)), ("sum", (30.0, 30.0)), ("count", (2.0, 1.0)), ("min", (10.0, 30.0)), ("max", (20.0, 30.0))],
)
def test_bars_aggregate_the_values_of_each_key(
    delays: DataFrame, aggregation: str, expected: tuple[float, ...]
) -> None:
    made = plot(delays, "bar", keys="carrier", values="delay", aggregation=aggregation)  # type: ignore[arg-type]
    assert points(made) == {"": {"AA": (expected[0],), "UA": (expected[1],)}}


def test_groups_are_drawn_apart_in_a_fixed_number_of_jobs(delays: DataFrame, spark: SparkSession) -> None:
    with count_jobs(spark) as jobs:
        made = plot(delays, "line", keys="carrier", values="delay", grouping="from", aggregation="max")
    assert points(made) == {"JFK": {"AA": (10.0,), "UA": (30.0,)}, "LGA": {"AA": (20.0,)}}
    assert jobs.count <= 2
    assert "JFK" in made._repr_html_()


def test_other_kinds_have_their_numbers(delays: DataFrame) -> None:
    box = plot(delays, "box", keys="from", values="delay")
    assert points(box)[""]["JFK"][2] == 10.0
    histogram = plot(delays, "histogram", values="delay")
    assert sum(values[0] for values in points(histogram)[""].values()) == 4
    scatter = plot(delays.withColumn("twice", delays["delay"] * 2), "scatter", keys="delay", values="twice")
    assert points(scatter)[""] == {9.0: (18.0,), 10.0: (20.0,), 20.0: (40.0,), 30.0: (60.0,)}
    for made in (box, histogram, scatter, plot(delays.limit(0), "histogram", values="delay")):
        assert "<svg" in made.svg()


def test_what_a_plot_cannot_be_made_of_is_said(delays: DataFrame) -> None:
    for told, given in (
        ("a bar plot needs keys", {"kind": "bar", "values": "delay"}),
        ("a scatter plot needs values", {"kind": "scatter", "keys": "delay"}),
        ("'pie' is no kind of plot", {"kind": "pie"}),
        ("'carier'", {"kind": "bar", "keys": "carier", "values": "delay"}),
        ("'median' is no aggregation", {"kind": "bar", "keys": "carrier", "values": "delay", "aggregation": "median"}),
    ):
        with pytest.raises(ConfigError, match=told):
            plot(delays, **given)  # type: ignore[arg-type]


def test_words_choose_a_plot(delays: DataFrame) -> None:
    made = plotted(delays, "bar,keys=carrier,values=delay,aggregation=sum")
    assert made == plot(delays, "bar", keys="carrier", values="delay", aggregation="sum")
    with pytest.raises(ConfigError, match="Did you mean 'keys'"):
        plotted(delays, "bar,key=carrier")
    with pytest.raises(ConfigError, match="'pie' is no kind of plot"):
        plotted(delays, "pie,keys=carrier")
