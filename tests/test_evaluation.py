from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lakesmith.evaluation import BASELINE, bin_errors, compared, curves, evaluation_table_of, metrics
from lakesmith.gates.improvement import Improvement
from lakesmith.metrics.cells import EvaluationTable
from lakesmith.tasks import Target
from lakesmith.tasks.binary import Binary

TASK = Binary(label="y")
TARGET = Target(sort="binary", label="y", rows=2, classes=("no", "yes"), counts=(1, 1))
SIZE = 400
GENERATOR = np.random.default_rng(11)
TRUTH = GENERATOR.random(SIZE)
LABEL = (GENERATOR.random(SIZE) < TRUTH).astype(float)
SCORES = {"challenger": TRUTH, "champion": np.clip(TRUTH + GENERATOR.normal(0, 0.5, SIZE), 0.01, 0.99)}
IS_TEST = {"challenger": np.arange(SIZE) >= 100, "champion": np.arange(SIZE) < 300}


def _table(models: list[str]) -> EvaluationTable:
    shares = {model: np.column_stack([1 - SCORES[model], SCORES[model]]) for model in models}
    predictions = {model: (SCORES[model] > 0.5).astype(float) for model in models}
    return evaluation_table_of(
        TASK, LABEL, predictions, shares, target=TARGET, is_test={model: IS_TEST[model] for model in models}
    )


def test_models_are_compared_only_on_rows_that_were_test_rows_for_both() -> None:
    found = compared(_table(["challenger", "champion"]), "challenger", "champion")
    both = IS_TEST["challenger"] & IS_TEST["champion"]
    assert found.shared_rows == both.sum()
    assert found.champion_shared is not None
    expected = roc_auc_score(LABEL[both], SCORES["champion"][both])
    assert found.champion_shared["roc_auc"] == pytest.approx(expected, abs=1e-12)
    own = IS_TEST["challenger"]
    assert found.challenger["roc_auc"] == pytest.approx(roc_auc_score(LABEL[own], SCORES["challenger"][own]), abs=1e-12)
    assert found.difference is not None
    assert found.difference["roc_auc"][0] > 0
    for shared, intervals in (
        (found.challenger_shared, found.challenger_shared_intervals),
        (found.champion_shared, found.champion_shared_intervals),
    ):
        assert shared is not None
        assert intervals is not None
        low, high = intervals["roc_auc"]
        assert low < shared["roc_auc"] < high
    assert Improvement(metric="roc_auc", confident=True).judge(found).passed


def test_without_a_champion_the_challenger_stands_beside_the_baseline() -> None:
    found = compared(_table(["challenger"]), "challenger", None)
    assert (found.champion_shared, found.difference, found.shared_rows) == (None, None, None)
    assert found.baseline["roc_auc"] == 0.5
    assert found.difference_to_baseline is not None
    assert found.difference_to_baseline["roc_auc"][0] > 0.2


def test_baseline_says_the_training_prior_whatever_the_test_rows_say() -> None:
    assert metrics(_table(["challenger"]), BASELINE)["log_loss"] == pytest.approx(np.log(2))


def test_curves_are_json_and_exact_tables_have_no_bin_error() -> None:
    table = _table(["challenger"])
    assert json.loads(json.dumps(curves(TASK, table, "challenger"), allow_nan=False))["roc"]["x"][0] == 0
    assert bin_errors(table, "challenger") == {}
