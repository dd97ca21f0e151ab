"""docs/concepts.md: every snippet is a part of one project, which is valid with each of them and runs with all."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakesmith import api, places, project, yaml_file
from lakesmith.cleaning import STEPS
from lakesmith.derivations import DERIVATIONS
from lakesmith.features import FEATURES
from lakesmith.folds import fitted_features
from lakesmith.pipelines import FEATURES as VECTOR
from lakesmith.pipelines import feature_plan, label_column
from lakesmith.progress import Progress
from lakesmith.resampling import RESAMPLINGS, Drawing
from lakesmith.splits import SPLIT, SPLITS
from lakesmith.workspace import opened

DOCUMENT = (Path(__file__).parent.parent / "docs" / "concepts.md").read_text()
SNIPPETS = {
    heading: yaml_file.parse(body, heading).data
    for heading, body in re.findall(r"^## (.+?)\n.*?```yaml\n(.*?)```", DOCUMENT, re.S | re.M)
    if "```" not in heading
}
TYPES = {
    "id": "int", "seen": "timestamp", "born": "date", "town": "string", "channel": "string", "size": "string",
    "title": "string", "bought": "boolean", **dict.fromkeys(
        ("age", "rooms", "rent", "width", "length", "height", "weight", "income", "spend", "visits", "score", "points",
         "debt", "grade"), "double"),
}  # fmt: skip
ROWS = 260


def base(folder: Path) -> dict[str, Any]:
    """A project with nothing of what the document shows but the derived column that `history` needs."""
    return {
        "name": "people",
        "sources": {"people": {"kind": "csv", "path": str(folder / "people.csv"), "columns": TYPES}},
        "derive": {"steps": [{"kind": "add_columns", "columns": {"known": "seen + interval 1 day"}}]},
        "key": ["id"],
        "task": {"kind": "binary", "label": "bought", "positive": True},
        "split": {"kind": "hash", "test": 0.25, "validation": 0},
        "features": [{"kind": "keep", "columns": ["age"]}],
        "families": [{"kind": "linear", "max_iter": 10}],
        "tune": {"max_trials": 1, "folds": {"kind": "hold_out", "share": 0.3}},
    }


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Sections joined, lists one after the other; a piece that stands there already is not put twice."""
    joined = dict(one)
    for key, value in other.items():
        held = joined.get(key)
        if isinstance(value, dict) and isinstance(held, dict) and "kind" not in value:
            joined[key] = merged(held, value)
        elif isinstance(value, list) and isinstance(held, list):
            joined[key] = [*held, *[each for each in value if each not in held]]
        else:
            joined[key] = value
    return joined


def written(folder: Path, made: dict[str, Any]) -> Path:
    path = folder / "people.yml"
    path.write_text(yaml_file.dump(made))
    return path


@pytest.mark.parametrize("heading", SNIPPETS)
def test_a_snippet_makes_a_valid_project(heading: str, tmp_path: Path) -> None:
    made = project.load(written(tmp_path, merged(base(tmp_path), SNIPPETS[heading])))
    assert made.resolved()


def test_a_project_of_all_snippets_runs(spark: SparkSession, tmp_path: Path) -> None:
    draw = random.Random(1)
    with (tmp_path / "people.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TYPES)
        for i in range(ROWS):
            numbers = ["" if draw.random() < 0.08 else f"{draw.gauss(30, 9):.3f}" for _ in range(len(TYPES) - 8)]
            town, channel, size = (
                draw.choice(["Rome", "Oslo", "Bern"]),
                draw.choice(["web", "shop"]),
                draw.choice("SML"),
            )
            title = f"{draw.choice(['red', 'blue'])} {draw.choice(['chair', 'table'])} {draw.random():.12f}"
            seen, born = f"2024-{i % 12 + 1:02}-{i % 27 + 1:02}T{i % 24:02}:00:00Z", f"19{60 + i % 40}-01-01"
            writer.writerow([i, seen, born, town, channel, size, title, str(draw.random() < 0.35).lower(), *numbers])
    whole = base(tmp_path)
    for snippet in SNIPPETS.values():
        whole = merged(whole, snippet)
    path = written(tmp_path, whole)
    assert api.run(path, select="+derive", progress=Progress.silent()).exit_code == 0
    with opened(project.load(path), places.load(path), Progress.silent()) as workspace:
        made, gold = workspace.project, workspace.tables.read("gold").where(F.col(SPLIT) == "train")
        rows = gold.select("*", label_column(F.col("bought").cast("int"), ["false", "true"]))
        plan = feature_plan(made.features, rows.schema, made.facts, False)
        features = fitted_features(plan.stages, rows)
        learned = made.resample[0].apply(features.on_training(rows), Drawing(made.key, 1, 2))
        assert learned.count() > rows.count()
        assert len(features.model.transform(rows).first()[VECTOR]) >= 50  # type: ignore[index]


def test_every_concept_names_pieces_that_there_are() -> None:
    table = DOCUMENT[DOCUMENT.index("| concept") : DOCUMENT.index("## Imputation")]
    known = {kind for each in (STEPS, DERIVATIONS, FEATURES, SPLITS, RESAMPLINGS) for kind in each.kinds}
    other = {"resample", "task.balance", "tune.early_termination", "by", "strategy: mode", "lakesmith profile"}
    assert set(re.findall(r"`([^`]+)`", table)) - known == other
    assert len(SNIPPETS) == 16
