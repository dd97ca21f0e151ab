"""Workspace: one project at work in one place: its session, tables, runs, files and progress, handed to every stage."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from lakesmith import platforms, session
from lakesmith.errors import EnvironmentFault
from lakesmith.limits import check as check_limits
from lakesmith.places import Places
from lakesmith.progress import Progress
from lakesmith.project import Project
from lakesmith.sources import InputFile
from lakesmith.tables import Tables
from lakesmith.tracking import Tracking

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

R = TypeVar("R", bound=BaseModel)


@dataclass
class Workspace:
    """What a stage is given. `folder` holds the project's tables (local), results, reports and suggestions."""

    project: Project
    places: Places
    spark: SparkSession
    tables: Tables
    tracking: Tracking
    progress: Progress
    folder: Path
    _recorded: dict[str, tuple[str, str]] | None = field(default=None, repr=False)
    _files: dict[str, tuple[InputFile, ...]] = field(default_factory=dict, repr=False)

    @property
    def recorded(self) -> dict[str, tuple[str, str]]:
        """stage → (key, result JSON) of the last recorded runs; read once, kept up to date by `record`."""
        if self._recorded is None:
            self._recorded = self.tables.recorded()
        return self._recorded

    def previous(self, stage: str, kind: type[R]) -> R | None:
        """The last recorded result of a stage, None before the first or when its shape has changed since."""
        if stage not in self.recorded:
            return None
        try:
            return kind.model_validate_json(self.recorded[stage][1])
        except ValueError:
            return None

    def record(self, stage: str, key: str, result: BaseModel) -> None:
        """Says that a stage is done: after all its outputs are there, so that a kill before it means running again."""
        text = result.model_dump_json()
        self.tables.record(stage, key, text)
        self.recorded[stage] = (key, text)
        self.write_text(f"results/{stage}.json", json.dumps({"stage": stage, "key": key, "result": json.loads(text)}))

    def input_files(self, source: str) -> tuple[InputFile, ...]:
        """The files of a source with their digests; each file is hashed once in a run."""
        if source not in self._files:
            with self.project.located(f"sources.{source}"):
                self._files[source] = self.project.sources[source].files(self.spark, self.places.data)
        return self._files[source]

    def write_text(self, relative: str, text: str) -> Path:
        """Writes a file of the project's folder whole or not at all; returns its path."""
        return written(self.folder / relative, text)


def written(path: Path, text: str) -> Path:
    """The path, with `text` in it: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp's files are for their owner alone; a report is for whoever may read the folder's other files.
        mask = os.umask(0)
        os.umask(mask)
        with suppress(OSError):  # a Databricks volume has no modes
            Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def project_folder(places: Places, project: str) -> Path:
    """Where one project keeps its tables (local), results and reports."""
    return Path(places.workspace) / project


def tables_for(spark: SparkSession, places: Places, project: str) -> Tables:
    """The project's tables: those of the environment's schema, named after the project, or folders."""
    schema = places.tables_schema
    if schema is not None:
        return Tables(spark, schema=schema, prefix=f"{project}_")
    return Tables(spark, folder=project_folder(places, project) / "tables")


def tracking_for(places: Places, project: str) -> Tracking:
    """The project's experiment and model: the environment's server, or sqlite and a folder in the workspace."""
    root = Path(places.workspace)
    uri = places.tracking_uri or f"sqlite:///{root / 'mlflow.db'}"
    schema = places.tables_schema
    return Tracking(
        uri=uri,
        registry_uri=places.registry_uri or uri,
        experiment=places.experiment or (f"/Shared/lakesmith/{project}" if uri.startswith("databricks") else project),
        model=places.model or (f"{schema}.{project}" if schema is not None else project),
        artifacts=(root / "artifacts" / project).as_uri() if places.tracking_uri is None else None,
        scratch=root / project,
    )


@contextmanager
def opened(project: Project, places: Places, progress: Progress) -> Iterator[Workspace]:
    """The workspace of a project, locked for the time of the block, so that two runs never mix their tables.

    On Databricks a job's `max_concurrent_runs: 1` does that: clusters share no lock, and volumes know none. Raises
    EnvironmentFault when another run holds it, or its folder cannot be written; ConfigError for what the way Spark is
    reached cannot do.
    """
    folder = project_folder(places, project.name)
    with _probed(folder) if platforms.current().is_databricks else _locked(folder):
        spark = session.start(
            f"lakesmith {project.name}", master=places.master, settings=places.spark, log=folder / "spark.log"
        )
        check_limits(project, session.mode(spark))
        yield Workspace(
            project,
            places,
            spark,
            tables_for(spark, places, project.name),
            tracking_for(places, project.name),
            progress,
            folder,
        )


@contextmanager
def _probed(folder: Path) -> Iterator[None]:
    """A folder that a file could be written to and read from: said before a cluster has worked for an hour."""
    probe = folder / f".write-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("lakesmith")
        if probe.read_text() != "lakesmith":
            raise OSError(None, "what was written there was not read again")
        probe.unlink()
    except OSError as error:
        raise EnvironmentFault(
            f"the workspace {folder} cannot be written: {error.strerror}",
            fix="It must lie on a volume, /Volumes/catalog/schema/volume, with WRITE VOLUME for whom the job runs as.",
        ) from None
    yield


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """An advisory lock that ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise EnvironmentFault(
            f"the workspace {folder} cannot be written: {error.strerror}",
            fix="Choose another with --workspace DIR or LAKESMITH_WORKSPACE.",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise EnvironmentFault(
                f"another run (process {holder}) is at work in {folder}", fix="Wait for it, or choose --workspace DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
