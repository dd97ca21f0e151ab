"""A project with little behind its sources and its cleaning, and a workspace for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lakesmith.places import Places
from lakesmith.progress import Progress
from lakesmith.project import Project
from lakesmith.tables import Tables
from lakesmith.workspace import Workspace


def project(sources: dict[str, Any], clean: dict[str, Any] | None = None) -> Project:
    rest = {
        "name": "small",
        "derive": {"from": next(iter(sources))},
        "key": ["id"],
        "task": {"kind": "regression", "label": "amount"},
        "split": {"kind": "hash"},
        "features": [{"kind": "keep", "columns": ["amount"]}],
        "families": [{"kind": "linear"}],
    }
    return Project.model_validate({**rest, "sources": sources, "clean": clean or {}})


def workspace(tables: Tables, folder: Path, made: Project) -> Workspace:
    """A workspace whose sources start at `folder`/in; a new one has nothing in memory of an earlier one."""
    places = Places(workspace=str(folder), data=str(folder / "in"))
    return Workspace(made, places, tables.spark, tables, None, Progress.silent(), folder / "small")  # type: ignore[arg-type]
