"""Circles, holidays, time passed, ranks and hashes on tables small enough to reckon by hand."""

from __future__ import annotations

import builtins
import math
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from sklearn.preprocessing import QuantileTransformer

from builders import frame
from features.vectors import feature, fit, plan_of, slot_values
from lakesmith.errors import ConfigError, EnvironmentFault


def test_times_are_those_of_the_zone_and_time_passed_is_real_time(spark: SparkSession) -> None:
    table = frame(spark, "utc string", [("2013-03-31 22:30:00",), ("2013-03-30 23:30:00",)]).select(
        F.to_timestamp("utc").alias("at"), F.lit(date(2013, 3, 30)).alias("day")
    )
    zone = {"time_zone": "Europe/Berlin"}
    features = [
        feature(kind="cyclic", columns=["at"], parts=["hour", "weekday", "dayofyear"], **zone),
        feature(kind="time_since", columns=["at"], since="day", unit="seconds", **zone),
        feature(kind="time_since", columns=["day"], since_time="2013-03-31T00:00:00", allow_negative=True, **zone),
        feature(kind="holidays", columns=["at"], country="DE", parts=["is_holiday"], **zone),
    ]
    plan, model = fit(features, table)
    found = slot_values(plan, model, table)
    # 0:30 on Monday, 1 April and 0:30 on Sunday, 31 March; clocks went forward in between.
    assert found["at.hour sin"] == [0, 0]
    assert found["at.weekday sin"] == pytest.approx([0, math.sin(2 * math.pi * 6 / 7)], abs=1e-9)
    assert found["at.dayofyear cos"] == pytest.approx([math.cos(2 * math.pi * d / 365.25) for d in (90, 89)], abs=1e-9)
    assert found["at since day"] == [(47.5) * 3600, 24.5 * 3600]
    assert found["day since 2013-03-31 00:00:00"] == [-1, -1]
    assert found["at.is_holiday"] == [1, 0]  # Easter Monday


def test_time_since_wants_one_beginning_and_names_what_it_lacks(spark: SparkSession) -> None:
    with pytest.raises(ValidationError, match="one of since"):
        feature(kind="time_since", columns=["a"])
    table = frame(spark, "a date, b int", [])
    with pytest.raises(ConfigError, match="'b' is int") as raised:
        plan_of([feature(kind="time_since", columns=["a"], since="b")], table)
    assert raised.value.key == "features[0].since"


def test_a_calendar_that_is_not_there_is_named(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    table = frame(spark, "a date", [])
    with pytest.raises(ConfigError, match="no calendar of 'QQ'") as raised:
        plan_of([feature(kind="holidays", columns=["a"], country="QQ")], table)
    assert raised.value.key == "features[0].country"
    with pytest.raises(ConfigError, match="no calendar of 'XX' in DE"):
        plan_of([feature(kind="holidays", columns=["a"], country="DE", subdivision="XX")], table)
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "holidays":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentFault, match=r"lakesmith\[holidays\]"):
        plan_of([feature(kind="holidays", columns=["a"], country="DE")], table)


def test_ranks_of_different_values_agree_with_scikit_learn(spark: SparkSession) -> None:
    draws = np.random.default_rng(3).lognormal(0, 2, 60)
    train = frame(spark, "a double", [(float(each),) for each in draws])
    later = [-1.0, 0.5, 1.0, float(draws[0]), 3.0, 1e9]
    plan, model = fit([feature(kind="rank", columns=["a"], quantiles=20)], train)
    found = slot_values(plan, model, frame(spark, "a double", [(each,) for each in later]))["a"]
    other = QuantileTransformer(n_quantiles=21).fit(draws[:, None])
    np.testing.assert_allclose(found, other.transform(np.array(later)[:, None])[:, 0], atol=1e-8)


def test_hashing_counts_each_category_once_and_has_a_slot_for_one_never_seen(spark: SparkSession) -> None:
    table = frame(spark, "a string, b int", [("x", 1), ("y", 2), (None, None), ("never seen", 1)])
    plan, model = fit([feature(kind="hashing", columns=["a", "b"], slots=32)], table.limit(2))
    found = np.array(list(slot_values(plan, model, table).values()))
    assert found.shape == (32, 4)
    assert found.sum(axis=0).tolist() == [2, 2, 2, 2]
    # Row 0 and the row never seen share the category of b.
    assert (found[:, 0] * found[:, 3]).sum() >= 1


def test_a_moment_in_the_middle_of_a_day_counts_in_fractions(spark: SparkSession) -> None:
    table = frame(spark, "a timestamp_ntz", [(datetime(2020, 1, 1, 6, 0, 0, 500_000),)])
    plan, model = fit(
        [feature(kind="time_since", columns=["a"], since_time="2020-01-01T00:00:00", unit="seconds")], table
    )
    assert list(slot_values(plan, model, table).values()) == [[21_600.5]]
