"""Java, Spark and Delta's JARs, each as it should be and as it should not."""

from __future__ import annotations

import socket
import urllib.error
import zipfile
from pathlib import Path

import pytest

from doctor.fakes import only, seen
from lakesmith import session
from lakesmith.doctor import java


def program(path: Path, lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    return tmp_path / "jdk" / "bin" / "java"


def test_java_17_is_found_with_its_place(home: Path, tmp_path: Path) -> None:
    program(home, """echo 'openjdk version "17.0.9" 2023-10-17' >&2""")
    found = only(java.java, seen(tmp_path))
    assert (found.state, found.found) == ("ok", f"Java 17 at {home}")


def test_java_11_is_a_problem_that_says_what_to_install(home: Path, tmp_path: Path) -> None:
    program(home, """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    found = only(java.java, seen(tmp_path))
    assert (found.state, found.found) == ("problem", f"Java 11 found at {home}, Spark needs Java 17 or 21")
    assert "Install a JDK 17 or 21" in found.fix


def test_no_java_is_a_problem(home: Path, tmp_path: Path) -> None:
    assert only(java.java, seen(tmp_path)).found == "no Java found, Spark needs Java 17 or 21"


@pytest.mark.parametrize(
    ("jar", "state", "told"),
    [
        ("spark-core_2.13-3.5.1.jar", "problem", "with Spark 3.5.1"),
        ("other.jar", "problem", "which holds no Spark"),
        (None, "ok", "with the same version"),
    ],
)
def test_spark_home_must_be_of_pysparks_version(
    jar: str | None, state: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java, "version", lambda _name: "4.1.4")
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / (jar or "spark-core_2.13-4.1.4.jar")).touch()
    found = only(java.spark, seen(tmp_path, environ={"SPARK_HOME": str(tmp_path)}))
    assert (found.state, told in found.found) == (state, True), found


def test_without_spark_home_pyspark_brings_its_own_spark(tmp_path: Path) -> None:
    assert only(java.spark, seen(tmp_path)).found.endswith("with its own Spark")


def test_a_spark_connect_server_answers_or_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        remote = f"sc://127.0.0.1:{listening.getsockname()[1]}/;token=geheim"
        assert only(java.server, seen(tmp_path, environ={"SPARK_REMOTE": remote})).state == "ok"
    found = only(java.server, seen(tmp_path, environ={"SPARK_REMOTE": remote}))
    assert (found.state, found.found.endswith("does not answer: Connection refused")) == ("problem", True)
    assert "started with" in only(java.server, seen(tmp_path, environ={"SPARK_REMOTE": "local[2]"})).found


def jars(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("LAKESMITH_IVY", str(folder))
    (folder / "jars").mkdir()
    return session.delta_jars()


def test_jars_in_ivys_cache_are_fine_and_half_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = jars(tmp_path, monkeypatch)
    for jar in (one, other):
        with zipfile.ZipFile(jar, "w") as file:
            file.writestr("class", "x")
    assert only(java.delta, seen(tmp_path)).state == "ok"
    other.write_bytes(b"half")
    found = only(java.delta, seen(tmp_path))
    assert (found.state, found.found) == ("problem", f"{other} is not a whole JAR")


def test_missing_jars_are_a_problem_only_where_maven_central_is_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jars(tmp_path, monkeypatch)
    asked: list[str] = []

    def refuse(request, timeout):
        asked.append(request.full_url)
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(java.urllib.request, "urlopen", refuse)
    found = only(java.delta, seen(tmp_path))
    assert found.state == "problem"
    assert "no route to host" in found.found
    assert asked[0].endswith("/io/delta/delta-spark_4.1_2.13/4.4.0/delta-spark_4.1_2.13-4.4.0.jar")
    mirrored = {"spark": {"spark.jars.repositories": "https://maven.example.org"}}
    assert only(java.delta, seen(tmp_path, places=mirrored)).state == "warning"

    monkeypatch.setattr(java.urllib.request, "urlopen", lambda request, timeout: zipfile.ZipFile(tmp_path / "z", "w"))
    assert "the first start fetches it" in only(java.delta, seen(tmp_path)).found
