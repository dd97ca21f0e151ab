from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from lakesmith.fold_plans.expanding import ExpandingWindows
from lakesmith.tuning_settings import Tuning


def read(settings: dict[str, Any]) -> Tuning:
    return Tuning.model_validate_json(json.dumps(settings), strict=True)


def test_nothing_given_is_tpe_with_ten_trials_one_at_a_time() -> None:
    settings = read({})
    assert (settings.algorithm, settings.max_trials, settings.max_concurrent_trials) == ("tpe", 10, 1)
    assert settings.folds is None


def test_folds_are_a_piece_told_apart_by_kind() -> None:
    settings = read({"folds": {"kind": "expanding", "windows": 2, "gap": "1 day"}, "timeout_minutes": 30})
    assert settings.folds == ExpandingWindows(windows=2, gap="1 day")
    assert Tuning.model_validate_json(settings.model_dump_json(), strict=True) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"algorithm": "hyperband"},
        {"max_trials": 0},
        {"max_trials": "10"},
        {"timeout_minutes": 0},
        {"max_concurrent_trials": 0},
        {"folds": {"kind": "leave_one_out"}},
        {"trials": 10},
        {"early_termination": {"kind": "hyperband"}},
        {"early_termination": {"kind": "bandit"}},
        {"early_termination": {"kind": "bandit", "slack_factor": 0.1, "slack_amount": 0.1}},
        {"early_termination": {"kind": "median_stopping", "evaluation_interval": 0}},
        {"early_termination": {"kind": "truncation_selection", "truncation_percentage": 100}},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(wrong)
