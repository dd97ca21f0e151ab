from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from tests.examples.gates import EXAMPLES

from lakesmith.errors import ConfigError
from lakesmith.gates import GATES, AnyGate, Compared, Gate
from lakesmith.gates.baseline import BeatsBaseline
from lakesmith.gates.improvement import Improvement
from lakesmith.gates.threshold import Threshold

DIRECTION = {"roc_auc": True, "log_loss": False}


def compared(**changes: Any) -> Compared:
    """Challenger 0.75 and champion 0.74 on the 1,000 shared rows, 0.76 on its own; the baseline at 0.5."""
    values: dict[str, Any] = {
        "challenger": {"roc_auc": 0.76, "log_loss": 0.40},
        "baseline": {"roc_auc": 0.5, "log_loss": 0.55},
        "greater_is_better": DIRECTION,
        "challenger_shared": {"roc_auc": 0.75, "log_loss": 0.41},
        "champion_shared": {"roc_auc": 0.74, "log_loss": 0.42},
        "difference": {"roc_auc": (0.004, 0.016), "log_loss": (-0.02, 0.001)},
        "difference_to_baseline": {"roc_auc": (0.25, 0.27)},
        "shared_rows": 1_000,
    }
    return Compared(**{**values, **changes})


FIRST = compared(challenger_shared=None, champion_shared=None, difference=None, shared_rows=None)


def test_every_gate_has_an_example_that_is_valid() -> None:
    assert set(GATES.kinds) == set(EXAMPLES)
    for example in EXAMPLES.values():
        gate: Gate = TypeAdapter(AnyGate).validate_python(example)
        gate.check("binary")


def test_an_unknown_metric_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"metric: 'auc_roc' is not a metric.*roc_auc"):
        Threshold(metric="auc_roc", at_least=0.5).check("binary")


@pytest.mark.parametrize(
    ("limits", "passed"),
    [({"at_least": 0.76}, True), ({"at_least": 0.77}, False), ({"at_most": 0.75}, False), ({"at_most": 0.76}, True)],
)
def test_threshold_includes_its_limit(limits: dict[str, float], passed: bool) -> None:
    assert Threshold(metric="roc_auc", **limits).judge(compared()).passed is passed


@pytest.mark.parametrize("limits", [{}, {"at_least": 0.8, "at_most": 0.7}, {"at_least": math.nan}])
def test_threshold_needs_limits_that_something_can_pass(limits: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Threshold(metric="roc_auc", **limits)


def test_baseline_is_beaten_in_the_direction_of_the_metric() -> None:
    assert BeatsBaseline(metric="log_loss", by=0.1).judge(compared()).passed
    assert not BeatsBaseline(metric="log_loss", by=0.2).judge(compared()).passed
    assert not BeatsBaseline(metric="log_loss").judge(compared(challenger={"log_loss": 0.55})).passed


def test_improvement_compares_on_the_shared_rows_only() -> None:
    verdict = Improvement(metric="roc_auc", by=0.009).judge(compared())
    assert verdict.passed
    assert "on 1,000 rows that were test rows for both" in verdict.reason
    assert not Improvement(metric="roc_auc", by=0.015).judge(compared()).passed  # 0.76 on its own rows would pass


def test_confident_improvement_needs_an_interval_above_zero() -> None:
    assert Improvement(metric="roc_auc", confident=True).judge(compared()).passed
    assert not Improvement(metric="log_loss", confident=True).judge(compared()).passed
    assert not Improvement(metric="roc_auc", confident=True).judge(compared(difference={})).passed


def test_without_a_champion_the_baseline_takes_its_place_and_is_named() -> None:
    verdict = Improvement(metric="roc_auc", by=0.1, confident=True).judge(FIRST)
    assert verdict.passed
    assert "no champion yet: the naive baseline's 0.5" in verdict.reason


def test_models_without_a_shared_row_do_not_compare() -> None:
    verdict = Improvement(metric="roc_auc").judge(compared(shared_rows=0))
    assert not verdict.passed
    assert "no row was a test row for both" in verdict.reason


@pytest.mark.parametrize(
    "gate",
    [
        Threshold(metric="roc_auc", at_least=0.0),
        Threshold(metric="roc_auc", at_most=1.0),
        BeatsBaseline(metric="roc_auc"),
        Improvement(metric="roc_auc", by=-1.0),
    ],
)
@pytest.mark.parametrize("side", ["challenger", "champion"])
def test_nan_never_passes(gate: Gate, side: str) -> None:
    undefined = {"roc_auc": math.nan}
    if side == "challenger":
        verdict = gate.judge(compared(challenger=undefined, challenger_shared=undefined))
        assert not verdict.passed
        assert "undefined" in verdict.reason
    elif isinstance(gate, Improvement):
        assert not gate.judge(compared(champion_shared=undefined)).passed
