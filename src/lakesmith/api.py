"""The programmer's face of lakesmith: what the command line, the jobs and notebooks call."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakesmith import limits as _limits
from lakesmith import places as _places
from lakesmith import project as _project
from lakesmith.errors import ConfigError, EnvironmentFault, LakesmithError
from lakesmith.places import Places
from lakesmith.project import Project

if TYPE_CHECKING:
    from lakesmith.doctor.findings import Diagnosis
    from lakesmith.notebooks.runner import After, NotebookRun
    from lakesmith.profile.profiles import Profile
    from lakesmith.progress import Progress
    from lakesmith.project_session import Session
    from lakesmith.stages.promote import PromoteResult
    from lakesmith.summary import RunSummary, StatusView
    from lakesmith.tracking import Alias


def validate(path: str | Path, env: str | None = None, sets: Sequence[str] = ()) -> Project:
    """The project of a file, checked without Spark, also against the compute that the environment names. Raises
    ConfigError with file, line, key and what to do."""
    project = _project.load(path, sets)
    _limits.check(project, _places.load(Path(path), env).compute)
    return project


def resolved(path: str | Path, env: str | None = None, sets: Sequence[str] = ()) -> dict[str, Any]:
    """Every key of the project with its value, defaults included, and the places of the environment."""
    project = _project.load(path, sets)
    return {"project": project.resolved(), "places": _places.as_json(_places.load(Path(path), env))}


def open(
    path: str | Path,
    *,
    env: str | None = None,
    sets: Sequence[str] = (),
    workspace: str | None = None,
    names: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Session:
    """The project of a file, to be worked with from a notebook: `open("conf/flights.yml").train()`.

    `names` (catalog, schema, model, experiment) go before those of the environment's file.
    """
    from lakesmith.project_session import Session

    return Session.of(path, env, sets, workspace, names, progress)


def run(
    path: str | Path,
    *,
    env: str | None = None,
    sets: Sequence[str] = (),
    select: str | None = None,
    workspace: str | None = None,
    names: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Runs the selected stages (all of them by default) and writes the report; stages whose inputs, configuration and
    code have not changed are skipped.

    A failed gate ends with exit code 4 in the summary, after the report: a champion there already goes on scoring.
    """
    return open(path, env=env, sets=sets, workspace=workspace, names=names, progress=progress).run(select)


def plan(path: str | Path, *, env: str | None = None, sets: Sequence[str] = (), select: str | None = None) -> list[str]:
    """The names of the stages a run would go through; nothing is run."""
    from lakesmith.stages.order import selected

    validate(path, env, sets)
    return [stage.name for stage in selected(select)]


def status(path: str | Path | None = None, *, env: str | None = None, workspace: str | None = None) -> StatusView:
    """Where every project of a workspace stands, from the results recorded there; starts no Spark."""
    from lakesmith.stages.status import status_view

    return status_view(_workspace_places(path, env, workspace))


def rollback(path: str | Path, *, env: str | None = None, workspace: str | None = None) -> PromoteResult:
    """Moves the alias `champion` back to the version it replaced."""
    return open(path, env=env, workspace=workspace).rollback()


def profile(
    path: str | Path,
    *,
    label: str | None = None,
    time: str | None = None,
    percentiles: Sequence[float] | None = None,
    plots: Sequence[str] = (),
    env: str | None = None,
    sets: Sequence[str] = (),
    workspace: str | None = None,
    progress: Progress | None = None,
) -> tuple[Profile, Path]:
    """The profile of a project's gold, made anew where it is not up to date, or of a file, folder or Delta table; and
    the page it was written to. `label` and `time` are for data without a project; `plots` are drawn on it."""
    from lakesmith.looking import PROFILE, name_of_data, profile_of_data
    from lakesmith.profile.page import render
    from lakesmith.profile.profiles import SHARES
    from lakesmith.workspace import written

    shares = tuple(percentiles) if percentiles is not None else SHARES
    if not str(path).endswith((".yml", ".yaml")):
        places = _workspace_places(None, env, workspace)
        found = profile_of_data(str(path), label, time, places, shares, plots)
        return found, written(Path(places.workspace) / "profiles" / f"{name_of_data(str(path))}.html", render(found))
    if label is not None or time is not None:
        raise ConfigError("--label and --time are for data; a project names its own", fix="Leave them out.")
    project = open(path, env=env, sets=sets, workspace=workspace, progress=progress)
    return project.profile(shares, plots), project.folder / PROFILE


