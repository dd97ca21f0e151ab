"""Components and products: in agreement with scikit-learn, and named in the user's words."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from sklearn.decomposition import PCA
from sklearn.preprocessing import PolynomialFeatures, scale

from builders import count_jobs, frame
from features.vectors import feature, fit, plan_of, slot_values
from lakesmith.errors import ConfigError
from lakesmith.pipelines import notes, slots


def test_components_agree_with_scikit_learn_up_to_sign_whatever_the_partitions(spark: SparkSession) -> None:
    drawn = np.random.default_rng(3).normal(size=(40, 2)) @ [[3, 1, 0.5, -2], [0, 1, -1, 0.2]]
    x = drawn + np.random.default_rng(4).normal(size=(40, 4)) * 0.1
    df = frame(spark, "id int, a double, b double, c double, d double", [(i, *map(float, r)) for i, r in enumerate(x)])
    names = ["a", "b", "c", "d"]
    plan, model = fit([feature(kind="pca", columns=names, share=0.9)], df)
    values = np.column_stack(list(slot_values(plan, model, df).values()))
    scaled = scale(x) * np.sqrt(39 / 40)  # our deviations are those of a sample
    theirs = PCA(0.9)
    expected = theirs.fit_transform(scaled)
    signs = np.sign(theirs.components_[range(2), np.abs(theirs.components_).argmax(axis=1)])
    assert values == pytest.approx(expected * signs, abs=1e-8)
    carried = theirs.explained_variance_ratio_.sum()
    assert notes(model) == (f"pca: 2 components of 4 columns carry {carried:.1%} of their variance",)
    assert [slot.of for slot in slots(plan, model)] == ["pca", "pca"]

    plan, model = fit([feature(kind="pca", columns=names, components=2, name="wind")], df.repartition(5, "a"))
    again = slot_values(plan, model, df)
    assert np.column_stack([again["wind 1"], again["wind 2"]]) == pytest.approx(values, abs=1e-8)


def test_powers_and_products_agree_with_scikit_learn(spark: SparkSession) -> None:
    x = np.random.default_rng(1).normal(size=(5, 3))
    df = frame(spark, "id int, a double, b double, c double", [(i, *map(float, row)) for i, row in enumerate(x)])
    theirs = PolynomialFeatures(3, include_bias=False).fit(x)
    plan, model = fit([feature(kind="polynomial", columns=["a", "b", "c"], degree=3)], df)
    found = slot_values(plan, model, df)
    names = [name.replace(" ", "*") for name in theirs.get_feature_names_out(["a", "b", "c"])[3:]]
    assert list(found) == names
    assert np.column_stack(list(found.values())) == pytest.approx(theirs.transform(x)[:, 3:], abs=1e-8)
    piece = feature(kind="polynomial", columns=["a", "b", "c"], degree=3, interactions_only=True)
    plan, model = fit([piece], df)
    assert list(slot_values(plan, model, df)) == ["a*b", "a*c", "b*c", "a*b*c"]


def test_a_number_within_a_category_counts_as_the_features_above_left_both(spark: SparkSession) -> None:
    df = frame(spark, "id int, a double, c string, late boolean", [(1, 1.0, "x", True), (2, None, None, False)])
    above = [
        feature(kind="impute", columns=["a"], strategy="constant", constant=7),
        feature(kind="impute", columns=["c"], strategy="constant", constant="none"),
    ]
    plan, model = fit([*above, feature(kind="interaction", columns=[["a", "c"], ["late", "c"], ["a", "late"]])], df)
    assert slot_values(plan, model, df) == {
        "a": [1, 7],
        "a*c=none": [0, 7],
        "a*c=x": [1, 0],
        "a*c missing": [0, 0],
        "a*c other": [0, 0],
        "late*c=none": [0, 0],
        "late*c=x": [1, 0],
        "late*c missing": [0, 0],
        "late*c other": [0, 0],
        "a*late": [1, 0],
    }
    assert {slot.of for slot in slots(plan, model)} == {"a", "a*c", "late*c", "a*late"}


def test_components_and_products_run_as_many_jobs_for_40_columns_as_for_4(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        names = [f"n{i}" for i in range(count)]
        df = frame(spark, f"id int, c string, {', '.join(f'{n} double' for n in names)}", [])
        df = df.unionByName(
            spark.range(9).selectExpr("id", "'x' as c", *[f"(id * {len(n)}) % 7 as {n}" for n in names])
        )
        pieces = [
            feature(kind="pca", columns=names, components=2),
            feature(kind="polynomial", columns=names),
            feature(kind="interaction", columns=[[n, "c"] for n in names]),
        ]
        plan = plan_of(pieces, df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(40) == jobs(4)


def test_what_cannot_be_combined_is_refused_where_it_stands(spark: SparkSession) -> None:
    df = frame(spark, "id int, a double, b double, label int", [])
    many = frame(spark, f"id int, {', '.join(f'n{i} double' for i in range(80))}", [])
    for piece, table, key in [
        (feature(kind="pca", columns=["a", "b"], components=3), df, "components"),
        (feature(kind="polynomial", columns=["a"], interactions_only=True), df, "columns"),
        (feature(kind="polynomial", columns="numeric", except_columns=["id"]), many, "columns"),
        (feature(kind="interaction", columns=[["a", "label"]]), df, "columns[0][1]"),
    ]:
        with pytest.raises(ConfigError) as raised:
            plan_of([piece], table)
        assert raised.value.key == f"features[0].{key}"
