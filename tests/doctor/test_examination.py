"""The whole examination: every check is found, none faints, and the command line says what came out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from doctor.fakes import DEDICATED, FakeSession, never, only, seen
from doctor.test_java import program
from lakesmith.doctor.checks import Answer, Surroundings, all_checks, check, ok, problem, warning
from lakesmith.doctor.examination import examined
from lakesmith.doctor.findings import Diagnosis, Finding, without_secrets
from lakesmith.platforms import Platform
from small_projects import write_project


def test_every_check_of_the_folder_is_found_once() -> None:
    subjects = [each.subject for each in all_checks()]
    assert len(subjects) == len(set(subjects))
    assert {
        "java", "spark", "delta", "disk", "memory", "time zone", "locale", "loopback", "mlflow", "workspace", "project",
        "compute", "packages", "workers", "runtime", "access mode", "catalog", "volume", "registry",
    } <= set(subjects)  # fmt: skip
    assert all(each.why.endswith(".") for each in all_checks())


def test_a_check_that_fails_itself_is_a_problem_in_one_line(tmp_path: Path) -> None:
    @check("moon", why="It is far.")
    def moon(_seen: Surroundings) -> Iterator[Answer]:
        yield ok("it is up")
        raise ZeroDivisionError("division by zero\nTraceback")

    up, failed = moon.findings(seen(tmp_path))
    assert (up.state, failed.state) == ("ok", "problem")
    assert failed.found == "the check 'moon' failed itself: ZeroDivisionError: division by zero"


def test_no_finding_holds_a_password(tmp_path: Path) -> None:
    @check("door", why="It is open.")
    def door(_seen: Surroundings) -> Iterator[Answer]:
        yield problem("http://a:p@ss/w@host/x?password=geheim&x=1", "jdbc:x;token=geheim")

    found = only(door, seen(tmp_path))
    assert (found.found, found.fix) == ("http://host/x?password=…&x=1", "jdbc:x;token=…")
    assert without_secrets("/Users/anna@example.org is fine") == "/Users/anna@example.org is fine"


def test_databricks_is_asked_what_is_asked_there_and_the_machine_what_is_asked_here(tmp_path: Path) -> None:
    places = {"catalog": "main", "schema": "late"}
    there = examined(seen(tmp_path, DEDICATED, places, start=FakeSession))
    here = examined(seen(tmp_path, start=never))
    far = examined(seen(tmp_path, Platform(is_connect=True), environ={"SPARK_REMOTE": "local[2]"}))
    asked_there, asked_here, asked_far = ({each.subject for each in found.findings} for found in (there, here, far))
    assert {"runtime", "catalog", "packages"} <= asked_there
    assert not asked_there & {"java", "delta", "workers", "memory"}
    assert not asked_far & {"java", "delta", "workers", "memory", "runtime"}
    assert "server" in asked_far - asked_here - asked_there
    assert not asked_here & {"runtime", "access mode", "catalog", "volume", "registry"}
    assert (there.platform, here.platform) == ("Databricks 18.1, dedicated", "This machine")


def test_the_text_says_state_finding_reason_and_what_to_do() -> None:
    findings = (
        Finding(state="ok", subject="java", found="Java 17", why="Spark needs it."),
        Finding(state="problem", subject="disk", found="full", why="Tables need room.", fix="Free some."),
        Finding(state="warning", subject="disk", found="slow", why="Tables need room.", fix="Buy one."),
    )
    told = Diagnosis(platform="This machine", workspace="/w", findings=findings)
    assert told.text().splitlines() == [
        "This machine, workspace /w",
        "ok       java         Java 17",
        "                      Spark needs it.",
        "problem  disk         full",
        "                      Tables need room.",
        "                      → Free some.",
        "warning  disk         slow",
        "                      → Buy one.",
        "1 problem, 1 warning in 3 answers.",
    ]
    assert told.exit_code == 5
    assert Diagnosis(platform="", workspace="", findings=(findings[0], findings[2])).exit_code == 0
    assert "\x1b[31mproblem\x1b[0m" in told.text(colour=True)
    assert max(len(line) for line in told.text(width=50).splitlines()) <= 50
    assert warning("x", "y").state == "warning"


def test_the_command_line_tells_of_a_wrong_java_and_a_right_project_without_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_project(tmp_path)
    program(tmp_path / "bin" / "java", """echo 'openjdk version "11.0.2"' >&2""")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    command = [sys.executable, "-X", "importtime", "-m", "lakesmith", "doctor", str(path), "--output", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = {each["subject"]: each for each in json.loads(ended.stdout)["findings"]}
    assert ended.returncode == 5
    assert (found["java"]["state"], found["project"]["state"]) == ("problem", "ok")
    assert "Java 11 found" in found["java"]["found"]
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert not imported & {"pyspark", "mlflow", "hyperopt"}, "looking at a machine pays for none of them"
