from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from tests.metrics.tables import binary, floats

from lakesmith.metrics.ranking import KolmogorovSmirnov, PrAuc, RocAuc

# Few distinct scores, so that ties are common; labels of both classes.
SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 12).map(lambda k: k / 12)), min_size=2, max_size=40).filter(
    lambda pairs: len({label for label, _ in pairs}) == 2
)


def test_roc_auc_counts_a_tie_as_half_a_win() -> None:
    assert RocAuc().value(binary([0, 1, 1], [0.3, 0.3, 0.9]), "m") == 0.75


def test_pr_auc_is_the_average_precision_and_not_the_trapezoid() -> None:
    # Recall ½ at precision 1, recall 1 at precision ⅔: ½ · 1 + ½ · ⅔; the trapezoid gives more.
    assert PrAuc().value(binary([1, 0, 1], [0.9, 0.8, 0.7]), "m") == pytest.approx(5 / 6, abs=1e-15)


def test_ks_is_the_largest_distance_of_the_two_score_distributions() -> None:
    assert KolmogorovSmirnov().value(binary([0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5]), "m") == pytest.approx(2 / 3)


@settings(deadline=None, max_examples=150)
@given(SCORED)
def test_ranking_metrics_equal_those_of_scikit_learn(pairs: list[tuple[bool, float]]) -> None:
    label, score = floats([each for each, _ in pairs]), floats([each for _, each in pairs])
    table = binary(label, score)
    fall_out, recall, _ = roc_curve(label, score)
    assert RocAuc().value(table, "m") == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    assert PrAuc().value(table, "m") == pytest.approx(average_precision_score(label, score), abs=1e-12)
    assert KolmogorovSmirnov().value(table, "m") == pytest.approx(np.abs(recall - fall_out).max(), abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(SCORED, st.randoms(use_true_random=False))
def test_weights_count_as_repeated_rows(pairs: list[tuple[bool, float]], random: object) -> None:
    label, score = floats([each for each, _ in pairs]), floats([each for _, each in pairs])
    weight = floats([random.randint(1, 4) for _ in pairs])  # type: ignore[attr-defined]
    table = binary(label, score, weight=weight)
    assert RocAuc().value(table, "m") == pytest.approx(roc_auc_score(label, score, sample_weight=weight), abs=1e-12)
    expected = average_precision_score(label, score, sample_weight=weight)
    assert PrAuc().value(table, "m") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("label", [[0, 0], [1, 1]])
def test_ranking_is_undefined_for_one_class(label: list[int]) -> None:
    table = binary(label, [0.2, 0.8])
    assert np.isnan(RocAuc().value(table, "m"))
    assert np.isnan(KolmogorovSmirnov().value(table, "m"))
    assert np.isnan(PrAuc().value(table, "m")) == (label == [0, 0])


def test_one_score_that_is_nan_makes_every_metric_nan() -> None:
    table = binary([0, 1, 1], [0.2, 0.8, np.nan])
    assert table.invalid("m") == 1
    assert np.isnan(RocAuc().value(table, "m"))
