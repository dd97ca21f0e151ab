"""Models on their way into the store and out of it, on machines that do not share a /tmp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow.spark
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import SparkSession

from builders import frame, rows
from lakesmith.places import Places
from lakesmith.workspace import tracking_for


def test_models_pass_through_the_workspace_which_executors_see_too(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[Path] = []

    def recorded(name: str, option: str) -> None:
        original: Any = getattr(mlflow.spark, name)

        def called(*given: Any, **named: Any) -> Any:
            passed.append(Path(named[option]))
            return original(*given, **named)

        monkeypatch.setattr(mlflow.spark, name, called)

    recorded("log_model", "dfs_tmpdir")
    recorded("load_model", "dst_path")
    tracking = tracking_for(Places(workspace=str(tmp_path)), "visits")
    table = frame(spark, "x double", [(1.0,), (2.0,)])
    model = PipelineModel([SQLTransformer(statement="SELECT *, x + 1 AS prediction FROM __THIS__")])
    version = tracking.register(tracking.open_run("key", "run"), model, table, requirements=["pyspark"], tags={})
    assert rows(tracking.load(version).transform(table)) == [(1.0, 2.0), (2.0, 3.0)]
    assert [each.parent for each in passed] == [tmp_path / "visits"] * 2
    assert not any(each.exists() for each in passed)
