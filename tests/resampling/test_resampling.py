"""Resampling: what comes out, that order and partitions do not matter, and what it refuses."""

from __future__ import annotations

import json
from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import count_jobs, frame
from examples.resampling import EXAMPLES
from lakesmith.errors import ConfigError, DataError
from lakesmith.families import FEATURES, LABEL, WEIGHT
from lakesmith.resampling import RESAMPLINGS, Drawing, Resampling, check_classes
from lakesmith.resampling.neighbours import categorical_groups, made_rows, nearest

DRAWING = Drawing(("id",), seed=7, classes=2)


def built(**fields: Any) -> Resampling:
    return TypeAdapter(Annotated[Resampling, RESAMPLINGS]).validate_json(json.dumps(fields), strict=True)


def vectors(spark: SparkSession, of_0: int, of_1: int) -> DataFrame:
    """`of_0` rows of class 0 and `of_1` of class 1, apart in both slots; WEIGHT is 1 or 2."""
    draw = np.random.default_rng(1)
    rows = [
        (i, float(i >= of_0), 1.0 + (i >= of_0), float(draw.normal(3.0 * (i >= of_0))), float(draw.normal()))
        for i in range(of_0 + of_1)
    ]
    table = frame(spark, f"id int, {LABEL} double, {WEIGHT} double, a double, b double", rows, partitions=2)
    return VectorAssembler(inputCols=["a", "b"], outputCol=FEATURES).transform(table)


def collected(rows: DataFrame) -> list[tuple[Any, ...]]:
    return sorted((row[LABEL], row[WEIGHT], *row[FEATURES]) for row in rows.select(LABEL, WEIGHT, FEATURES).collect())


@pytest.mark.parametrize("kind", RESAMPLINGS.kinds)
def test_class_sizes_are_those_of_the_example_in_any_order_of_the_rows(spark: SparkSession, kind: str) -> None:
    example = EXAMPLES[kind]
    rows = vectors(spark, *example.rows)
    piece = built(**example.yaml)
    with count_jobs(spark) as jobs:
        drawn = piece.apply(rows, DRAWING)
    found = collected(drawn)
    sizes = [sum(row[0] == each for row in found) for each in (0, 1)]
    assert sizes == [pytest.approx(each, abs=example.tolerance) for each in example.expected]
    assert found == collected(piece.apply(rows.repartition(5), DRAWING))
    assert found != collected(piece.apply(rows, Drawing(("id",), 8, 2))) or kind == "oversample"
    assert jobs.count <= 5


def test_rows_of_one_class_are_left_as_they_are(spark: SparkSession) -> None:
    rows = vectors(spark, 4, 0)
    for kind in RESAMPLINGS.kinds:
        assert collected(built(kind=kind).apply(rows, DRAWING)) == collected(rows)


def test_made_rows_lie_between_a_row_and_one_of_its_neighbours(spark: SparkSession) -> None:
    rows = vectors(spark, 60, 12)
    real = np.array([row[2:] for row in collected(rows) if row[0] == 1])
    drawn = collected(built(kind="smote", neighbours=3).apply(rows, DRAWING))
    made = [row for row in drawn if row[0] == 1 and not any(np.allclose(row[2:], each) for each in real)]
    assert len(made) == 48
    assert {row[1] for row in made} == {2.0}
    assert all(detour(np.array(row[2:]), real, neighbours=3) < 1e-9 for row in made)


def test_made_rows_lie_where_those_of_imbalanced_learn_lie() -> None:
    from imblearn.over_sampling import SMOTE

    rows = np.random.default_rng(4).normal(size=(72, 2))
    classes = np.repeat([0, 1], [60, 12])
    drawn, drawn_classes = SMOTE(k_neighbors=3, random_state=0).fit_resample(rows, classes)
    made = drawn[len(rows) :][drawn_classes[len(rows) :] == 1]
    assert len(made) == 48  # as many as ours makes of 60 and 12
    detours = [detour(point, rows[60:], neighbours=3) for point in made]
    assert max(detours) < 1e-9
    assert max(detour(point, rows[60:], neighbours=1) for point in made) > 1e-3  # the measure can tell


def detour(point: np.ndarray, real: np.ndarray, neighbours: int) -> float:
    """How much longer the way from a real point to one of its neighbours is over `point`, at the least: 0 on a
    segment between them."""
    distance = np.linalg.norm(real[:, None] - real[None], axis=2)
    near = np.argsort(distance, axis=1)[:, 1 : neighbours + 1]
    return min(
        float(np.linalg.norm(point - real[i]) + np.linalg.norm(point - real[j]) - distance[i, j])
        for i in range(len(real))
        for j in near[i]
    )


def test_neighbours_are_those_of_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    rows = np.random.default_rng(2).normal(size=(50, 4))
    wanted = NearestNeighbors(n_neighbors=6).fit(rows).kneighbors(rows, return_distance=False)[:, 1:]
    assert (nearest(rows, 5, ()) == wanted).all()
    equal = np.zeros((4, 2))
    assert all(i not in each for i, each in enumerate(nearest(equal, 2, ()).tolist()))


def test_made_rows_have_one_category_the_most_frequent_among_the_neighbours(spark: SparkSession) -> None:
    table = frame(spark, "town string, x double", [("New_York", 1.0), ("Rome", 2.0), ("Rome", 3.0)])
    index = StringIndexer(inputCol="town", outputCol="i").fit(table).transform(table)
    column = "_lakesmith_c3"
    coded = OneHotEncoder(inputCol="i", outputCol=column, dropLast=False).fit(index).transform(index)
    vector = VectorAssembler(inputCols=[column, "x"], outputCol=FEATURES).transform(coded)
    groups = categorical_groups(vector.schema[FEATURES].metadata)
    assert groups == ((0, 1),)
    rows = np.array([row[0] for row in vector.select(vector_to_array(F.col(FEATURES))).collect()])
    made, _ = made_rows(rows, np.ones(3, dtype=bool), None, 20, 2, groups, (0, 0))
    assert set(map(tuple, made[:, :2])) <= {(1.0, 0.0), (0.0, 1.0)}


def test_what_cannot_be_resampled_is_said(spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="this label is a number"):
        check_classes("regression")
    rows = vectors(spark, 6, 2)
    missing = rows.withColumn("a", F.lit(float("nan"))).drop(FEATURES)
    gaps = VectorAssembler(inputCols=["a", "b"], outputCol=FEATURES, handleInvalid="keep").transform(missing)
    for given, told in ((gaps, "some slots of the training rows are missing"), (vectors(spark, 6, 1), "no neighbour")):
        with pytest.raises(DataError, match=told):
            built(kind="smote").apply(given, DRAWING)
