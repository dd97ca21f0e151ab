"""The projects that are shipped: valid, the same after being written out in full, and known to the editors' schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lakesmith import project, yaml_file

ROOT = Path(__file__).parent.parent
PROJECTS = sorted((ROOT / "conf").glob("*.yml"))


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_a_shipped_project_is_valid_and_written_out_in_full_the_same(path: Path, tmp_path: Path) -> None:
    loaded = project.load(path)
    full = tmp_path / path.name
    full.write_text(yaml_file.dump(loaded.resolved()))
    assert project.load(full).model_dump() == loaded.model_dump()


def test_the_shipped_projects_are_of_all_three_tasks() -> None:
    assert {project.load(path).task.sort for path in PROJECTS} >= {"binary", "multiclass", "regression"}


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_editors_get_the_schema_from_the_first_line(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../lakesmith.schema.json"


def test_the_schema_file_is_what_the_code_says() -> None:
    assert json.loads((ROOT / "lakesmith.schema.json").read_text()) == json.loads(json.dumps(project.json_schema()))


def test_no_feature_of_flights_is_known_only_after_the_scheduled_departure() -> None:
    known_later = {
        *("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "departed_at", "arrived_at", "is_late"),
        *("tailnum", "flight_key"),
    }
    features = project.load(ROOT / "conf" / "flights.yml").features
    used = {name for feature in features for name in getattr(feature, "columns", ())}
    assert used
    assert not used & known_later


def test_validate_imports_neither_spark_nor_mlflow() -> None:
    code = (
        "import sys; from lakesmith import api; api.validate('conf/flights.yml');"
        "api.validate('conf/digits_transfer.yml'); heavy = ('torch', 'petastorm', 'tensorflow', 'lakesmith_stages');"
        "heavy += ('pyspark', 'mlflow', 'xgboost', 'hyperopt', 'sklearn', 'delta');"
        "print([m for m in heavy if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
