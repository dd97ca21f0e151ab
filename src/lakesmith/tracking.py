"""The only importer of mlflow: runs, registered versions, aliases. Models go in and come out as PipelineModels."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lakesmith import package_sources, platforms, session
from lakesmith.errors import DataError, EnvironmentFault

if TYPE_CHECKING:
    from mlflow.client import MlflowClient
    from mlflow.deployments import BaseDeploymentClient
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

Alias = Literal["challenger", "champion"]
RunStatus = Literal["FINISHED", "FAILED", "KILLED"]
KEY_TAG = "lakesmith.key"
MODEL_PATH = "model"
SPARK_PART = "sparkml"  # as mlflow calls Spark's own files within a model
NETWORK_FOLDER = "network"  # of a run, for models that hold one: its spec and its weights, for torch alone
NETWORK_STATE = f"{NETWORK_FOLDER}/state_dict.pth"  # as mlflow.pytorch calls it
EXAMPLE_ROWS = 5
LOGGED_AT_ONCE = 1000  # the tracking server's limit on all entries of one call
PARAMS_AT_ONCE = 100  # and on its parameters, and on its tags


@dataclass(frozen=True)
class Version:
    """One registered version of the project's model."""

    number: int
    run_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """A table a run has read: its name, its address and its version."""

    name: str
    address: str
    version: int
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Tracking:
    """One experiment and one registered model of an MLflow server, or of a sqlite file beside an artifact folder."""

    uri: str
    registry_uri: str
    experiment: str
    model: str
    artifacts: str | None = None  # where a new experiment's artifacts go; None lets the server choose
    scratch: Path | None = None  # where models pass through: executors write and read there, so all must see it

    @cached_property
    def client(self) -> MlflowClient:
        """The client, made on first use. Raises EnvironmentFault when the store cannot be reached."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        if self.scratch is not None and platforms.current().is_databricks:
            os.environ.setdefault("MLFLOW_DFS_TMP", str(self.scratch / ".mlflow"))
        import mlflow

        for noisy in ("mlflow", "alembic"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.registry_uri)
        return mlflow.MlflowClient(self.uri, self.registry_uri)

    @cached_property
    def experiment_id(self) -> str:
        with refusal_told(
            f"the MLflow store {self.uri.split('@')[-1]} does not answer",
            fix="Check `tracking_uri` in the environment file.",
        ):
            found = self.client.get_experiment_by_name(self.experiment)
            if found is not None:
                return str(found.experiment_id)
            return str(self.client.create_experiment(self.experiment, artifact_location=self.artifacts))

    def open_run(self, key: str, name: str) -> str:
        """The id of the run for `key`: the one an earlier, killed attempt left open, or a new one."""
        unfinished = f"tags.`{KEY_TAG}` = '{key}' and attributes.status = 'RUNNING'"
        found = self.client.search_runs([self.experiment_id], filter_string=unfinished, max_results=1)
        if found:
            return str(found[0].info.run_id)
        tags = {KEY_TAG: key, "mlflow.runName": name}
        return str(self.client.create_run(self.experiment_id, tags=tags).info.run_id)

    def close_run(self, run_id: str, status: RunStatus = "FINISHED") -> None:
        self.client.set_terminated(run_id, status)

    def log(self, run_id: str, *, params: Mapping[str, Any] | None = None, metrics: Mapping[str, float] | None = None,
            curves: Mapping[str, Sequence[float]] | None = None,
            tags: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Parameters (cut to the store's 6,000 characters), metrics, curves and tags in as few calls as the store
        allows. A curve is a metric over the steps 1, 2, …; a metric of its name is logged as what came out in the end.
        """
        from mlflow.entities import Metric, Param, RunTag
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()
        entries = [Param(each, str(value)[:6000]) for each, value in (params or {}).items()]
        points = [
            Metric(name, float(value), now, step)
            for name, values in (curves or {}).items()
            for step, value in enumerate(values, start=1)
        ]
        # Of a metric's values the store takes the one of the greatest step, then of the latest time, for its own.
        points += [
            Metric(each, float(value), now + 1, len((curves or {}).get(each, ())))
            for each, value in (metrics or {}).items()
        ]
        marks = [RunTag(each, value) for each, value in (tags or {}).items()]
        while entries or points or marks:
            params_now, tags_now = entries[:PARAMS_AT_ONCE], marks[:PARAMS_AT_ONCE]
            room = LOGGED_AT_ONCE - len(params_now) - len(tags_now)
            self.client.log_batch(run_id, metrics=points[:room], params=params_now, tags=tags_now)
            entries, points, marks = entries[PARAMS_AT_ONCE:], points[room:], marks[PARAMS_AT_ONCE:]

    def log_trial(self, parent: str, name: str, *, params: Mapping[str, Any], metrics: Mapping[str, float],
                  curves: Mapping[str, Sequence[float]], tags: Mapping[str, str],
                  status: RunStatus) -> str:  # fmt: skip
        """A nested run for one trial that has ended; returns its id."""
        nested = {"mlflow.parentRunId": parent, "mlflow.runName": name, **tags}
        run_id = str(self.client.create_run(self.experiment_id, tags=nested).info.run_id)
        self.log(run_id, params=params, metrics=metrics, curves=curves)
        self.close_run(run_id, status)
        return run_id

    def nested_tags(self, parent: str) -> list[dict[str, str]]:
        """The tags of each nested run of `parent`."""
        found: list[dict[str, str]] = []
        token: str | None = None
        while True:
            page = self.client.search_runs(
                [self.experiment_id], f"tags.mlflow.parentRunId = '{parent}'", page_token=token, max_results=1000
            )
            found += [dict(run.data.tags) for run in page]
            token = page.token
            if not token:
                return found

    def metrics(self, run_id: str) -> dict[str, float]:
        """The last value of each metric of a run."""
        return dict(self.client.get_run(run_id).data.metrics)

    def tags(self, run_id: str) -> dict[str, str]:
        """The tags of a run."""
        return dict(self.client.get_run(run_id).data.tags)

    def log_inputs(self, run_id: str, inputs: Sequence[Input]) -> None:
        """The tables a run read, with their Delta versions, as MLflow dataset inputs."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        datasets = [
            DatasetInput(
                Dataset(
                    name=each.name,
                    digest=f"v{each.version}",
                    source_type="delta_table",
                    source=json.dumps({"path": each.address, "delta_table_version": each.version}),
                    schema=json.dumps({"columns": dict(each.columns)})[:1_000_000],
                ),
                [InputTag("mlflow.data.context", "training")],
            )
            for each in inputs
        ]
        self.client.log_inputs(run_id, datasets)

    def log_file(self, run_id: str, path: Path, folder: str | None = None) -> None:
        self.client.log_artifact(run_id, str(path), folder)

    def log_json(self, run_id: str, value: Any, name: str) -> None:
        self.client.log_dict(run_id, value, name)

    def read_json(self, run_id: str, name: str) -> Any | None:
        """A JSON artifact of a run, None when the run has no such file."""
        with tempfile.TemporaryDirectory() as folder:
            known = [each.path for each in self.client.list_artifacts(run_id)]
            if name not in known:
                return None
            return json.loads(Path(self.client.download_artifacts(run_id, name, folder)).read_text("utf-8"))

    def log_figure(self, run_id: str, svg: str, name: str) -> None:
        self.client.log_text(run_id, svg, name)

    def log_network(self, run_id: str, spec: Mapping[str, Any], weights: bytes) -> None:
        """The network of a model as torch takes it, without Spark: `network.json` and a state dict."""
        import mlflow
        import mlflow.pytorch

        from lakesmith_stages.network import unpacked

        self.client  # noqa: B018 (sets the store's addresses)
        with mlflow.start_run(run_id=run_id, log_system_metrics=False):
            mlflow.pytorch.log_state_dict(unpacked(weights), NETWORK_FOLDER)
        self.client.log_dict(run_id, dict(spec), f"{NETWORK_FOLDER}/network.json")

    def register(self, run_id: str, model: PipelineModel, rows: DataFrame, *, requirements: Sequence[str],
                 tags: Mapping[str, str]) -> Version:  # fmt: skip
        """Logs the model with its signature on `rows` (a few gold rows) and registers it as a new version.

        Raises DataError for a column whose type MLflow cannot name: its whole signature would become Any.
        """
        import mlflow
        import mlflow.spark
        from mlflow.models import infer_signature

        self.client  # noqa: B018 (sets the store's addresses)
        with warnings.catch_warnings():
            # The hint about integers that may be missing: gold's types are as they are, nulls stay nulls in Spark.
            warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer", category=UserWarning)
            # As pyfunc a Spark model answers with its `prediction` alone; naming more would break its validation.
            signature = infer_signature(rows, model.transform(rows).select("prediction"))
        _refuse_any(signature, rows)
        example = rows.limit(EXAMPLE_ROWS).toPandas()
        told = {"signature": signature, "input_example": example, "pip_requirements": list(requirements)}
        if session.has_no_jvm(rows.sparkSession):
            return self._new_version(self._logged_without_jvm(run_id, model, told), None, run_id, tags)
        with mlflow.start_run(run_id=run_id, log_system_metrics=False), self._scratch() as temporary:
            scratch = os.environ.get("MLFLOW_DFS_TMP", temporary)
            code = _own_code(model, Path(temporary))
            info = mlflow.spark.log_model(model, artifact_path=MODEL_PATH, dfs_tmpdir=scratch, code_paths=code, **told)
        return self._new_version(info.model_uri, info.model_id, run_id, tags)

    def _logged_without_jvm(self, run_id: str, model: PipelineModel, told: Mapping[str, Any]) -> str:
        """What `log_model` writes, and its address. Its own way from the executors' files to these needs a JVM here;
        the server of Spark Connect writes into the workspace, where both sides see them."""
        from mlflow import spark as flavor
        from mlflow.models import Model

        with self._scratch() as folder, self._scratch() as temporary:
            model.write().overwrite().save(f"{folder}/{SPARK_PART}")
            flavor._save_model_metadata(
                folder,
                model,
                Model(artifact_path=MODEL_PATH, run_id=run_id),
                conda_env=None,
                code_paths=_own_code(model, Path(temporary)),
                **told,
            )
            self.client.log_artifacts(run_id, folder, MODEL_PATH)
        return f"runs:/{run_id}/{MODEL_PATH}"

    def _new_version(self, model_uri: str, model_id: str | None, run_id: str, tags: Mapping[str, str]) -> Version:
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(self.model)
        except MlflowException as error:
            if "ALREADY_EXISTS" not in str(error.error_code):
                raise
        made = self.client.create_model_version(self.model, model_uri, run_id, tags=dict(tags), model_id=model_id)
        return Version(int(made.version), run_id, dict(tags))

    def version_for(self, key: str) -> Version | None:
        """The newest version made for `key`, whether or not an alias points to it; None when there is none."""
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.search_model_versions(f"name = '{self.model}'")
        except MlflowException:
            return None  # the registry does not know the model yet
        made = [each for each in found if (each.tags or {}).get(KEY_TAG) == key]
        return max((_version(each) for each in made), key=lambda each: each.number, default=None)

    def at(self, alias: Alias) -> Version | None:
        """The version an alias points to, None when it points nowhere."""
        from mlflow.exceptions import MlflowException

        try:
            return _version(self.client.get_model_version_by_alias(self.model, alias))
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "NOT_FOUND"):
                return None
            raise

    def point(self, alias: Alias, version: int) -> None:
        """Moves an alias; one call of the registry, so there is no moment without it."""
        self.client.set_registered_model_alias(self.model, alias, str(version))

    def tag_version(self, version: int, tags: Mapping[str, str]) -> None:
        for each, value in tags.items():
            self.client.set_model_version_tag(self.model, str(version), each, value)

    def version(self, number: int) -> Version:
        return _version(self.client.get_model_version(self.model, str(number)))

    def load(self, version: Version) -> PipelineModel:
        """The Spark model of a version."""
        import mlflow.spark
        from pyspark.ml import PipelineModel

        # Before the model brings its own copy, in a folder that is gone when this returns.
        import lakesmith_stages.transformers  # noqa: F401

        self.client  # noqa: B018 (sets the store's addresses)
        address = f"models:/{self.model}/{version.number}"
        with self._scratch() as folder:
            if session.has_no_jvm():
                files = mlflow.artifacts.download_artifacts(address, dst_path=folder)
                loaded: PipelineModel = PipelineModel.load(f"{files.rstrip('/')}/{SPARK_PART}")
            else:
                loaded = mlflow.spark.load_model(address, dst_path=folder)
        return loaded

    def named(self, name: str) -> Version | None:
        """The version that `<model>@<alias>` or `<model>/<number>` names, of any model; None where there is none."""
        from mlflow.exceptions import MlflowException

        try:
            if "@" in name:
                return _version(self.client.get_model_version_by_alias(*name.split("@", 1)))
            return _version(self.client.get_model_version(*name.rsplit("/", 1)))
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "NOT_FOUND"):
                return None
            raise

    def download(self, version: Version, artifact: str, folder: Path) -> Path | None:
        """An artifact of the run that made a version, now in `folder`; None where the run has no such file."""
        parent = artifact.rpartition("/")[0]
        if artifact not in [each.path for each in self.client.list_artifacts(version.run_id, parent or None)]:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        return Path(self.client.download_artifacts(version.run_id, artifact, str(folder)))

    def _scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A folder that is gone after the block. A model's parts are written by executors and put together by the
        driver, and read the other way round: in the driver's own /tmp they would not meet on two machines."""
        if self.scratch is not None:
            self.scratch.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=".model-", dir=self.scratch)


