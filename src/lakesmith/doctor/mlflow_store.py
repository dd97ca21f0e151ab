"""The MLflow store: reachable, of a kind and schema that this MLflow works with. Files are looked at without MLflow,
whose import alone takes as long as all other checks together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from lakesmith.doctor.checks import Answer, Surroundings, check, ok, problem
from lakesmith.session import first_line
from lakesmith.workspace import tracking_for

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
# One try of a few seconds: by default MLflow asks a server that is away seven times, over minutes.
IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
FIX_URI = "Check `tracking_uri` in the environment file."


@check("mlflow", why="Runs, model versions and the aliases that score follows are kept there.")
def mlflow_store(seen: Surroundings) -> Iterator[Answer]:
    """Each of the tracking and registry stores, asked for something small."""
    tracking = tracking_for(seen.places, seen.name)
    for uri in dict.fromkeys((tracking.uri, tracking.registry_uri)):
        scheme = urlsplit(uri).scheme.partition("+")[0]
        if scheme in ("", "file"):
            yield problem(
                f"{uri} is a folder: MLflow {version('mlflow')} does not keep runs in files",
                "Leave `tracking_uri` out, or name a database or a server.",
            )
        elif scheme in DATABASES:
            yield _database(uri)
        elif uri == tracking.uri:  # a registry of its own is asked for the model itself, on Databricks
            yield _server(seen, uri)


def _database(uri: str) -> Answer:
    """A database is as this MLflow left it, or empty."""
    if uri.startswith("sqlite:///") and not (path := Path(uri.removeprefix("sqlite:///"))).is_file():
        return ok(f"{path} will be made by the first run")
    wanted = newest_schema()
    try:
        found = schema_of(uri)
    except Exception as error:  # noqa: BLE001 (each database's driver has errors of its own)
        return problem(f"{uri} does not answer: {first_line(error)}", FIX_URI)
    if found is None:
        return ok(f"{uri} is empty; the first run makes its tables")
    if found != wanted:
        return problem(
            f"{uri} has the schema {found}, MLflow {version('mlflow')} works with {wanted}",
            f"Make a copy of it, then run `mlflow db upgrade {uri}`; if a newer MLflow made it, install that one.",
        )
    return ok(f"{uri} answers, its schema is MLflow {version('mlflow')}'s")


def _server(seen: Surroundings, uri: str) -> Answer:
    tracking = tracking_for(seen.places, seen.name)
    try:
        with _set(IMPATIENT):
            tracking.client.search_experiments(max_results=1)
    except Exception as error:  # noqa: BLE001 (away, refused, forbidden: all of them end a run)
        return problem(f"{uri} does not answer: {first_line(error)[:300]}", FIX_URI)
    return ok(f"{uri} answers")


def schema_of(uri: str) -> str | None:
    """The revision a database's tables have; None when there are none."""
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    engine = create_engine(uri)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def newest_schema() -> str:
    """The revision that the installed MLflow works with: the one migration that no other is built on."""
    package = find_spec("mlflow")
    folder = Path((package.submodule_search_locations or [""])[0] if package else "", "store/db_migrations/versions")
    made: set[str] = set()
    built_on: set[str] = set()
    for file in folder.glob("*.py"):
        text = file.read_text("utf-8")
        made.update(re.findall(r"""^revision(?:\s*:.*?)?\s*=\s*["'](\w+)["']""", text, re.MULTILINE))
        built_on.update(re.findall(r"""^down_revision(?:\s*:.*?)?\s*=\s*["'](\w+)["']""", text, re.MULTILINE))
    (newest,) = made - built_on
    return newest


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    before = {each: os.environ.get(each) for each in variables}
    os.environ.update({each: value for each, value in variables.items() if before[each] is None})
    try:
        yield
    finally:
        for each, value in before.items():
            if value is None:
                os.environ.pop(each, None)
