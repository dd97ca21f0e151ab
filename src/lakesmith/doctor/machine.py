"""Disk, memory, clock, text and network of the machine the driver runs on."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lakesmith.doctor.checks import HERE, Answer, Surroundings, check, ok, problem, warning
from lakesmith.wording import size

LEAST_FREE = 500_000_000  # bytes; a run of the smallest example writes 30 MB, Spark's shuffles several times the data
COMFORTABLE_FREE = 5_000_000_000
# Share of the memory the driver's JVM may take: Python, its workers and xgboost's native code live beside it.
LARGEST_SHARE = 0.75
_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@check("disk", why="Tables are written anew, never in place, and shuffles spill; a full disk stops a run half way.")
def disk(seen: Surroundings) -> Iterator[Answer]:
    """Free space of the workspace and of the folders that Spark's shuffles are written to."""
    told: set[int] = set()
    for name, folder in [("the workspace", seen.places.workspace), *_scratch_folders(seen)]:
        there = nearest_existing(Path(folder))
        device = there.stat().st_dev
        if device in told:
            continue
        told.add(device)
        free = shutil.disk_usage(there).free
        found = f"{size(free)} free for {name}, {folder}"
        fix = "Free some space, or choose another place with --workspace DIR or SPARK_LOCAL_DIRS."
        if free < LEAST_FREE:
            yield problem(found, fix)
        else:
            yield warning(found, fix) if free < COMFORTABLE_FREE else ok(found)


@check("memory", why="A JVM larger than the memory left is ended by the system, without a word.", on=HERE)
def memory(seen: Surroundings) -> Iterator[Answer]:
    """The machine's or container's memory against what the driver may take."""
    wanted, total = in_bytes(seen.setting("spark.driver.memory") or "1g"), total_memory()
    found = f"{size(total)} in all, {size(wanted)} for Spark's driver"
    fix = "Set spark.driver.memory to less under `spark:` of the environment file."
    if wanted > total:
        yield problem(found, fix)
    else:
        yield warning(found, fix) if wanted > LARGEST_SHARE * total else ok(found)


@check("time zone", why="Days, hours and time splits are cut in UTC, whatever zone the machine is in.")
def time_zone(seen: Surroundings) -> Iterator[Answer]:
    """The system's zone beside the session's, which is UTC always."""
    asked = seen.places.spark.get("spark.sql.session.timeZone", "UTC")
    if asked != "UTC":
        yield warning(
            f"spark.sql.session.timeZone is {asked} in the environment file; sessions are UTC all the same",
            "Remove it; shift times in `clean` where they must be local ones.",
        )
    else:
        yield ok(f"the system's is {time.strftime('%Z')} (UTC{time.strftime('%z')}), the session's UTC")


@check("locale", why="Outside a UTF-8 locale Java cannot open files whose names are not ASCII.", on=HERE)
def locale(seen: Surroundings) -> Iterator[Answer]:
    """The encoding of file names, for Python and for Java (its `sun.jnu.encoding` follows the locale)."""
    variable = next((each for each in ("LC_ALL", "LC_CTYPE", "LANG") if seen.environ.get(each)), None)
    found = f"{variable}={seen.environ[variable]}" if variable else "no locale is set"
    is_utf8 = variable is not None and "utf" in seen.environ[variable].lower()
    if is_utf8 and sys.getfilesystemencoding() == "utf-8":
        yield ok(found)
    else:
        yield warning(found, "Set LC_ALL=C.UTF-8.")


@check("loopback", why="Python speaks to Spark's JVM, and workers to the driver, over 127.0.0.1.", on=HERE)
def loopback(_seen: Surroundings) -> Iterator[Answer]:
    """Whether a port of 127.0.0.1 can be opened and reached."""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        yield problem(f"127.0.0.1 cannot be used: {error.strerror or error}", "Allow connections on loopback.")
    else:
        yield ok("127.0.0.1 answers")


def nearest_existing(path: Path) -> Path:
    """The path, or its nearest parent that is there."""
    return next(each for each in (path, *path.parents) if each.exists())


def total_memory() -> int:
    """Bytes of memory of the machine, or of the container where that has less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [each.read_text().strip() for each in _CGROUP_LIMITS if each.is_file()]
    return min([total, *(int(each) for each in limits if each.isdigit())])


def in_bytes(text: str) -> int:
    """The bytes of a Spark size such as `4g` or `512m`; a number alone is MiB, as spark.driver.memory has it."""
    found = re.fullmatch(r"(\d+)([kmgt]?)b?", text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is not a size such as 4g")
    return int(found[1]) * _UNITS[found[2] or "m"]


def _scratch_folders(seen: Surroundings) -> list[tuple[str, str]]:
    given = seen.environ.get("SPARK_LOCAL_DIRS") or seen.setting("spark.local.dir") or tempfile.gettempdir()
    return [("Spark's shuffles", each.strip()) for each in given.split(",") if each.strip()]
