"""Ways of resampling as calls of plain functions (`plain/drawing.py`)."""

from __future__ import annotations

from typing import Any

from lakesmith.errors import ConfigError
from lakesmith.notebooks.features import yaml_of
from lakesmith.notebooks.rendering import text
from lakesmith.piece import name_of
from lakesmith.project import Project

_FUNCTIONS = {"oversample": "oversampled", "undersample": "undersampled"}


def drawing_calls(project: Project, label: str) -> list[str]:
    """Lines for each way of resampling; they draw `rows`, whose class is in the column `label`, anew.

    Raises ConfigError for one that makes rows, as smote does: no few lines of PySpark make the same again.
    """
    lines = []
    for position, piece in enumerate(project.resample):
        kind, given = name_of(piece), f"resample[{position}]"
        if kind not in _FUNCTIONS:
            with project.located(given):
                raise ConfigError(
                    f"'{kind}' makes training rows that a few lines of PySpark do not make again; a notebook would "
                    "train on other rows",
                    key="kind",
                    fix="Use oversample, undersample or the task's `balance`, or work with the registered model.",
                )
        share: Any = getattr(piece, "share", 1.0)
        settings = f"share={share!r}, salt={text(f'{kind}:{project.seed}')}"
        lines += [f"# {given}: {yaml_of(piece)}", f"rows = {_FUNCTIONS[kind]}(rows, {text(label)}, KEY, {settings})"]
    return lines
