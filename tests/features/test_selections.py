"""What selections keep, in agreement with scikit-learn, and what they say about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn.feature_selection import chi2, f_classif, f_regression
from sklearn.metrics import mutual_info_score

from builders import count_jobs, frame
from features.vectors import feature, fit, learned, plan_of, slot_values
from lakesmith.errors import ConfigError, DataError
from lakesmith.features import Feature
from lakesmith.features.learning import slot_statistics
from lakesmith.features.learning.slot_statistics import SlotRows, slot_rows
from lakesmith.pipelines import FEATURES, LABEL, label_column, notes, slot_names

CLASSES = ("x", "y", "z")


@pytest.fixture(scope="module")
def numbers() -> np.ndarray:
    """Columns: id, three whole numbers of 0 to 4 that lean to the label differently, a constant, the label."""
    drawn = np.random.default_rng(5)
    label = np.arange(120) % 3
    leaning = [(label * weight + drawn.integers(0, 3, 120)).clip(0, 4) for weight in (0, 1, 2)]
    return np.column_stack([np.arange(120), *leaning, np.full(120, 2), label]).astype(float)


@pytest.fixture(scope="module")
def table(spark: SparkSession, numbers: np.ndarray) -> DataFrame:
    rows = [(int(i), *map(float, rest)) for i, *rest in numbers]
    return frame(spark, "id int, a double, b double, c double, d double, y double", rows).cache()


def rows_of(table: DataFrame, classes: tuple[str, ...]) -> SlotRows:
    labelled = table.select("*", label_column(F.col("y"), classes)).drop("y")
    _, model = fit([feature(kind="keep", columns=["a", "b", "c", "d"])], labelled)
    return slot_rows(model.transform(labelled), FEATURES, can_be_missing=True)


def test_scores_agree_with_scikit_learn(table: DataFrame, numbers: np.ndarray) -> None:
    x, y = numbers[:, 1:5], numbers[:, 5]
    classes, number = rows_of(table, CLASSES), rows_of(table, ())
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match="constant"):
        f_of_classes = np.nan_to_num(f_classif(x, y)[0])
    f_of_number = np.nan_to_num(f_regression(x, y)[0])
    assert slot_statistics.f_values(classes) == pytest.approx(f_of_classes, rel=1e-8)
    assert slot_statistics.f_values(number) == pytest.approx(f_of_number, rel=1e-8)
    assert slot_statistics.chi_squared(classes) == pytest.approx(chi2(x, y)[0], rel=1e-9)
    information = [mutual_info_score(column, y) for column in x.T]
    assert slot_statistics.mutual_information(classes, 10) == pytest.approx(information, abs=1e-9)
    assert slot_statistics.mutual_information(number, 10) == pytest.approx(information, abs=1e-9)
    expected = np.corrcoef(x[:, :3], rowvar=False)
    assert slot_statistics.correlations(number)[:3, :3] == pytest.approx(expected, abs=1e-9)


def test_missing_values_count_as_the_mean_and_unlabelled_rows_not_at_all(spark: SparkSession) -> None:
    df = frame(
        spark, f"id int, a double, {LABEL} double", [(1, 1.0, 1.0), (2, None, 0.5), (3, 5.0, 2.0), (4, 9.0, None)]
    )
    _, model = fit([feature(kind="keep", columns=["a"])], df)
    slots = slot_rows(model.transform(df), FEATURES, can_be_missing=True)
    assert [row[0].toArray().tolist() for row in slots.rows.collect()] == [[1], [3], [5]]


def chosen(df: DataFrame, *selections: Feature, accepts_missing: bool = True) -> tuple[list[str], PipelineModel]:
    above = [
        feature(kind="keep", columns=["a", "b"]),
        feature(kind="one_hot", columns=["c"]),
        feature(kind="expression", columns={"twice": "a * 2"}),
    ]
    plan, model = fit([*above, *selections, feature(kind="flag", columns={"late": "a > 1"})], df, accepts_missing)
    return list(slot_names(plan, model)), model


def mixed(spark: SparkSession, partitions: int = 1) -> DataFrame:
    """b follows the label, `c=p` half of it; a is missing here and there."""
    rows = [
        (i, None if i % 5 == 0 else float(i % 7), i % 3 + (i % 11) / 40, "pq"[min(i % 3, 1)], i % 3) for i in range(90)
    ]
    df = frame(spark, "id int, a double, b double, c string, label int", rows).repartition(partitions, "id")
    return df.select("*", label_column(F.col("label"), CLASSES))


def test_slots_are_named_for_what_is_left_also_after_two_selections_and_loading(
    spark: SparkSession, tmp_path: Path
) -> None:
    df = mixed(spark)
    variance, best = feature(kind="select_variance"), feature(kind="select_univariate", count=3)
    names, model = chosen(df, variance, best)
    assert names == ["b", "c=q", "c=p", "late"]
    told = notes(model)
    assert told == (
        "select_variance (at most 0): 2 of 7 slots dropped: c missing, c other",
        "select_univariate (best 3): 2 of 5 slots dropped: a, twice",
    )
    model.write().save(str(tmp_path / "model"))
    plan = plan_of(
        [
            feature(kind="keep", columns=["a", "b"]),
            feature(kind="one_hot", columns=["c"]),
            feature(kind="expression", columns={"twice": "a * 2"}),
            variance,
            best,
            feature(kind="flag", columns={"late": "a > 1"}),
        ],
        df,
    )
    again = PipelineModel.load(str(tmp_path / "model"))
    assert list(slot_names(plan, again)) == names
    values = slot_values(plan, again, df)
    assert values["b"] == [round(row["b"], 9) for row in df.collect()]


ALL = [
    feature(kind="select_variance", limit=0.01),
    feature(kind="select_correlation", limit=0.9),
    feature(kind="select_univariate", score="mutual_information", count=3),
    feature(kind="select_top", count=2, num_trees=3, max_depth=2),
]


def test_selections_learn_from_the_training_rows_alone_whatever_the_partitions(spark: SparkSession) -> None:
    df = mixed(spark).withColumn("is_train", F.col("id") < 60)
    poison = {"a": 1e30, "b": float("nan"), "c": "poison", LABEL: 0.0}
    poisoned = df.withColumns(
        {
            name: F.when(F.col("is_train"), F.col(name))
            .otherwise(F.lit(value))
            .alias(name, metadata=df.schema[name].metadata)
            for name, value in poison.items()
        }
    )
    frames = [each.where("is_train").drop("is_train") for each in (df, poisoned, df.repartition(5, "a"))]
    fitted = [chosen(each, *ALL) for each in frames]
    assert fitted[0][0] == ["b", "c=q", "late"]
    assert learned(fitted[0][1]) == learned(fitted[1][1]) == learned(fitted[2][1])


def test_without_missing_values_allowed_what_is_left_is_filled_before_the_choice(spark: SparkSession) -> None:
    df = mixed(spark)
    _, model = chosen(df, feature(kind="select_correlation"), accepts_missing=False)
    assert not any(np.isnan(row[0].toArray()).any() for row in model.transform(df).select(FEATURES).collect())


def test_of_two_correlated_slots_the_one_that_tells_less_goes(spark: SparkSession) -> None:
    rows = [(i, i + (i % 2) * 3.0, float(i), float(i % 4), float(i)) for i in range(20)]
    df = frame(spark, f"id int, a double, b double, c double, {LABEL} double", rows)
    plan, model = fit(
        [feature(kind="keep", columns=["a", "b", "c"]), feature(kind="select_correlation", limit=0.9)], df
    )
    assert slot_names(plan, model) == ("b", "c")


def test_where_nothing_would_be_left_everything_stays_and_a_note_says_so(spark: SparkSession) -> None:
    df = mixed(spark)
    names, model = chosen(df, feature(kind="select_variance", limit=1e9))
    assert len(names) == 8
    assert notes(model) == ("select_variance (at most 1e+09): nothing would be left, so all 7 slots stay",)


def test_what_selections_cannot_do_is_refused_in_words(spark: SparkSession) -> None:
    df, keep = mixed(spark), feature(kind="keep", columns=["a", "b"])
    with pytest.raises(ConfigError, match="no feature above makes a number"):
        plan_of([feature(kind="select_variance")], df)
    with pytest.raises(ConfigError, match="already chosen among the slots of 'a'") as raised:
        plan_of([keep, feature(kind="select_variance"), feature(kind="standardize", columns=["a"])], df)
    assert raised.value.key == "features[2].columns"
    with pytest.raises(ConfigError, match="no label to choose by"):
        fit([keep, feature(kind="select_top", count=1)], df.drop(LABEL))
    squared = feature(kind="select_univariate", count=1, score="chi_squared")
    with pytest.raises(ConfigError, match="a label of classes"):
        fit([keep, squared], df.withColumn(LABEL, F.col("a")))
    with pytest.raises(DataError, match="negative values"):
        fit([feature(kind="expression", columns={"less": "-a"}), squared], df)


def test_selections_run_as_many_jobs_for_60_slots_as_for_6(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        names = [f"n{i}" for i in range(count)]
        columns = [(F.col("id") * (i + 1) % 17).cast("double").alias(name) for i, name in enumerate(names)]
        df = spark.range(30).select("id", *columns, label_column(F.col("id") % 3, CLASSES))
        kept = [each for each in ALL if each.kind != "select_top"]  # type: ignore[attr-defined]
        plan = plan_of([feature(kind="keep", columns=names), *kept], df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(60) == jobs(6)
