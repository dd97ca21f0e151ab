"""Endpoints: the champion of a registered model behind a Databricks model serving endpoint."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from lakesmith import failures
from lakesmith.errors import DataError, EnvironmentFault

if TYPE_CHECKING:
    from mlflow.client import MlflowClient
    from mlflow.deployments import BaseDeploymentClient

Done = Literal["made", "moved", "kept"]


def served(client: MlflowClient, endpoints: BaseDeploymentClient, model: str, endpoint: str) -> tuple[Done, str]:
    """What was done to the endpoint and the version it serves now: made, moved to the champion, or kept as it was.

    A small CPU workload that scales to zero; an endpoint that is there keeps its size. Raises DataError when the model
    has no champion, EnvironmentFault when Databricks refuses.
    """
    from mlflow.exceptions import MlflowException

    try:
        version = str(client.get_model_version_by_alias(model, "champion").version)
    except MlflowException as error:
        raise DataError(f"the model {model} has no champion", fix="Promote a version first.") from error
    try:
        found = _found(endpoints, endpoint)
        if found is None:
            endpoints.create_endpoint(name=endpoint, config={"served_entities": [_entity(model, version)]})
            return "made", version
        entities = _entities(found)
        if [(each.get("entity_name"), each.get("entity_version")) for each in entities] == [(model, version)]:
            return "kept", version
        size = {
            key: entities[0][key]
            for key in ("workload_size", "scale_to_zero_enabled")
            if entities and key in entities[0]
        }
        endpoints.update_endpoint_config(
            endpoint=endpoint, config={"served_entities": [_entity(model, version) | size]}
        )
        return "moved", version
    except MlflowException as error:
        raise EnvironmentFault(
            f"the endpoint {endpoint} cannot be set to version {version} of {model}: {str(error).splitlines()[0]}",
            fix="Check that this workspace has model serving and that the job may manage the endpoint.",
        ) from error


def run_serve(argv: Sequence[str] | None = None) -> None:
    """The job `serve`: ends the process unless all is well."""
    options = parser().parse_args(argv)
    try:
        from mlflow import MlflowClient
        from mlflow.deployments import get_deploy_client

        client = MlflowClient("databricks", "databricks-uc")
        done, version = served(client, get_deploy_client("databricks"), options.model, options.endpoint)
    except BaseException as error:  # noqa: BLE001 (the job's last line: any error becomes words and a code)
        lines, code = failures.lines(error)
        print("\n".join(lines), file=sys.stderr)
        sys.exit(code)
    print(f"endpoint {options.endpoint} {done}: version {version} of {options.model}")


def parser() -> argparse.ArgumentParser:
    """The arguments of the job."""
    arguments = argparse.ArgumentParser(prog="serve", description="Serves the champion of a registered model.")
    arguments.add_argument("--model", required=True, help="the registered model, catalog.schema.name")
    arguments.add_argument("--endpoint", required=True, help="the serving endpoint; made if it is not there")
    return arguments


def _found(endpoints: BaseDeploymentClient, endpoint: str) -> dict[str, Any] | None:
    """The endpoint as Databricks describes it, None when there is none of that name."""
    names = [each["name"] for each in endpoints.list_endpoints()]
    return dict(endpoints.get_endpoint(endpoint)) if endpoint in names else None


def _entities(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What it serves, or is about to serve while an update is under way."""
    config = found.get("pending_config") or found.get("config") or {}
    return list(config.get("served_entities", []))


def _entity(model: str, version: str) -> dict[str, Any]:
    return {"entity_name": model, "entity_version": version, "workload_size": "Small", "scale_to_zero_enabled": True}
