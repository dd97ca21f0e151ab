"""The workspace, and the project itself."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lakesmith.doctor.checks import Answer, Surroundings, check, ok, problem, warning
from lakesmith.doctor.machine import nearest_existing
from lakesmith.errors import ConfigErrors
from lakesmith.limits import limits
from lakesmith.workspace import project_folder

FIX = "Choose another with --workspace DIR or LAKESMITH_WORKSPACE."


@check("workspace", why="Tables, runs and reports are written there, by one run at a time.")
def workspace(seen: Surroundings) -> Iterator[Answer]:
    """Whether files can be made in the workspace, and whether another run is at work in it."""
    root = Path(seen.places.workspace)
    there = nearest_existing(root)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".lakesmith-doctor-") as probe:
            probe.write(b"lakesmith")
    except OSError as error:
        yield problem(f"{root} cannot be written: {error.strerror or error} ({there})", FIX)
        return
    holders = list(_holders(seen, root))
    for project, process in holders:
        yield warning(f"a run of {project} (process {process}) is at work in {root}", f"Wait for it. {FIX}")
    if not holders:
        yield ok(f"{root} can be written" + ("" if root.exists() else f", and will be made in {there}"))


@check("project", why="A run stops at the first mistake in its file.")
def project_file(seen: Surroundings) -> Iterator[Answer]:
    """The mistakes of the project file, if one was given."""
    if seen.path is None:
        return
    if seen.error is not None:
        for each in seen.error.errors if isinstance(seen.error, ConfigErrors) else (seen.error,):
            where = " ".join(part for part in (each.place, each.key) if part)
            yield problem(f"{where}: {each.message}" if where else each.message, each.fix)
    else:
        yield ok(f"{seen.path} is valid")


@check(
    "compute", why="Without sparkContext and RDDs (Spark Connect, standard access, serverless) not every piece works."
)
def compute(seen: Surroundings) -> Iterator[Answer]:
    """What of the project this compute, or the Spark Connect server the environment names, cannot do."""
    if seen.project is None:
        return
    mode = seen.places.compute if seen.platform.mode == "classic" else seen.platform.mode
    found = limits(seen.project, mode) if mode != "classic" else []
    for each in found:
        yield problem(f"{each.key}: {each.what} does not work on {mode}: {each.why}", each.fix)
    if not found:
        yield ok(f"everything in the project works on {mode} compute")
    if seen.places.catalog is not None and not seen.platform.is_databricks:
        yield warning(
            f"the environment names the catalog {seen.places.catalog}, which can only be asked on Databricks",
            "Run `lakesmith doctor` there too, in a notebook or a job.",
        )


def _holders(seen: Surroundings, root: Path) -> Iterator[tuple[str, str]]:
    """Projects that a run holds, with its process; all of the workspace's where no project was given."""
    folders = [project_folder(seen.places, seen.project.name)] if seen.project is not None else sorted(root.glob("*"))
    for folder in folders:
        if not (folder / "lock").is_file():
            continue
        with (folder / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield folder.name, lock.read().strip() or "unknown"
