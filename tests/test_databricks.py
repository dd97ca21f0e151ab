"""What is different on Databricks, with the platform faked at its one seam and everything else real: catalog tables,
names given by the job, a workspace on a volume, and the verdict that a job's condition reads."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from mlflow.exceptions import MlflowException
from pyspark.sql import SparkSession

from lakesmith import job, platforms, session
from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.platforms import Platform
from lakesmith.progress import Progress
from lakesmith.project_session import Session
from lakesmith.serving.endpoints import served
from lakesmith.sources.secrets import Secret
from lakesmith.tracking import Version
from small_projects import visits, write_project

JOBS = Path(__file__).parent.parent / "src" / "jobs"
SCHEMA = "lake_test"


@pytest.fixture
def databricks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dedicated cluster of Databricks Runtime 18 LTS ML; nothing may look for Delta's JARs there."""
    cluster = Platform("databricks", runtime="18.1", image="18.x-cpu-ml-scala2.13", access="dedicated")
    monkeypatch.setattr(platforms, "current", lambda *_: cluster)
    monkeypatch.setenv("MLFLOW_DFS_TMP", "")  # so that it is taken away again
    monkeypatch.delenv("MLFLOW_DFS_TMP")

    def refused(_submitted: bool) -> dict[str, str]:
        raise AssertionError("Delta is the platform's own")

    monkeypatch.setattr(session, "_delta_jars", refused)


def test_a_job_of_the_bundle_runs_in_the_catalog_and_its_verdict_reaches_the_condition(
    spark: SparkSession, databricks: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spark.sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    (tmp_path / "conf" / "env").mkdir(parents=True)
    store = f"sqlite:///{tmp_path / 'server.db'}"
    (tmp_path / "conf" / "env" / "dev.yml").write_text(f"data: {tmp_path / 'conf'}\ntracking_uri: {store}\n")
    path, volume = write_project(tmp_path / "conf", visits(200), trials=1), tmp_path / "volume"
    named = ["--catalog", "spark_catalog", "--schema", SCHEMA, "--model", f"spark_catalog.{SCHEMA}.dev_me_visits"]
    experiment = "/Users/me@example.com/[dev me] lakesmith-visits"
    arguments = ["--project", str(path), "--env", "dev", "--workspace", str(volume), *named, "--experiment", experiment]

    assert job.run_stage(None, arguments) == 0
    assert "200 predictions" in capsys.readouterr().out
    tables = {row["tableName"] for row in spark.sql(f"SHOW TABLES IN {SCHEMA}").collect()}
    assert {"visits_gold", "visits_predictions", "visits_stage_runs"} <= tables
    assert not (volume / "visits" / "tables").exists()
    assert not (volume / "visits" / "lock").exists()
    assert (volume / "visits" / "report.html").is_file()
    assert os.environ["MLFLOW_DFS_TMP"] == str(volume / "visits" / ".mlflow")

    opened = Session.of(path, "dev", workspace=str(volume), names={"catalog": "spark_catalog", "schema": SCHEMA,
                        "model": named[-1], "experiment": experiment}, progress=Progress.silent())  # fmt: skip
    assert opened.champion().model.name == named[-1]
    assert opened.tracking.experiment == experiment
    assert opened.table("gold").count() == 200

    set_values: dict[str, str] = {}
    given = {"project": str(path), "env": "dev", "workspace": str(volume)}
    dbutils = SimpleNamespace(
        widgets=SimpleNamespace(text=lambda name, default: None, get=given.__getitem__),
        jobs=SimpleNamespace(taskValues=SimpleNamespace(set=lambda key, value: set_values.update({key: value}))),
    )
    exec(compile((JOBS / "verdict.py").read_text(), "verdict.py", "exec"), {"dbutils": dbutils})
    assert set_values == {"gates": "passed"}
    assert "passed: roc_auc" in capsys.readouterr().out


def test_a_workspace_that_cannot_be_written_is_said_before_anything_runs(databricks: None, tmp_path: Path) -> None:
    path = write_project(tmp_path)
    (tmp_path / "volume").write_text("a file where the folder should be")
    opened = Session.of(path, workspace=str(tmp_path / "volume"), progress=Progress.silent())
    with pytest.raises(EnvironmentFault, match=r"cannot be written.*/Volumes/catalog/schema/volume"):
        opened.ingest()


def test_a_secret_without_a_scope_takes_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class DBUtils:
        def __init__(self, spark: object) -> None:
            self.secrets = SimpleNamespace(get=lambda scope, key: asked.append((scope, key)) or "s3cret")

    monkeypatch.setitem(__import__("sys").modules, "pyspark.dbutils", SimpleNamespace(DBUtils=DBUtils))
    monkeypatch.delenv("LAKESMITH_SECRET_SCOPE", raising=False)
    spark = SimpleNamespace()
    with pytest.raises(EnvironmentFault, match="names no scope"):
        Secret(secret="databricks:warehouse").value(spark)
    monkeypatch.setenv("LAKESMITH_SECRET_SCOPE", "team")
    assert Secret(secret="databricks:warehouse").value(spark) == "s3cret"
    assert Secret(secret="databricks:other/warehouse").value(spark) == "s3cret"
    assert asked == [("team", "warehouse"), ("other", "warehouse")]


class Endpoints:
    """The serving endpoints of a workspace, as MLflow's client for them answers."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, object]] = {}

    def list_endpoints(self) -> list[dict[str, object]]:
        return [{"name": name} for name in self.known]

    def get_endpoint(self, endpoint: str) -> dict[str, object]:
        return {"name": endpoint, "config": self.known[endpoint]}

    def create_endpoint(self, name: str, config: dict[str, object]) -> None:
        self.known[name] = config

    def update_endpoint_config(self, endpoint: str, config: dict[str, object]) -> None:
        self.known[endpoint] = config

    def refuse(self, **_given: object) -> None:
        raise MlflowException("no permission\nrequest 17")


class Registry(SimpleNamespace):
    """A registered model whose champion is `champion`."""

    model = "main.lake.visits"
    champion: Version | None = Version(3, "run")

    def at(self, alias: str) -> Version | None:
        return self.champion if alias == "champion" else None


def test_an_endpoint_is_made_moved_or_kept() -> None:
    registry, endpoints = Registry(), Endpoints()
    assert served(registry, endpoints, "visits") == ("made", 3)
    assert served(registry, endpoints, "visits") == ("kept", 3)
    registry.champion = Version(4, "run")
    endpoints.known["visits"]["served_entities"][0]["workload_size"] = "Large"
    assert served(registry, endpoints, "visits") == ("moved", 4)
    entity = endpoints.known["visits"]["served_entities"][0]
    assert (entity["entity_name"], entity["entity_version"]) == ("main.lake.visits", "4")
    assert entity["workload_size"] == "Large"


def test_an_endpoint_that_cannot_be_set_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"main\.lake\.visits has no champion"):
        served(Registry(champion=None), Endpoints(), "visits")
    monkeypatch.setattr(Endpoints, "create_endpoint", Endpoints.refuse)
    with pytest.raises(
        EnvironmentFault, match=r"visits cannot be set to version 3 of main\.lake\.visits: no permission"
    ):
        served(Registry(), Endpoints(), "visits")
