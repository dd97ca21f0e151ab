"""Databricks: runtime, access mode, catalog, volume and registry, asked on the session that is already there.

What each of them must be is from the documentation: release notes of Databricks Runtime, "Standard compute requirements
and limitations", "Unity Catalog privileges reference", "Hyperopt" (not in Databricks Runtime ML after 16.4 LTS).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lakesmith.doctor.checks import Answer, Kind, Surroundings, check, ok, problem, warning
from lakesmith.session import first_line
from lakesmith.workspace import tracking_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RUNTIME_MAJOR = 18  # 18 LTS: Spark 4.1
VOLUMES = "/Volumes"
THERE: tuple[Kind, ...] = ("databricks",)
DEDICATED = "Use a cluster with access mode Dedicated and Databricks Runtime 18 LTS ML."
MAKES_MODELS = {"CREATE MODEL", "ALL PRIVILEGES"}


@check("runtime", why="lakesmith is made for Databricks Runtime 18 LTS ML, which has Spark 4.1.", on=THERE)
def runtime(seen: Surroundings) -> Iterator[Answer]:
    """Version and variant of the runtime."""
    platform = seen.platform
    image = platform.image or platform.runtime
    if platform.is_serverless:
        yield ok(f"serverless, environment {platform.runtime.removeprefix('client.')}")
    elif platform.major is None:
        yield warning(f"the runtime calls itself {platform.runtime}, which is no version", DEDICATED)
    elif platform.major < RUNTIME_MAJOR:
        yield problem(f"{image} is older than {RUNTIME_MAJOR}", DEDICATED)
    elif platform.major > RUNTIME_MAJOR:
        yield warning(f"{image} is newer than {RUNTIME_MAJOR}, with which lakesmith is tested", DEDICATED)
    elif platform.is_ml is False and platform.access != "standard":  # there Runtime ML cannot be chosen
        yield warning(f"{image} is not Databricks Runtime ML: its libraries come with lakesmith's wheel", DEDICATED)
    else:
        yield ok(image)


@check("access mode", why="Unity Catalog needs dedicated or standard access; RDDs and sparkContext only dedicated has.",
       on=THERE)  # fmt: skip
def access_mode(seen: Surroundings) -> Iterator[Answer]:
    """What the cluster lets code do; what of the project suffers from it is told beside `compute`."""
    access = seen.platform.access
    if seen.platform.is_serverless:
        yield warning("serverless: a Spark Connect client, without sparkContext and RDDs", DEDICATED)
    elif access == "dedicated":
        yield ok("dedicated (single user)")
    elif access == "standard":
        yield warning("standard (shared): a Spark Connect client, without RDDs and Databricks Runtime ML", DEDICATED)
    elif access == "unknown":
        yield warning("the cluster does not tell", "Look at the cluster's page; it should say Dedicated.")
    else:
        yield problem(f"{access}: without Unity Catalog", DEDICATED)


@check(
    "catalog",
    why="Tables live in the catalog's schema; on the driver's disk they would end with the cluster.",
    on=THERE,
)
def catalog(seen: Surroundings) -> Iterator[Answer]:
    """Whether the schema is there and tables can be made in it: one is made, and dropped again."""
    schema = _schema(seen)
    if schema is None:
        yield problem(
            "the environment names no `catalog` and `schema`",
            "Name both in conf/env/<name>.yml and choose it with --env.",
        )
        return
    spark = seen.start()
    if (reason := _refused(spark, f"DESCRIBE SCHEMA {schema}")) is not None:
        yield problem(
            f"the schema {_plain(schema)} cannot be seen: {reason}",
            f"Create it, or ask for USE CATALOG and USE SCHEMA: GRANT USE SCHEMA ON SCHEMA {schema} TO …",
        )
        return
    probe = f"{schema}.`_lakesmith_doctor_{uuid.uuid4().hex[:8]}`"
    reason = _refused(spark, f"CREATE TABLE {probe} (x INT) USING DELTA")
    if reason is not None:
        yield problem(
            f"no table can be made in {_plain(schema)}: {reason}", f"GRANT CREATE TABLE ON SCHEMA {schema} TO …"
        )
        return
    if (left := _refused(spark, f"DROP TABLE {probe}")) is not None:
        yield warning(f"the probe {_plain(probe)} could not be dropped: {left}", f"Drop it: DROP TABLE {probe}")
    else:
        yield ok(f"{_plain(schema)} is there, and a table could be made and dropped")


@check(
    "volume", why="MLflow hands Spark models over through a folder that both driver and cluster can reach.", on=THERE
)
def volume(seen: Surroundings) -> Iterator[Answer]:
    """Whether a file written to the volume comes back the same; it is removed again."""
    given = seen.environ.get("MLFLOW_DFS_TMP", "").removeprefix("dbfs:")
    inside = seen.places.workspace if seen.places.workspace.startswith(VOLUMES) else ""
    chosen = given or inside
    fix = "Set MLFLOW_DFS_TMP to a folder of a volume, such as /Volumes/<catalog>/<schema>/<volume>/tmp."
    if not chosen.startswith(VOLUMES):
        found = f"MLFLOW_DFS_TMP is {given}" if given else "MLFLOW_DFS_TMP is not set"
        # MLflow refuses to log Spark models there without a volume; on dedicated compute DBFS may still do.
        yield (
            problem(f"{found}: no volume", fix)
            if seen.platform.mode != "classic"
            else warning(f"{found}: models go through DBFS, which many workspaces have closed", fix)
        )
    elif (reason := round_trip(Path(chosen))) is not None:
        yield problem(f"{chosen}: {reason}", f"Create the volume, or ask for READ VOLUME and WRITE VOLUME. {fix}")
    else:
        yield ok(f"{chosen}: a file was written, read back and removed")


@check("registry", why="train registers a version in Unity Catalog, promote moves its aliases.", on=THERE)
def registry(seen: Surroundings) -> Iterator[Answer]:
    """Whether the registered model can be read or, before its first version, be made; nothing is changed."""
    tracking = tracking_for(seen.places, seen.name)
    schema = _schema(seen)
    if tracking.registry_uri != "databricks-uc" or schema is None:
        yield problem(
            f"the registry is {tracking.registry_uri}, not Unity Catalog",
            "Set `tracking_uri: databricks`, `registry_uri: databricks-uc`, `catalog` and `schema` in the environment.",
        )
        return
    if seen.project is not None:
        from mlflow.exceptions import MlflowException

        try:
            tracking.client.get_registered_model(tracking.model)
            yield ok(f"{tracking.model} can be read")
            return
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
                yield problem(
                    f"{tracking.model} cannot be read: {first_line(error)[:300]}",
                    f"GRANT EXECUTE ON FUNCTION {tracking.model} TO …",
                )
                return
    yield _grants(seen.start(), schema)


def _grants(spark: SparkSession, schema: str) -> Answer:
    """What the grants that the user may see tell; owners hold all rights without a grant, so none seen is no proof."""
    fix = f"Unless you own the schema: GRANT CREATE MODEL ON SCHEMA {schema} TO …"
    try:
        rows = spark.sql(f"SHOW GRANTS ON SCHEMA {schema}").collect()
    except Exception as error:  # noqa: BLE001 (whatever stands in the way is the answer)
        return warning(f"grants on {_plain(schema)} cannot be seen: {first_line(error)[:300]}", fix)
    actions = {str(row["ActionType"]).upper().replace("_", " ") for row in rows}
    if actions & MAKES_MODELS:
        return ok(f"{', '.join(sorted(actions & MAKES_MODELS))} is granted on {_plain(schema)}")
    return warning(f"no grant of CREATE MODEL is seen on {_plain(schema)}", fix)


def round_trip(folder: Path) -> str | None:
    """Why a file cannot be written to a folder, read back and removed; None when it can. The folder may be new."""
    probe, text = folder / f"lakesmith-doctor-{uuid.uuid4().hex[:8]}.txt", "written by lakesmith doctor\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text(text, "utf-8")
        read = probe.read_text("utf-8")
    except OSError as error:
        return f"a file cannot be written and read: {error.strerror or error}"
    finally:
        with suppress(OSError):  # told below, if the file is still there
            probe.unlink()
    if probe.exists():
        return f"{probe.name} cannot be removed"
    return None if read == text else "a file comes back changed"


def _schema(seen: Surroundings) -> str | None:
    """The schema's name, quoted for SQL; None where the environment names no catalog and schema."""
    if seen.places.catalog is None or seen.places.schema_name is None:
        return None
    return ".".join(f"`{each.replace('`', '``')}`" for each in (seen.places.catalog, seen.places.schema_name))


def _plain(name: str) -> str:
    return name.replace("`", "")


def _refused(spark: SparkSession, statement: str) -> str | None:
    """Why a statement does not run, in one line; None when it does."""
    try:
        spark.sql(statement).collect()
    except Exception as error:  # noqa: BLE001 (whatever stands in the way is the answer)
        return first_line(error)[:300]
    return None
