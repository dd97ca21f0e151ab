"""Places: where a project's data, tables and models live in one environment. Names and places only, no modelling."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lakesmith import yaml_file
from lakesmith.errors import ConfigError, nearest
from lakesmith.mistakes import validation_errors
from lakesmith.platforms import Mode

DEFAULT_ENV = "local"
WORKSPACE_VARIABLE = "LAKESMITH_WORKSPACE"
NAMES = ("catalog", "schema", "model", "experiment")
FIELDS = {"schema": "schema_name"}


class Places(BaseModel):
    """One environment, from `conf/env/<name>.yml`; every key may be left out.

    `${workspace}` stands for the workspace's path. Relative paths start at the project's folder: the one that holds
    `conf/`, or the one the project file lies in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    workspace: str = Field(".lakesmith", description="Folder for tables, models, runs and reports.")
    data: str = Field(".", description="Folder that relative source paths start at.")
    catalog: str | None = Field(None, description="Unity Catalog catalog; with `schema`, tables are catalog tables.")
    schema_name: str | None = Field(None, alias="schema", description="Schema of the tables and of the model.")
    model: str | None = Field(None, description="Registered model; `catalog.schema.project` if absent.")
    experiment: str | None = Field(None, description="MLflow experiment; named after the project if absent.")
    compute: Mode = Field(
        "classic", description="How Spark is reached; `validate` says what of a project cannot be done so."
    )
    master: str | None = Field(None, description="Spark master where none is given: `local[4]`, `spark://…`.")
    spark: dict[str, str] = Field(default_factory=dict, description="Spark settings for sessions started here.")
    tracking_uri: str | None = Field(None, description="MLflow tracking URI; a sqlite file in the workspace if absent.")
    registry_uri: str | None = Field(None, description="MLflow registry URI; the tracking URI if absent.")

    @property
    def tables_schema(self) -> str | None:
        """`catalog.schema` where tables live in a catalog, None where they are folders of the workspace."""
        if self.schema_name is None:
            return None
        return f"{self.catalog}.{self.schema_name}" if self.catalog else self.schema_name


def project_folder(project_file: Path) -> Path:
    """The folder relative places start at: the one that holds `conf/`, or the one the file lies in."""
    folder = project_file.resolve().parent
    return folder.parent if folder.name == "conf" else folder


def load(
    project_file: Path, env: str | None = None, workspace: str | None = None, names: Mapping[str, str] | None = None
) -> Places:
    """The places of one environment, absolute; `workspace` (an option) goes before the variable and the file, and so do
    `names` (of NAMES: what a job of a bundle is told).

    Raises ConfigError for an environment that has no file, and for keys that are not places.
    """
    folder = project_folder(project_file)
    found = _read(project_file, env)
    chosen = workspace or os.environ.get(WORKSPACE_VARIABLE)
    root = Path(chosen).resolve() if chosen else _absolute(found.workspace, folder)
    data = found.data.replace("${workspace}", str(root))
    given = {FIELDS.get(key, key): value for key, value in (names or {}).items() if value}
    return found.model_copy(update={"workspace": str(root), "data": _absolute_text(data, folder), **given})


def _read(project_file: Path, env: str | None) -> Places:
    folder = project_file.parent / "env"
    path = folder / f"{env or DEFAULT_ENV}.yml"
    if not path.is_file():
        if not env:
            return Places()
        known = sorted(each.stem for each in folder.glob("*.yml"))
        raise ConfigError(f"no environment '{env}': {path} does not exist", fix=nearest(env, known))
    document = yaml_file.read(path)
    try:
        return Places.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        raise validation_errors(error, document, Places) from None


def _absolute(path: str, folder: Path) -> Path:
    return (folder / Path(path).expanduser()).resolve()


def _absolute_text(path: str, folder: Path) -> str:
    return path if "://" in path or path.startswith("dbfs:") else str(_absolute(path, folder))


def as_json(places: Places) -> dict[str, Any]:
    """The places as plain values, for `show --resolved`."""
    return places.model_dump(mode="json", by_alias=True, exclude_none=True)
