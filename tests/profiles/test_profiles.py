"""A whole profile against pandas, scipy and scikit-learn; what it costs; what it warns of."""

from __future__ import annotations

import math
import re
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from scipy import stats

from builders import count_jobs, frame
from lakesmith.errors import ConfigError
from lakesmith.profile.page import render
from lakesmith.profile.profiles import Profile, profile
from lakesmith.profile.words import text
from profiles.planted import PLANTED, clean_table

ROWS = 900


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """One row per person, with a missing, a skewed, a discrete, a boolean, a text and a time column."""
    rng = np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "x.y": rng.normal(5, 2, ROWS),
            "spend `€`": rng.exponential(3, ROWS),
            "kids": rng.integers(0, 6, ROWS),
            "is member": rng.random(ROWS) < 0.3,
            "town": rng.choice(["Rome", "Oslo", "Bern"], ROWS, p=[0.5, 0.3, 0.2]),
            "seen": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 10**7, ROWS), "s"),
        }
    )
    made["bought"] = (made["x.y"] + rng.normal(0, 2, ROWS) + (made["town"] == "Rome") > 5).astype(int)
    made.loc[rng.random(ROWS) < 0.1, "x.y"] = None
    return made


@pytest.fixture(scope="module")
def table(spark: SparkSession, people: pd.DataFrame) -> DataFrame:
    made = spark.createDataFrame(people)  # pandas' None became NaN
    return made.withColumn("x.y", F.nullif(F.col("`x.y`"), F.lit(math.nan))).repartition(3)


@pytest.fixture(scope="module")
def found(table: DataFrame) -> Profile:
    return profile(table, label="bought")


def test_numbers_are_those_of_pandas_and_scipy(found: Profile, people: pd.DataFrame) -> None:
    for name in ("x.y", "spend `€`", "kids"):
        column, values = found.column(name), people[name].dropna()
        assert (column.rows, column.nulls) == (ROWS, people[name].isna().sum())
        assert column.distinct == values.nunique()
        assert column.mean == pytest.approx(values.mean(), rel=1e-12)
        assert column.stddev == pytest.approx(values.std(), rel=1e-12)
        assert (column.least, column.largest) == (values.min(), values.max())
        assert column.skewness == pytest.approx(stats.skew(values), rel=1e-9)
        assert column.kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-9)
        assert (column.zeros, column.negatives) == ((values == 0).sum(), (values < 0).sum())
        z_score = next(each for each in column.outliers if each.rule == "z-score")
        assert z_score.count == (abs(values - values.mean()) > 3 * values.std(ddof=0)).sum()
        for share, value in column.percentiles.items():
            rank = float(share) / 100
            low, high = np.quantile(values, [max(rank - column.rank_error, 0), min(rank + column.rank_error, 1)])
            assert low <= value <= high
        histogram = column.histogram
        assert histogram is not None
        assert sum(histogram.counts) + histogram.below + histogram.above == len(values)


def test_texts_times_and_missing_values(found: Profile, people: pd.DataFrame) -> None:
    assert dict(found.column("town").top) == people["town"].value_counts().to_dict()
    assert found.column("town").lengths == (4, 4.0, 4)
    assert found.column("seen").least == people["seen"].min().timestamp()
    missing = int(people["x.y"].isna().sum())
    assert {each.missing: each.rows for each in found.patterns} == {(): ROWS - missing, ("x.y",): missing}
    assert found.duplicates == 0


def test_matrices_are_those_of_pandas(found: Profile, people: pd.DataFrame) -> None:
    together = found.correlations
    assert together is not None
    numbers = people[list(together.names)].astype(float)
    wanted = {"pearson": numbers.corr(), "covariance": numbers.cov(), "spearman": numbers.rank().corr()}
    for matrix in together.matrices:
        # Spearman's ranks are of up to 200 bins.
        tolerance = 2e-3 if matrix.name == "spearman" else 1e-9
        assert np.asarray(matrix.values, dtype=float) == pytest.approx(wanted[matrix.name].to_numpy(), abs=tolerance)


