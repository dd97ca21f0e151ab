"""Generated notebooks: run cell by cell without lakesmith they come to the registered test metrics."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from lakesmith import api, places, project
from lakesmith.errors import ConfigError, DataError
from lakesmith.notebooks.draws import drawing_calls
from lakesmith.progress import Progress
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.workspace import opened
from notebooks.alone import run_cells

pytestmark = pytest.mark.usefixtures("spark")

COMMON = """\
name: visits
description: Visits, and what became of them.
sources: {visits: {kind: csv, path: visits.csv, columns: {"visit id": int, at: timestamp, city: string, size: double,
  "wait `min`": double, weight: double, late: boolean, cost: double, grade: string}}}
key: ["visit id"]
time: at
group: city
seed: 3
"""
BINARY = """\
task: {kind: binary, label: late}
split: {kind: time, test_from: "2025-03-01"}
features:
  - {kind: keep, columns: [size]}
  - {kind: impute, columns: ["wait `min`"], flag: true}
  - {kind: one_hot, columns: [city]}
  - {kind: frequency, columns: [grade]}
  - {kind: woe, columns: [grade]}
  - {kind: date_parts, columns: [at], parts: [hour, weekday]}
resample: [{kind: undersample, share: 0.9}]
families: [{kind: xgboost, n_estimators: 15, subsample: 0.8, search: {max_depth: {kind: quniform, low: 3, high: 5}}}]
tune: {algorithm: random, max_trials: 1, folds: {kind: expanding, windows: 2},
  early_termination: {kind: median_stopping}}
"""
REGRESSION = """\
weight: weight
task: {kind: regression, label: cost}
split: {kind: hash, test: 0.3, validation: 0.2}
features:
  - {kind: standardize, columns: numeric, except_columns: [cost]}
  - {kind: one_hot, columns: [city, late]}
families: [{kind: linear, reg_param: 0.1, elastic_net_param: 0.5, search: {}}]
"""
MULTICLASS = """\
task: {kind: multiclass, label: grade, balance: true}
split: {kind: stratified, by: grade, test: 0.3}
features:
  - {kind: keep, columns: [size, "wait `min`", cost]}
  - {kind: ordinal, columns: [city]}
families: [{kind: random_forest, num_trees: 6, max_depth: 4, subsampling_rate: 0.8, search: {}}]
tune: {max_trials: 1, folds: {kind: hashed, k: 2}}
"""


def write_project(folder: Path, rest: str) -> Path:
    draw = random.Random(11)
    lines = ["visit id,at,city,size,wait `min`,weight,late,cost,grade"]
    for number in range(300):
        size, wait = draw.gauss(0, 1), draw.gauss(10, 4)
        late = draw.random() < 1 / (1 + math.exp(-2 * size))
        cost = 3 * size + wait + draw.gauss(0, 1)
        grade = "abc"[min(2, max(0, round(size + draw.gauss(0, 0.4)) + 1))]
        shown = "" if draw.random() < 0.1 else f"{wait:.3f}"
        at = f"2025-0{1 + number // 100}-{1 + number % 28:02}T{number % 24:02}:00:00Z"
        label = "" if number % 10 == 9 else str(late).lower()
        lines.append(
            f"{number},{at},{draw.choice('ABCD')},{size:.4f},{shown},{1 + number % 3},{label},{cost:.4f},{grade}"
        )
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    path = folder / "visits.yml"
    path.write_text(COMMON + rest)
    return path


def trained(folder: Path, rest: str) -> tuple[Path, EvaluateResult]:
    path = write_project(folder, rest)
    api.run(path, select="+evaluate", progress=Progress.silent())
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        judged = workspace.previous("evaluate", EvaluateResult)
    assert judged is not None
    return path, judged


def generated(path: Path, **options: Any) -> str:
    target = path.parent / "notebook.py"
    assert api.generate_notebook(path, target=target, progress=Progress.silent(), **options) == target
    return target.read_text("utf-8")


def check(source: str, judged: EvaluateResult) -> dict[str, Any]:
    assert "import lakesmith" not in source
    assert "from lakesmith" not in source
    space = run_cells(source)
    assert space["metrics"] == pytest.approx(judged.challenger, rel=0, abs=1e-9)
    assert set(space["expected"]) == set(judged.challenger)
    return space


def test_a_binary_xgboost_that_was_fitted_in_steps_comes_out_the_same(tmp_path: Path) -> None:
    path, judged = trained(tmp_path, BINARY)
    source = generated(path)
    assert "fitted_in_steps(estimator, vectors, [10, 5])" in source
    space = check(source, judged)
    assert space["predictions"].columns == ["visit id", "prediction", "probability"]
    assert {row.prediction for row in space["predictions"].collect()} <= {"true", "false"}
    assert "# features[1]: {kind: impute, columns: [wait `min`], flag: true}" in source
    assert "# resample[0]: {kind: undersample, share: 0.9}" in source
    *_, last = source.split("# COMMAND ----------")
    space["metrics"]["roc_auc"] += 2e-9
    with pytest.raises(AssertionError, match=rf"roc_auc is .* here and {judged.challenger['roc_auc']!r} in version 1"):
        exec(last, space)
    (tmp_path / "notebook.py").write_text(source + "# edited")
    with pytest.raises(ConfigError, match="is there already, with other text"):
        generated(path)
    with pytest.raises(DataError, match="has no champion"):
        generated(path, alias="champion")


def test_a_weighted_linear_regression_comes_out_the_same(tmp_path: Path) -> None:
    path, judged = trained(tmp_path, REGRESSION)
    check(generated(path), judged)


def test_a_balanced_forest_of_three_classes_comes_out_the_same(tmp_path: Path) -> None:
    path, judged = trained(tmp_path, MULTICLASS)
    check(generated(path), judged)


def test_made_rows_are_refused() -> None:
    settings = {"name": "visits", "key": ["id"], "sources": {"visits": {"kind": "csv", "path": "x.csv"}},
                "task": {"kind": "binary", "label": "late"}, "split": {"kind": "hash"},
                "families": [{"kind": "linear"}], "features": [{"kind": "keep", "columns": ["size"]}],
                "resample": [{"kind": "undersample"}, {"kind": "smote"}]}  # fmt: skip
    with pytest.raises(ConfigError, match=r"resample\[1\].kind: 'smote' makes training rows") as error:
        drawing_calls(project.Project.model_validate(settings), "label")
    assert error.value.exit_code == 2
