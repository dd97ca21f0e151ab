from __future__ import annotations

import numpy as np
import pytest
from tests.examples.metrics import EXAMPLES
from tests.metrics.tables import binary

from lakesmith.errors import ConfigError
from lakesmith.metrics import METRICS, metric_named, metrics_for, title_of


def test_every_metric_has_an_example_and_says_what_it_is() -> None:
    assert set(METRICS.kinds) == set(EXAMPLES)
    for piece in METRICS.kinds.values():
        assert piece.sorts <= {"binary", "multiclass", "regression"}
        assert piece.bounds[0] < piece.bounds[1]
        assert piece.undefined


def test_an_unknown_metric_is_answered_with_the_nearest_one_of_the_task() -> None:
    with pytest.raises(ConfigError, match=r"'roc_acu' is not a metric. Did you mean 'roc_auc'\?"):
        metric_named("roc_acu", "binary")


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="'roc_auc' is not defined for a regression task"):
        metric_named("roc_auc", "regression")


def test_every_metric_is_nan_without_a_row() -> None:
    table = binary([np.nan], [0.5])
    assert table.left_out("m") == 1
    assert all(np.isnan(metric.value(table, "m")) for metric in metrics_for("binary").values())


def test_a_metric_is_named_for_people_by_its_title_or_in_words() -> None:
    names = ["roc_auc", "macro_f1", "log_loss", "brier", "r2", "own_mae"]
    assert [title_of(name) for name in names] == ["ROC AUC", "Macro F1", "Log loss", "Brier score", "R²", "Own MAE"]
