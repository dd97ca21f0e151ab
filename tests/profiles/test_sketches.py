"""Mergeable summaries against numpy and scipy, whole and in parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lakesmith.profile import sketches
from lakesmith.profile.associations import binary_auc, correlation_ratio, cramers_v
from lakesmith.profile.describe import exact_percentiles, share_interval

RNG = np.random.default_rng(3)


def test_moments_of_parts_add_up_to_those_of_the_whole() -> None:
    values = RNG.lognormal(size=(1_000, 3)) + 1e6
    known = RNG.random((1_000, 3)) < 0.8
    held = np.where(known, values, 0.0)
    parts = [sketches.moments(held[i:j], known[i:j]) for i, j in ((0, 1), (1, 400), (400, 400), (400, 1_000))]
    total = parts[0]
    for part in parts[1:]:
        total = sketches.added_moments(total, part)
    for column in range(3):
        n, mean, m2, m3, m4 = total[:, column]
        mine = values[known[:, column], column]
        assert n == len(mine)
        assert mean == pytest.approx(mine.mean(), rel=1e-12)
        assert m2 / n == pytest.approx(mine.var(), rel=1e-7)
        assert np.sqrt(n) * m3 / m2**1.5 == pytest.approx(stats.skew(mine), rel=1e-6)
        assert n * m4 / m2**2 - 3 == pytest.approx(stats.kurtosis(mine), rel=1e-6)


@pytest.mark.parametrize("size", [0, 1, 500, 100_000])
def test_distinct_values_are_exact_while_they_are_few_and_near_when_many(size: int) -> None:
    values = np.concatenate([np.arange(size, dtype=float), -np.arange(size, dtype=float)[:1]])
    kept = sketches.NO_HASHES
    for part in np.array_split(values, 7):
        kept = sketches.least_hashes(kept, sketches.number_hashes(part))
    found, is_exact = sketches.distinct(kept)
    assert is_exact == (size < sketches.LEAST)
    assert found == pytest.approx(size, rel=0 if is_exact else 4 * sketches.DISTINCT_ERROR)


def test_percentiles_of_counted_values_are_those_of_numpy() -> None:
    values = RNG.integers(0, 9, 137).astype(float)
    distinct, counts = np.unique(values, return_counts=True)
    shares = (0.0, 0.01, 0.333, 0.5, 0.9, 1.0)
    assert exact_percentiles(distinct, counts, shares) == pytest.approx(np.quantile(values, shares))


def test_association_measures_are_those_of_the_libraries() -> None:
    from sklearn.metrics import roc_auc_score

    x, y = RNG.integers(0, 6, 400), RNG.integers(0, 2, 400)
    table = np.zeros((6, 2))
    np.add.at(table, (x, y), 1)
    assert binary_auc(table) == pytest.approx(roc_auc_score(y, x))
    plain = stats.contingency.association(table.astype(int), method="cramer")
    phi = max(plain**2 - 5 / 399, 0)
    assert cramers_v(table) == pytest.approx(np.sqrt(phi / (min(6 - 25 / 399, 2 - 1 / 399) - 1)))
    z = x + RNG.normal(size=400)
    sums = [np.bincount(y, w) for w in (np.ones(400), z, z * z)]
    f = stats.f_oneway(z[y == 0], z[y == 1]).statistic  # epsilon² = (F − 1) / (F + df_within / df_between)
    assert correlation_ratio(*sums) == pytest.approx(np.sqrt(max((f - 1) / (f + 398), 0)), abs=1e-9)


def test_share_interval_is_that_of_wilson() -> None:
    for rows, of in ((0, 10), (3, 10), (10, 10), (499, 1_000)):
        wanted = stats.binomtest(rows, of).proportion_ci(method="wilson")
        assert share_interval(rows, of) == pytest.approx((wanted.low, wanted.high), abs=1e-12)