def _own_code(model: PipelineModel, folder: Path) -> list[str] | None:
    """The package of the stages that Spark has not, copied into `folder`: it goes with the model, which then opens
    where lakesmith is not installed. None for a model of Spark's own stages."""
    if not any(type(stage).__module__.startswith("lakesmith_stages.") for stage in model.stages):
        return None
    return [str(package_sources.copied("lakesmith_stages", folder))]


@contextmanager
def refusal_told(what: str, fix: str) -> Iterator[None]:
    """MLflow's error inside the block as an EnvironmentFault: `what` could not be done, and the error's first line."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise EnvironmentFault(f"{what}: {session.first_line(error)}", fix=fix) from error


def serving_endpoints() -> BaseDeploymentClient:
    """The model serving endpoints of the Databricks workspace that the job runs in."""
    from mlflow.deployments import get_deploy_client

    return get_deploy_client("databricks")


def _version(found: Any) -> Version:
    return Version(int(found.version), str(found.run_id), dict(found.tags or {}))


def _refuse_any(signature: Any, rows: DataFrame) -> None:
    """MLflow falls back to Any, without a word, for one decimal or timestamp_ntz column."""
    named = {each.name for each in signature.inputs.inputs} if hasattr(signature.inputs, "inputs") else set()
    anonymous = "AnyType" in str(signature.inputs) or named != set(rows.columns)
    if anonymous:
        types = ", ".join(f"{each.name} {each.dataType.simpleString()}" for each in rows.schema.fields[:20])
        raise DataError(f"MLflow cannot name the type of every gold column ({types})", fix="Cast the odd one in clean.")
