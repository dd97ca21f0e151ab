"""Surroundings of the doctor's checks, with every part replaceable; a session that answers SQL from a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lakesmith.doctor.checks import Check, Surroundings
from lakesmith.doctor.findings import Finding
from lakesmith.places import Places
from lakesmith.platforms import Platform

DEDICATED = Platform("databricks", runtime="18.1", image="18.x-cpu-ml-scala2.13", access="dedicated")


def never() -> Any:
    raise AssertionError("the doctor started a session")


def seen(
    workspace: Path, platform: Platform | None = None, places: dict[str, Any] | None = None, **parts: Any
) -> Surroundings:
    chosen = Places(workspace=str(workspace), **(places or {}))
    given: dict[str, Any] = {"environ": {}, "start": never, **parts}
    return Surroundings(platform or Platform(), chosen, **given)


def only(check: Check, surroundings: Surroundings) -> Finding:
    """The one finding of a check."""
    (found,) = check.findings(surroundings)
    return found


class FakeSession:
    """Answers every statement with nothing, those that start with a word of `refused` with an error."""

    def __init__(self, refused: Iterable[str] = (), grants: Iterable[str] = ()) -> None:
        self.refused = tuple(refused)
        self.grants = tuple(grants)
        self.statements: list[str] = []

    def sql(self, statement: str) -> Any:
        self.statements.append(statement)
        if statement.startswith(self.refused) and self.refused:
            raise RuntimeError("[INSUFFICIENT_PERMISSIONS] User does not have it\nJVM stacktrace:\n at x")
        rows = [{"ActionType": each} for each in self.grants] if statement.startswith("SHOW GRANTS") else []
        return SimpleNamespace(collect=lambda: rows)
