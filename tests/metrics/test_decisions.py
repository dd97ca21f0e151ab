from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from tests.metrics.tables import binary

from lakesmith.metrics.decisions import F1, Accuracy, Precision, Recall

LABEL, SCORE = [1, 1, 1, 0, 0, 0, 0], [0.9, 0.6, 0.2, 0.7, 0.4, 0.3, 0.1]


def test_decisions_equal_those_of_scikit_learn() -> None:
    table, predicted = binary(LABEL, SCORE), [score >= 0.5 for score in SCORE]
    assert Accuracy().value(table, "m") == pytest.approx(accuracy_score(LABEL, predicted))
    assert Precision().value(table, "m") == pytest.approx(precision_score(LABEL, predicted))
    assert Recall().value(table, "m") == pytest.approx(recall_score(LABEL, predicted))
    assert F1().value(table, "m") == pytest.approx(f1_score(LABEL, predicted))


def test_a_threshold_overrules_the_prediction_column() -> None:
    table = binary(LABEL, SCORE, thresholds={"m": 0.2})
    assert Recall().value(table, "m") == 1
    assert Precision().value(table, "m") == 0.5


def test_precision_is_undefined_when_nothing_is_predicted_positive() -> None:
    table = binary([0, 1], [0.1, 0.2])
    assert np.isnan(Precision().value(table, "m"))
    assert Recall().value(table, "m") == 0
    assert F1().value(table, "m") == 0


def test_recall_is_undefined_without_a_positive_row() -> None:
    assert np.isnan(Recall().value(binary([0, 0], [0.1, 0.9]), "m"))
