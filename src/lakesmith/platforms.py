"""Platform: what kind of compute this process runs on. Every fact about Databricks comes through here, to be faked.

Where the facts come from, and how far they can be relied on:

- `DATABRICKS_RUNTIME_VERSION` is set on every Databricks driver: `18.1` or `18.x` on clusters, `client.4.9` on
  serverless; serverless also sets `DATABRICKS_ENV_VERSION`. MLflow tells the platforms apart in the same way
  (`mlflow.utils.databricks_utils.is_in_databricks_serverless_runtime`).
- `IS_SERVERLESS=TRUE` is what serverless drivers carry in practice; no documentation promises it. It is only believed
  beside one of the two above.
- `spark.databricks.clusterUsageTags.clusterDataSecurityMode` holds the cluster's `data_security_mode` (Clusters API:
  SINGLE_USER and USER_ISOLATION are legacy aliases of DATA_SECURITY_MODE_DEDICATED and DATA_SECURITY_MODE_STANDARD).
  It is not there on every cluster; a cluster that talks Spark Connect to its own driver is then a standard one.
- `spark.databricks.clusterUsageTags.sparkVersion` is the cluster's `spark_version` (Clusters API), such as
  `18.x-cpu-ml-scala2.13`; `-ml-` marks Databricks Runtime ML.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Access = Literal["dedicated", "standard", "no isolation", "legacy", "unknown"]
Mode = Literal["classic", "connect", "serverless"]
ConfGetter = Callable[[str], str | None]

RUNTIME = "DATABRICKS_RUNTIME_VERSION"
SERVERLESS_ENVIRONMENT = "DATABRICKS_ENV_VERSION"
USAGE_TAGS = "spark.databricks.clusterUsageTags"

# https://docs.databricks.com/api/workspace/clusters/create, `data_security_mode`.
_ACCESS: dict[str, Access] = {
    "DATA_SECURITY_MODE_DEDICATED": "dedicated",
    "SINGLE_USER": "dedicated",
    "DATA_SECURITY_MODE_STANDARD": "standard",
    "USER_ISOLATION": "standard",
    "NONE": "no isolation",
    "LEGACY_TABLE_ACL": "legacy",
    "LEGACY_PASSTHROUGH": "legacy",
    "LEGACY_SINGLE_USER": "legacy",
    "LEGACY_SINGLE_USER_STANDARD": "legacy",
}


@dataclass(frozen=True)
class Platform:
    """One kind of compute. `Platform()` is this machine with a Spark of its own."""

    kind: Literal["local", "databricks"] = "local"
    runtime: str = ""  # Databricks: `18.1`, `18.x`, serverless: `client.4.9`; empty elsewhere
    image: str = ""  # Databricks clusters: `18.x-cpu-ml-scala2.13`; empty where it cannot be asked
    access: Access | None = None  # None where there is no such thing: local, serverless
    is_serverless: bool = False
    is_connect: bool = False  # the session is a Spark Connect client: no sparkContext, no RDD

    @property
    def is_databricks(self) -> bool:
        """Whether Databricks made the session, with its own Delta, catalog and model registry."""
        return self.kind == "databricks"

    @property
    def is_ml(self) -> bool | None:
        """Whether the cluster runs Databricks Runtime ML; None where its image cannot be asked."""
        return "-ml-" in self.image if self.image else None

    @property
    def major(self) -> int | None:
        """The runtime's major version, 18 for `18.1`; None for serverless, whose versions count environments."""
        found = re.match(r"(\d+)\b", self.runtime)
        return int(found[1]) if found else None

    @property
    def mode(self) -> Mode:
        """What a project has to fit: `classic` can do everything, the others lack sparkContext, RDDs and barriers."""
        if self.is_serverless:
            return "serverless"
        return "connect" if self.is_connect or self.access == "standard" else "classic"


def current(environ: Mapping[str, str] | None = None, conf: ConfGetter | None = None) -> Platform:
    """The platform of this process, told from its environment and, on Databricks, from the session's settings.

    `conf` answers a setting's value or None; without it the session that Databricks has started is asked.
    """
    given = os.environ if environ is None else environ
    is_connect = "SPARK_REMOTE" in given or "SPARK_CONNECT_MODE_ENABLED" in given  # the latter as pyspark's is_remote
    runtime = given.get(RUNTIME, "")
    environment = given.get(SERVERLESS_ENVIRONMENT, "")
    if not runtime and not environment:
        return Platform(is_connect=is_connect)
    told_serverless = given.get("IS_SERVERLESS", "").lower() in ("true", "1")
    if environment or told_serverless or runtime.startswith("client."):
        return Platform(
            "databricks", runtime=runtime or f"client.{environment}", is_serverless=True, is_connect=True
        )  # fmt: skip
    ask = conf or _session_setting
    return Platform(
        "databricks",
        runtime=runtime,
        image=ask(f"{USAGE_TAGS}.sparkVersion") or "",
        access=_access(ask(f"{USAGE_TAGS}.clusterDataSecurityMode") or "", is_connect),
        is_connect=is_connect,
    )


def _access(mode: str, is_connect: bool) -> Access:
    return _ACCESS.get(mode.upper(), "standard" if is_connect else "unknown")


def _session_setting(key: str) -> str | None:
    """A setting of the session that Databricks has started: there getOrCreate makes none, it hands that one out."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    try:
        return spark.conf.get(key, None)
    except PySparkException:  # standard compute answers CONFIG_NOT_AVAILABLE for settings it hides
        return None