def init(
    data: str, *, label: str, target: str | Path | None = None, env: str | None = None, workspace: str | None = None
) -> tuple[Path, Profile]:
    """Writes a project file for a table nobody has described yet, `conf/<name>.yml` by default; it runs as it is.

    Raises ConfigError when the file is there already, and for data or a label that no project can be made for.
    """
    from lakesmith.looking import first_project, name_of_data
    from lakesmith.workspace import written

    path = Path(target) if target is not None else Path("conf") / f"{name_of_data(data)}.yml"
    if path.exists():
        raise ConfigError(f"{path} is there already", fix="Remove it, or name another file with --to.")
    text, found = first_project(data, label, _places.load(path, env, workspace))
    written(path, text)
    try:
        validate(path, env)
    except LakesmithError:
        path.unlink()
        raise
    return path, found


def doctor(path: str | Path | None = None, *, env: str | None = None, workspace: str | None = None) -> Diagnosis:
    """What on this machine or cluster would stop a run of the project, or of any; starts no Spark of its own.

    Mistakes of the project file are findings; raises ConfigError only for the environment's own.
    """
    from lakesmith.doctor.examination import examined, surroundings

    return examined(surroundings(path, env, workspace))


def generate_notebook(
    path: str | Path,
    *,
    alias: Alias = "challenger",
    target: str | Path | None = None,
    env: str | None = None,
    workspace: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Writes the version that an alias points to as a notebook in plain PySpark, which fits it again and comes to the
    same test metrics without lakesmith; `notebooks/<project>_v<version>.py` by default.

    Raises ConfigError for a file that is there with other text, and for a feature or resampling that cannot be written
    so that the numbers come out the same; DataError for a version that is not there or was not evaluated.
    """
    from lakesmith.notebooks.generate import generate

    with open(path, env=env, workspace=workspace, progress=progress).opened() as opened_workspace:
        return generate(opened_workspace, alias, Path(target) if target is not None else None)


def run_notebook(
    path: str | Path,
    params: Mapping[str, str] | None = None,
    *,
    target: str | Path | None = None,
    workspace: str | None = None,
    after: After = lambda number, done: None,
) -> NotebookRun:
    """Runs a notebook's cells here as Databricks does; `target` (.ipynb or .html) is written with what they showed,
    also when a cell fails. `after` is called with the number of each cell and what it showed.

    Relative paths among `params` start at the notebook's folder. Raises what stopped it, with notebook, line and cell.
    """
    from lakesmith.notebooks.running import run_file

    return run_file(Path(path), params or {}, Path(target) if target is not None else None, workspace, after)


def convert_notebook(path: str | Path, target: str | Path | None = None) -> Path:
    """Writes a notebook as .ipynb, without running it: beside it, or to `target`."""
    from lakesmith.notebooks.running import convert_file

    return convert_file(Path(path), Path(target) if target is not None else None)


def ui_command(*, port: int = 5000, env: str | None = None, workspace: str | None = None) -> list[str]:
    """The command that serves MLflow's pages on the workspace's store, on loopback only, by one worker.

    Raises EnvironmentFault when the port is taken.
    """
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise EnvironmentFault(f"port {port} is taken", fix="Choose another with --port.") from None
    places = _workspace_places(None, env, workspace)
    uri = places.tracking_uri or f"sqlite:///{Path(places.workspace) / 'mlflow.db'}"
    server = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    return [*server, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]


def _workspace_places(path: str | Path | None, env: str | None, workspace: str | None) -> Places:
    """The places of a project file, or of the folder one stands in."""
    return _places.load(Path(path) if path is not None else Path("conf") / "project.yml", env, workspace)


__all__ = [
    "ConfigError", "LakesmithError",
    "convert_notebook", "doctor", "generate_notebook", "init", "open", "plan", "profile", "resolved", "rollback", "run",
    "run_notebook", "status",
    "ui_command", "validate",
]  # fmt: skip
