"""Notebook files run in a workspace, and written as pages and as .ipynb."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lakesmith import places, session
from lakesmith.errors import ConfigError
from lakesmith.notebooks.convert import ipynb
from lakesmith.notebooks.page import render
from lakesmith.notebooks.runner import After, NotebookRun, check, run
from lakesmith.notebooks.source import read
from lakesmith.workspace import written

WRITERS: Mapping[str, Callable[[NotebookRun], str]] = {".ipynb": ipynb, ".html": render}


def run_file(
    path: Path, params: Mapping[str, str], target: Path | None, workspace: str | None, after: After
) -> NotebookRun:
    """The run of a notebook file, in the active session or in one of the local environment; `target` is written also
    when a cell fails. Raises what stopped it."""
    from pyspark.sql import SparkSession

    write = _writer(target, tuple(WRITERS)) if target is not None else None
    notebook = read(path)
    check(notebook)
    here = places.load(Path("conf") / "project.yml", None, workspace)
    with _workspace(here.workspace if workspace or os.environ.get(places.WORKSPACE_VARIABLE) else None):
        spark = SparkSession.getActiveSession() or session.start(
            "lakesmith notebook", master=here.master, settings=here.spark, log=Path(here.workspace) / "spark.log"
        )
        found = run(notebook, spark, params, after)
    if target is not None and write is not None:
        written(target, write(found))
    if found.error is not None:
        raise found.error
    return found


def convert_file(path: Path, target: Path | None) -> Path:
    """The .ipynb that was written."""
    to = target if target is not None else path.with_suffix(".ipynb")
    _writer(to, (".ipynb",))
    return written(to, ipynb(read(path)))


def _writer(target: Path, able: tuple[str, ...]) -> Callable[[NotebookRun], str]:
    """Raises ConfigError for a file whose ending says nothing that can be written."""
    if target.suffix not in able:
        raise ConfigError(f"--to {target}: its name ends with none of {', '.join(able)}", fix="Name another file.")
    return WRITERS[target.suffix]


@contextmanager
def _workspace(chosen: str | None) -> Iterator[None]:
    """The workspace for the projects that the notebook opens, as an absolute path: it runs in a folder of its own."""
    before = os.environ.get(places.WORKSPACE_VARIABLE)
    if chosen is not None:
        os.environ[places.WORKSPACE_VARIABLE] = chosen
    try:
        yield
    finally:
        if before is not None:
            os.environ[places.WORKSPACE_VARIABLE] = before
        elif chosen is not None:
            del os.environ[places.WORKSPACE_VARIABLE]
