from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss
from tests.metrics.tables import binary, multiclass

from lakesmith.metrics.probabilities import Brier, LogLoss


def test_log_loss_and_brier_equal_those_of_scikit_learn() -> None:
    label, score = [0, 1, 1, 0], [0.1, 0.9, 0.35, 0.6]
    assert LogLoss().value(binary(label, score), "m") == pytest.approx(log_loss(label, score), abs=1e-14)
    assert Brier().value(binary(label, score), "m") == pytest.approx(brier_score_loss(label, score), abs=1e-14)


def test_log_loss_of_a_certain_error_is_large_and_finite() -> None:
    assert LogLoss().value(binary([1], [0.0]), "m") == pytest.approx(-np.log(np.finfo(float).eps))


def test_log_loss_of_three_classes_equals_that_of_scikit_learn() -> None:
    label, shares = [0, 2, 1], np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2]])
    assert LogLoss().value(multiclass(label, shares), "m") == pytest.approx(log_loss(label, shares), abs=1e-14)
