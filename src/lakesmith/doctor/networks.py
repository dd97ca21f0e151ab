"""What networks need beside the packages of every project."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from lakesmith.doctor.checks import Answer, Surroundings, check, ok, problem
from lakesmith.piece import name_of

READERS = ("petastorm", "pyarrow")


@check("torch", why="Networks learn and answer by torch, which is an extra: it weighs gigabytes.")
def torch(seen: Surroundings) -> Iterator[Answer]:
    """Whether torch is there, where the project has a network."""
    families = seen.project.families if seen.project is not None else ()
    networks = [name_of(each) for each in families if each.learns_by_epochs]
    if not networks:
        yield ok("the project has no network" if seen.project is not None else "no project was named")
    elif find_spec("torch") is None:
        yield problem(f"{networks[0]} needs torch, which is not installed", "pip install 'lakesmith[deep]'")
    else:
        reader = next(each for each in READERS if find_spec(each) is not None)
        yield ok(f"torch {_version()}, batches read by {reader}")


def _version() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:  # built into an image without its metadata
        return "of unknown version"