def test_association_with_the_label_is_that_of_scikit_learn(found: Profile, people: pd.DataFrame) -> None:
    from sklearn.metrics import roc_auc_score

    known = people.dropna()
    tells = found.column("x.y").association
    assert tells is not None
    # Values of one of 200 bins count as ties.
    assert tells.auc == pytest.approx(roc_auc_score(known["bought"], known["x.y"]), abs=2e-3)
    town, member = found.column("town").association, found.column("is member").association
    assert town is not None
    assert member is not None
    assert (town.cramers_v or 0) > 0.1 > (member.cramers_v or 0)


def test_a_number_as_label_is_correlated(table: DataFrame, people: pd.DataFrame) -> None:
    tells = profile(table, label="spend `€`").column("kids").association
    assert tells is not None
    assert tells.pearson == pytest.approx(people["kids"].corr(people["spend `€`"]), abs=1e-9)
    assert tells.auc is None


def test_fits_name_the_distribution_that_made_the_values(found: Profile) -> None:
    assert [found.column(name).fits[0].distribution for name in ("x.y", "spend `€`")] == ["normal", "exponential"]


def test_partitions_change_nothing(table: DataFrame, found: Profile) -> None:
    again = profile(table.repartition(5), label="bought")
    one, other = found.model_dump(), again.model_dump()
    _assert_near(one, other)


def test_the_number_of_jobs_does_not_grow_with_the_columns(spark: SparkSession) -> None:
    counts = []
    for width in (20, 200):
        wide = spark.range(60).select("id", *[(F.hash("id", F.lit(i)) % 7).alias(f"c{i}") for i in range(width)])
        with count_jobs(spark) as jobs:
            profile(wide, label="c0")
        counts.append(jobs.count)
    assert counts[0] == counts[1] <= 10


def test_nothing_to_see_is_defined(spark: SparkSession) -> None:
    schema = "id int, x double, t string, m map<string, int>, y boolean"
    empty = profile(frame(spark, schema, []), label="y")
    assert (empty.rows, empty.duplicates, empty.column("x").mean) == (0, 0, None)
    bare = profile(frame(spark, schema, [(None, None, None, None, None)] * 3), label="y")
    assert (bare.column("t").null_share, bare.duplicates, bare.column("m").nulls) == (1, 2, 3)
    odd = profile(frame(spark, "x double", [(math.nan,), (math.inf,), (-0.0,), (0.0,), (None,)]))
    column = odd.column("x")
    assert (column.nulls, column.nans, column.infinities, column.zeros, column.distinct) == (1, 1, 1, 2, 1)
    for each in (empty, bare, odd):
        assert render(each)
        assert text(each)


def test_a_column_that_is_not_there_is_named(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="'nope' is not a column"):
        profile(frame(spark, "id int", []), label="nope")


def test_a_page_escapes_what_it_is_given_and_loads_nothing(spark: SparkSession) -> None:
    rows = [("<script>alert(1)</script>", i % 2) for i in range(60)]
    found = profile(frame(spark, "`<b>` string, y int", rows), label="y")
    html = render(found)
    assert "<script>" not in html
    assert "<b>" not in html.replace('<b class="alias">', "")
    assert re.search(r"(src|href)=.(?!#)|url\(|https?:", html) is None
    framed = re.fullmatch(r'<iframe [^<>]* srcdoc="([^"]*)"></iframe>', found._repr_html_(), re.DOTALL)
    assert framed is not None  # a page's style must not reach the notebook around it
    assert unescape(framed[1]) == html


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_is_flagged(spark: SparkSession, kind: str) -> None:
    planted = PLANTED[kind](np.random.default_rng(11))
    found = profile(spark.createDataFrame(planted.table), **planted.asked)
    assert planted.kind in {each.kind for each in found.leaks}, found.warnings
    assert planted.column is None or any(planted.column in each.columns for each in found.leaks)


def test_clean_tables_have_no_leak(spark: SparkSession) -> None:
    for seed in range(2):
        clean = clean_table(np.random.default_rng(seed))
        assert profile(spark.createDataFrame(clean.table), **clean.asked).leaks == ()


def _assert_near(one: Any, other: Any) -> None:
    if isinstance(one, float) and isinstance(other, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            _assert_near(one[key], other[key])
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            _assert_near(a, b)
    else:
        assert one == other
