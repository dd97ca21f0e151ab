"""Endpoints: the champion of a registered model behind a Databricks model serving endpoint."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from lakesmith import failures, tracking
from lakesmith.stages.models import version_at
from lakesmith.tracking import Tracking

if TYPE_CHECKING:
    from mlflow.deployments import BaseDeploymentClient

Done = Literal["made", "moved", "kept"]


def served(registry: Tracking, endpoints: BaseDeploymentClient, endpoint: str) -> tuple[Done, int]:
    """What was done to the endpoint and the version it serves now: made, moved to the champion, or kept as it was.

    A small CPU workload that scales to zero; an endpoint that is there keeps its size. Raises DataError when the model
    has no champion, EnvironmentFault when Databricks refuses.
    """
    model, champion = registry.model, version_at(registry, "champion").number
    with tracking.refusal_told(
        f"the endpoint {endpoint} cannot be set to version {champion} of {model}",
        fix="Check that this workspace has model serving and that the job may manage the endpoint.",
    ):
        found = _found(endpoints, endpoint)
        entity = _entity(model, str(champion))
        if found is None:
            endpoints.create_endpoint(name=endpoint, config={"served_entities": [entity]})
            return "made", champion
        entities = _entities(found)
        if [(each.get("entity_name"), each.get("entity_version")) for each in entities] == [(model, str(champion))]:
            return "kept", champion
        size = {
            key: entities[0][key]
            for key in ("workload_size", "scale_to_zero_enabled")
            if entities and key in entities[0]
        }
        endpoints.update_endpoint_config(endpoint=endpoint, config={"served_entities": [entity | size]})
        return "moved", champion


def run_serve(argv: Sequence[str] | None = None) -> None:
    """The job `serve`: ends the process unless all is well."""
    options = parser().parse_args(argv)
    registry = Tracking(uri="databricks", registry_uri="databricks-uc", experiment="", model=options.model)
    try:
        done, version = served(registry, tracking.serving_endpoints(), options.endpoint)
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
