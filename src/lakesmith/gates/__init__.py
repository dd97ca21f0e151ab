"""Gates: what a challenger must show before it may become champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Annotated

from pydantic import Field

from lakesmith.metrics import metric_named
from lakesmith.piece import Catalogue, Piece

Range = tuple[float, float]


@dataclass(frozen=True)
class Verdict:
    """One gate's answer: `passed`, and a sentence with the numbers it rests on."""

    gate: str
    passed: bool
    reason: str


@dataclass(frozen=True)
class Compared:
    """What gates look at. Metric name → value, on all test rows of the challenger (`challenger`, `baseline`) and on
    the rows that were test rows for both models (`challenger_shared`, `champion_shared`; None without a champion).

    `difference` is metric → (low, high), the 95 % bootstrap interval of challenger − champion on the shared rows, and
    `difference_to_baseline` that of challenger − naive baseline on all test rows of the challenger.
    `greater_is_better` is metric → bool. `shared_rows` is None without a champion.
    """

    challenger: Mapping[str, float]
    baseline: Mapping[str, float]
    greater_is_better: Mapping[str, bool]
    challenger_shared: Mapping[str, float] | None = None
    champion_shared: Mapping[str, float] | None = None
    difference: Mapping[str, Range] | None = None
    difference_to_baseline: Mapping[str, Range] | None = None
    shared_rows: int | None = None
    intervals: Mapping[str, Range] | None = None  # of the challenger on all its test rows
    challenger_shared_intervals: Mapping[str, Range] | None = None
    champion_shared_intervals: Mapping[str, Range] | None = None


class Gate(Piece):
    """A yes or no on measured numbers; a metric that is NaN never passes."""

    metric: str = Field(min_length=1, description="The metric that is looked at.")

    def check(self, sort: str) -> None:
        """Raises ConfigError, with the nearest name, when the task's sort has no such metric."""
        metric_named(self.metric, sort)

    def judge(self, compared: Compared) -> Verdict:
        """The verdict on one comparison."""
        raise NotImplementedError


def gain(metric: str, model: float, other: float, compared: Compared) -> float:
    """By how much `model` is better than `other`, in the metric's own direction and units."""
    return model - other if compared.greater_is_better.get(metric, True) else other - model


def gain_range(metric: str, difference: Mapping[str, Range] | None, compared: Compared) -> Range:
    """The interval of the gain, from that of the difference; (NaN, NaN) where none is known."""
    low, high = (difference or {}).get(metric, (nan, nan))
    return (low, high) if compared.greater_is_better.get(metric, True) else (-high, -low)


def shown(value: float) -> str:
    """A number in a reason: five digits, or 'undefined'."""
    return "undefined" if isnan(value) else f"{value:.5g}"


GATES: Catalogue[Gate] = Catalogue(Gate)
AnyGate = Annotated[Gate, GATES]
