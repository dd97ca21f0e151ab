"""Candidates fitted in steps: what a policy may look at between them, and that the model is the one of a whole fit."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import frame
from lakesmith.fold_plans import Fold
from lakesmith.folds import PreparedFold
from lakesmith.metrics import metric_named
from lakesmith.notebooks.plain.boosting import fitted_in_steps
from lakesmith.pipelines import FEATURES, LABEL
from lakesmith.project import Project
from lakesmith.stages.candidates import Candidates
from lakesmith.tasks import Target
from lakesmith.trial_reports import Unheard

POLICY = {"early_termination": {"kind": "median_stopping"}}
WHOLE = {"kind": "xgboost", "n_estimators": 5, "rounds_per_interval": 3, "max_depth": 2, "workers": 1}


class Heard(Unheard):
    def __init__(self) -> None:
        self.folds: list[float] = []
        self.series: dict[str, list[float]] = {}
        self.lasts: list[bool] = []

    def __call__(self, metric: float, *, is_last: bool = False) -> None:
        self.folds.append(metric)

    def interval(self, series: str, metric: float, *, is_last: bool = False) -> None:
        self.series.setdefault(series, []).append(metric)
        self.lasts.append(is_last)


def project(family: dict[str, Any], tune: dict[str, Any]) -> Project:
    return Project.model_validate(
        {
            "name": "visits",
            "sources": {"visits": {"kind": "csv", "path": "visits.csv"}},
            "key": ["id"],
            "task": {"kind": "regression", "label": "cost"},
            "split": {"kind": "hash", "test": 0.2},
            "features": [{"kind": "keep", "columns": ["x", "y"]}],
            "families": [family],
            "tune": tune,
            "seed": 3,
        }
    )


def candidates(made: Project, train: DataFrame) -> Candidates:
    folds = [Fold("fold 1", F.col("id") % 2 == 0, F.col("id") % 2 == 1)]
    target = Target(label="cost", sort="regression", rows=120)
    return Candidates(made, train, folds, target, metric_named("rmse", "regression"), 2, Path("not needed"))


@pytest.fixture(scope="module")
def train(spark: SparkSession) -> DataFrame:
    draw = random.Random(5)
    rows = [(n, x := draw.gauss(0, 1), y := draw.gauss(0, 1), 3 * x + y * y) for n in range(120)]
    return frame(spark, f"id int, x double, y double, {LABEL} double", rows).cache()


def fitted(on: Candidates, fold: PreparedFold) -> Any:
    family = on.project.families[0]
    return on.fitted(family, on.fit(family, fold.train, fold.features, fold.name)).model


def trees(model: Any) -> list[str]:
    return list(model.get_booster().get_dump(with_stats=True))


def test_xgboost_in_steps_is_xgboost_whole_and_each_step_is_reported(train: DataFrame) -> None:
    heard, whole = Heard(), Heard()
    with candidates(project(WHOLE, POLICY), train) as stepped, candidates(project(WHOLE, {}), train) as plain:
        values = stepped.judged(stepped.project.families[0], 0, heard)
        assert plain.judged(plain.project.families[0], 0, whole) == values
        (fold,) = stepped._folds(stepped.project.families[0])
        one, other = (fitted(each, fold) for each in (stepped, plain))
        assert trees(one) == trees(other)
    assert whole.series == {}
    assert list(heard.series) == ["fold 1"]
    assert heard.lasts == [False, True]
    assert len(heard.series["fold 1"]) == 2
    assert heard.series["fold 1"][0] > heard.series["fold 1"][1] == heard.folds[0]
    assert not one.isSet(one.xgb_model)
    assert one.getOrDefault(one.n_estimators) == 5


def test_steps_of_drawn_rows_differ_and_a_generated_notebook_fits_the_same_ones(train: DataFrame) -> None:
    family = {**WHOLE, "subsample": 0.5, "n_estimators": 6}
    with candidates(project(family, POLICY), train) as stepped:
        (fold,) = stepped._folds(stepped.project.families[0])
        model = fitted(stepped, fold)
        estimator = stepped.project.families[0].estimator("regression", parallelism=1, seed=3)
        again = fitted_in_steps(estimator, fold.train, [3, 3])
        assert trees(again) == trees(model)
        assert FEATURES in fold.train.columns
    covers = [[part.split("cover=")[1] for part in tree.splitlines() if "cover=" in part] for tree in trees(model)]
    assert covers[0] != covers[3]  # the first trees of the two steps saw other rows
