from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score
from tests.metrics.tables import multiclass

from lakesmith.metrics.macro import MacroF1, MacroPrecision, MacroRecall


def _table(label: list[int], predicted: list[int]) -> object:
    return multiclass(label, np.eye(4)[predicted] * 0.9 + 0.025)


@pytest.mark.parametrize(
    ("label", "predicted"),
    [
        ([0, 1, 2, 2, 1, 0], [0, 2, 2, 2, 1, 1]),
        ([0, 1, 2], [0, 0, 0]),  # two classes are never predicted
        ([0, 0, 1], [0, 3, 1]),  # one predicted class never occurs
    ],
)
def test_macro_metrics_equal_those_of_scikit_learn(label: list[int], predicted: list[int]) -> None:
    table, options = _table(label, predicted), {"average": "macro", "zero_division": 0}
    assert MacroPrecision().value(table, "m") == pytest.approx(precision_score(label, predicted, **options))
    assert MacroRecall().value(table, "m") == pytest.approx(recall_score(label, predicted, **options))
    assert MacroF1().value(table, "m") == pytest.approx(f1_score(label, predicted, **options))
