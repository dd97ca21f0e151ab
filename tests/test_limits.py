"""What a project asks for that Spark Connect and serverless compute cannot do, without Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakesmith import limits, project
from lakesmith.errors import ConfigError, ConfigErrors
from small_projects import write_project

XGBOOST = "  - {kind: xgboost, max_depth: 3, search: {}}\n"


def loaded(folder: Path, added: str) -> project.Project:
    return project.load(write_project(folder, change=lambda text: text.replace("families:\n", f"families:\n{added}")))


def test_a_limit_says_what_where_why_and_what_to_do(tmp_path: Path) -> None:
    (found,) = limits.limits(loaded(tmp_path, XGBOOST), "serverless")
    assert (found.what, found.key) == ("xgboost", "families[0]")
    assert "SparkContext" in found.why
    assert "classic compute" in found.fix


def test_there_is_none_for_a_session_with_a_jvm_or_a_project_of_sparks_own_families(tmp_path: Path) -> None:
    assert limits.limits(loaded(tmp_path, XGBOOST), "classic") == []
    assert limits.limits(loaded(tmp_path, ""), "connect") == []


def test_all_limits_are_told_in_one_go_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        limits.check(loaded(tmp_path, XGBOOST * 2), "serverless")
    assert [each.key for each in raised.value.errors] == ["families[0]", "families[1]"]
    assert "visits.yml:24 families[0]: xgboost cannot run on serverless compute: " in str(raised.value)
    with pytest.raises(ConfigError, match="Spark Connect"):
        limits.check(loaded(tmp_path, XGBOOST), "connect")


def test_nothing_is_raised_where_there_is_no_limit(tmp_path: Path) -> None:
    limits.check(loaded(tmp_path, XGBOOST), "classic")
