"""Each platform is told from what its drivers carry: environment variables and two settings of the session."""

from __future__ import annotations

import pytest

from lakesmith import platforms
from lakesmith.platforms import Platform

CLUSTER = {"DATABRICKS_RUNTIME_VERSION": "18.1"}


def conf(**tags: str) -> platforms.ConfGetter:
    return {f"spark.databricks.clusterUsageTags.{name}": value for name, value in tags.items()}.get


def refuse(key: str) -> str | None:
    raise AssertionError(f"{key} was asked for; there is no session to ask")


def test_a_machine_without_databricks_is_local_and_asks_no_session():
    assert platforms.current({"PATH": "/bin"}, refuse) == Platform()
    assert Platform().mode == "classic"


def test_a_remote_session_is_local_and_cannot_do_what_connect_cannot():
    found = platforms.current({"SPARK_REMOTE": "sc://localhost"}, refuse)
    assert (found.kind, found.mode) == ("local", "connect")


def test_a_dedicated_ml_cluster_can_do_everything():
    tags = conf(sparkVersion="18.x-cpu-ml-scala2.13", clusterDataSecurityMode="SINGLE_USER")
    found = platforms.current(CLUSTER, tags)
    assert (found.is_databricks, found.major, found.is_ml, found.access, found.mode) == (
        True, 18, True, "dedicated", "classic",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["USER_ISOLATION", "DATA_SECURITY_MODE_STANDARD", "user_isolation"])
def test_a_standard_cluster_is_a_connect_client(name: str):
    found = platforms.current(CLUSTER, conf(clusterDataSecurityMode=name))
    assert (found.access, found.mode, found.is_ml) == ("standard", "connect", None)


def test_a_cluster_that_hides_its_access_mode_is_standard_when_it_talks_connect_and_unknown_otherwise():
    assert platforms.current({**CLUSTER, "SPARK_CONNECT_MODE_ENABLED": "1"}, conf()).access == "standard"
    assert platforms.current(CLUSTER, conf()).access == "unknown"


@pytest.mark.parametrize(
    "environ",
    [
        {"DATABRICKS_RUNTIME_VERSION": "client.4.9"},
        {"DATABRICKS_RUNTIME_VERSION": "18.1", "IS_SERVERLESS": "TRUE"},
        {"DATABRICKS_ENV_VERSION": "4"},
    ],
)
def test_serverless_is_told_by_any_of_its_marks_and_asks_no_session(environ: dict[str, str]):
    found = platforms.current(environ, refuse)
    assert (found.is_serverless, found.access, found.mode) == (True, None, "serverless")


def test_the_mark_of_serverless_alone_says_nothing():
    assert platforms.current({"IS_SERVERLESS": "TRUE"}, refuse) == Platform()


@pytest.mark.parametrize(
    ("runtime", "major"), [("18.1", 18), ("18.x", 18), ("17.3", 17), ("client.4.9", None), ("", None)]
)
def test_the_major_version_is_the_clusters(runtime: str, major: int | None):
    assert Platform("databricks", runtime=runtime).major == major
