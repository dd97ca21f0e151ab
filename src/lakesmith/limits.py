"""What a project asks for that the way Spark is reached cannot do, said before anything is computed.

Pieces say it themselves (`Piece.classic_only`); nothing here knows a piece by name, and nothing imports Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from lakesmith.errors import ConfigError, ConfigErrors
from lakesmith.piece import Piece, name_of
from lakesmith.platforms import Mode
from lakesmith.project import Project

REACHED: dict[Mode, str] = {
    "classic": "a Spark session with its own JVM", "connect": "Spark Connect", "serverless": "serverless compute",
}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """`what` is a piece by its kind, `key` where it stands in the project file."""

    what: str
    why: str
    fix: str
    key: str


def limits(project: Project, mode: Mode) -> list[Limit]:
    """What of the project cannot be done, in the order of its keys; [] where all can, as always with `classic`."""
    if mode == "classic":
        return []
    return [
        Limit(name_of(piece), piece.classic_only, f"Run it on classic compute, or leave out {name_of(piece)}.", key)
        for key, piece in _pieces(project)
        if piece.classic_only
    ]


def check(project: Project, mode: Mode) -> None:
    """Raises ConfigError, or ConfigErrors for several, with file, line, key, why and what to do."""
    found = []
    for each in limits(project, mode):
        try:
            with project.located(each.key):
                raise ConfigError(f"{each.what} cannot run on {REACHED[mode]}: {each.why}", fix=each.fix)
        except ConfigError as error:
            found.append(error)
    if found:
        raise found[0] if len(found) == 1 else ConfigErrors(found)


def _pieces(value: Any, key: str = "") -> Iterator[tuple[str, Piece]]:
    """Every piece inside a value, with its dotted key."""
    if isinstance(value, Piece):
        yield key, value
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _pieces(getattr(value, name), f"{key}.{field.alias or name}".removeprefix("."))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _pieces(each, f"{key}.{name}")
    elif isinstance(value, tuple):
        for position, each in enumerate(value):
            yield from _pieces(each, f"{key}[{position}]")
