"""Gates: what a challenger must show before it may become champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from lakesmith.piece import Catalogue, Piece


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

    `difference` is metric → (low, high), the 95 % bootstrap interval of challenger − champion on the shared rows.
    `greater_is_better` is metric → bool.
    """

    challenger: Mapping[str, float]
    baseline: Mapping[str, float]
    greater_is_better: Mapping[str, bool]
    challenger_shared: Mapping[str, float] | None = None
    champion_shared: Mapping[str, float] | None = None
    difference: Mapping[str, tuple[float, float]] | None = None


class Gate(Piece):
    """A yes or no on measured numbers; a metric that is NaN never passes."""

    metric: str

    def judge(self, compared: Compared) -> Verdict:
        raise NotImplementedError


GATES: Catalogue[Gate] = Catalogue(Gate)
AnyGate = Annotated[Gate, GATES]
