"""The packages of the driver, and the Python of the workers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lakesmith.doctor.checks import HERE, Answer, Surroundings, check, ok, problem
from lakesmith.piece import name_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FOR_WORKERS = ("numpy", "pandas", "pyarrow")
# The runtime brings both, with versions of its own; what they are is told by its own check.
BROUGHT_BY_DATABRICKS = ("pyspark", "delta-spark")
PATIENCE_SECONDS = 60
_ASKED = """
import importlib, json, sys
missing = []
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        missing.append(f"{name} ({type(error).__name__}: {error})")
print(json.dumps({"version": list(sys.version_info[:2]), "missing": missing}))
"""


@check("packages", why="These are the versions lakesmith is tested with; others fail in ways that are hard to read.")
def packages(seen: Surroundings) -> Iterator[Answer]:
    """Whether every requirement of lakesmith is installed, in its range."""
    try:
        needed = _requirements(seen)
    except PackageNotFoundError:
        yield ok("lakesmith runs from a zip or a folder: its requirements are not recorded, so not compared")
        return
    wrong = [told for each in needed if (told := _complaint(each)) is not None]
    for told in wrong:
        yield problem(told, _install(seen))
    if not wrong:
        shown = ", ".join(f"{each} {version(each)}" for each in ("mlflow", "xgboost", "hyperopt", "pandas"))
        yield ok(f"all {len(needed)} are in their ranges ({shown})")


@check("workers", why="Spark's Python workers must be of the driver's Python version and have its packages.",
       on=HERE)  # fmt: skip
def workers(seen: Surroundings) -> Iterator[Answer]:
    """Version and packages of the interpreter that workers run, asked from itself."""
    given = seen.environ.get("PYSPARK_PYTHON") or sys.executable
    python = shutil.which(given, path=seen.environ.get("PATH"))
    fix = f"Unset PYSPARK_PYTHON, or set it to {sys.executable}."
    if python is None:
        yield problem(f"PYSPARK_PYTHON is {given}, which is not a program", fix)
        return
    wanted = [*FOR_WORKERS, *(["xgboost"] if _has_xgboost(seen) else [])]
    if given == sys.executable:  # this very interpreter: a second one would take a second to import what is here
        missing = [each for each in wanted if find_spec(each) is None]
        yield from _judged(python, _own_version(), missing, fix)
        return
    asked = [python, "-c", _ASKED, *wanted]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True).stdout
        answer = json.loads(told)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        yield problem(f"{python} does not run as a Python: {str(error)[:200]}", fix)
        return
    yield from _judged(python, ".".join(map(str, answer["version"])), answer["missing"], fix)


def _judged(python: str, found: str, missing: list[str], fix: str) -> Iterator[Answer]:
    own = _own_version()
    if found != own:
        yield problem(f"{python} is Python {found}, the driver is {own}", fix)
    if missing:
        yield problem(f"{python} cannot import {', '.join(missing)}", f"Install them there. {fix}")
    if found == own and not missing:
        yield ok(f"{python} is Python {found}, as the driver")


def _own_version() -> str:
    return ".".join(map(str, sys.version_info[:2]))


def _requirements(seen: Surroundings) -> list[Requirement]:
    from packaging.requirements import Requirement

    brought = BROUGHT_BY_DATABRICKS if seen.platform.is_databricks else ()
    parsed = [Requirement(each) for each in requires("lakesmith") or ()]
    applies = [each for each in parsed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return [each for each in applies if each.name not in brought]


def _complaint(needed: Requirement) -> str | None:
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name}{needed.specifier} is not installed"
    return None if needed.specifier.contains(found, prereleases=True) else f"{needed} is needed, {found} is installed"


def _install(seen: Surroundings) -> str:
    if seen.platform.is_databricks:
        return (
            "Install lakesmith's wheel with its requirements in the job's or notebook's environment; the runtime's "
            "own mlflow is older, and it has not brought hyperopt since 17."
        )
    return "Run `make setup`, or install requirements.lock."


def _has_xgboost(seen: Surroundings) -> bool:
    return seen.project is not None and any(name_of(each) == "xgboost" for each in seen.project.families)
