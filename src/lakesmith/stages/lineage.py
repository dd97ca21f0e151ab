"""Lineage: the files, table versions, packages, seeds and settings that a model came from."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from lakesmith import __version__, yaml_file
from lakesmith.package_sources import package_digest
from lakesmith.project import Project
from lakesmith.report.view import Lineage, SourceFile
from lakesmith.stages.accounting import below, table_versions
from lakesmith.stages.recorded import Recorded

PACKAGES = (("MLflow", "mlflow"), ("Delta", "delta-spark"), ("xgboost", "xgboost"), ("numpy", "numpy"))


def lineage(project: Project, recorded: Recorded, spark: str, data: str) -> Lineage:
    """What it takes to get the same model again. `spark` is the session's version, `data` the folder of the files."""
    return Lineage(
        files=tuple(_files(recorded, data)),
        tables=table_versions(recorded),
        software=tuple(_software(spark)),
        seeds=tuple(_seeds(project)),
        runs=tuple(_runs(recorded)),
        config_yaml=yaml_file.dump(project.resolved()),
    )


def _files(recorded: Recorded, data: str) -> Iterator[SourceFile]:
    for source in recorded.ingest.sources if recorded.ingest is not None else ():
        for file in source.files:
            # A table is named with its version instead of a digest, and has no size.
            size, digest = (file.size, f"sha256:{file.sha256}") if file.size else (None, file.sha256)
            yield SourceFile(source=source.source, file=below(file.path, data), bytes=size, digest=digest)


def _runs(recorded: Recorded) -> Iterator[tuple[str, str]]:
    if recorded.train is not None:
        yield "train", recorded.train.run_id
    if recorded.judged is not None and recorded.judged.champion is not None:
        yield "compared with", f"version {recorded.judged.champion}"


def _software(spark: str) -> Iterator[tuple[str, str]]:
    yield "lakesmith", __version__
    yield "lakesmith source", package_digest()
    yield "Spark", spark
    for name, package in PACKAGES:
        try:
            yield name, version(package)
        except PackageNotFoundError:  # on a cluster that brings the library under another distribution's name
            continue
    yield "Python", platform.python_version()


def _seeds(project: Project) -> Iterator[tuple[str, str]]:
    yield "tuning, training, bootstrap", str(project.seed)
    drawn = {"split": getattr(project.split, "seed", None), "folds": getattr(project.tune.folds, "seed", None)}
    yield from ((name, str(seed)) for name, seed in drawn.items() if seed is not None)
