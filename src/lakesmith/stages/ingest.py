"""Ingest: raw records into one bronze table a source, each of them accepted or quarantined, none twice.

Bronze is committed first, then the quarantine, then the result is recorded. A run that was killed in between leaves a
bronze whose version is not the recorded one; the next run then reads that source's files again and puts their rows in
the place of what it finds, in both tables.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import Field

from lakesmith.facts import Plain, QuarantineRule, SourceRows
from lakesmith.stages import bronze, quarantine
from lakesmith.stages.arrivals import paths
from lakesmith.stages.ingest_plans import Plan, fitting, planned
from lakesmith.stages.stage import Result, Stage
from lakesmith.wording import count

if TYPE_CHECKING:
    from lakesmith.project import Project
    from lakesmith.sources import Reading
    from lakesmith.workspace import Workspace


class FileFacts(Plain):
    """One file, or one version of a table, that bronze holds the records of."""

    path: str
    size: int
    sha256: str


class SourceResult(Plain):
    """One source after ingest. `rows` is all that was ever taken in, `new` what this run read."""

    source: str
    version: int = Field(description="Bronze's version after this run.")
    settings: str = Field(description="Digest of the fields that say how files are read.")
    files: tuple[FileFacts, ...] = Field(description="What bronze holds, files that are gone among them.")
    columns: dict[str, str]
    inferred: bool = Field(description="Whether the columns are not declared, but guessed or the files' own.")
    suggested: str = Field("", description="Columns that are not declared, as YAML to be put into the project file.")
    rows: SourceRows
    new: SourceRows
    unchanged: int = Field(0, description="Files that were not read again.")
    same_content: dict[str, str] = Field(default_factory=dict, description="Path not read → path with its records.")

    def told(self) -> str:
        """The source in a line."""
        rows = self.new if self.new.files else self.rows
        text = f"{count(rows.read)} read = {count(rows.accepted)} accepted + {count(rows.quarantined)} quarantined"
        parts = [f"{self.source}: {text}"]
        if self.unchanged:
            parts.append(f"{count(self.unchanged)} {'file' if self.unchanged == 1 else 'files'} unchanged")
        parts += [f"{path} has the content of {other}, not read" for path, other in self.same_content.items()]
        return "; ".join(parts)


class IngestResult(Result):
    """What every source's bronze holds, and the rules that quarantined records broke."""

    sources: tuple[SourceResult, ...]
    quarantine: tuple[QuarantineRule, ...] = ()

    def of(self, source: str) -> SourceResult | None:
        """One source's part."""
        return next((each for each in self.sources if each.source == source), None)

    def told(self) -> tuple[str, ...]:
        """A line a source, and the columns found for those that declare none."""
        found = [
            f"{each.source} declares no columns; found were\n{each.suggested}"
            for each in self.sources
            if each.suggested and each.new.files
        ]
        return (*(each.told() for each in self.sources), *found)


def ingest(workspace: Workspace, run: str) -> IngestResult:
    """Every source's new files in bronze, what broke a rule in quarantine.

    Raises DataError where more than `max_quarantine_share` of a source's new records break a rule, for a wrong header
    and for a broken file; EnvironmentFault for what cannot be read.
    """
    before = workspace.previous("ingest", IngestResult)
    sources = []
    for name in workspace.project.sources:
        with workspace.project.located(f"sources.{name}"):
            sources.append(_ingested(workspace, name, before.of(name) if before is not None else None, run))
    rejected = any(each.rows.quarantined for each in sources)
    return IngestResult(
        sources=tuple(sources), quarantine=quarantine.rules_of(workspace.tables, "ingest") if rejected else ()
    )


def _ingested(workspace: Workspace, name: str, recorded: SourceResult | None, run: str) -> SourceResult:
    plan = planned(workspace, name, recorded)
    arrived, tables = plan.arrived, workspace.tables
    if recorded is not None and arrived.nothing_new:
        nothing = SourceRows(source=name, files=0, read=0, accepted=0)
        update = {
            "new": nothing,
            "version": plan.before,
            "unchanged": len(arrived.unchanged),
            "same_content": arrived.same_content,
        }
        return recorded.model_copy(update=update)
    if not arrived.to_read:
        version = bronze.remove(tables, bronze.bronze_of(name), arrived.replaced)
        quarantine.put(tables, None, name, "ingest", arrived.replaced)
        return _result(workspace, plan, recorded, version, SourceRows(source=name, files=0, read=0, accepted=0))
    reading = plan.source.read(workspace.spark, arrived.to_read)
    plan = fitting(workspace, plan, reading)
    written = _written(workspace, plan, reading, run)
    new = SourceRows(
        source=name,
        files=len(arrived.to_read),
        read=written.read,
        accepted=written.read - written.quarantined,
        quarantined=written.quarantined,
    )
    return _result(workspace, plan, recorded, written.version, new, reading)


def _written(workspace: Workspace, plan: Plan, reading: Reading, run: str) -> bronze.Written:
    """Bronze, then the quarantine; bronze is taken back where too large a share of the records breaks a rule."""
    tables, table = workspace.tables, bronze.bronze_of(plan.name)
    touched = tuple(dict.fromkeys((*plan.arrived.replaced, *paths(plan.arrived.to_read))))
    replaced = touched if plan.arrived.replaced else ()
    written = bronze.write(tables, table, reading, whole=plan.whole, replaced=replaced)
    digests = {each.path: each.sha256 for each in plan.arrived.to_read}
    rejected = quarantine.from_reading(reading.records, plan.name, digests, run) if written.quarantined else None
    if rejected is not None and written.quarantined > plan.source.max_quarantine_share * written.read:
        bronze.undo(tables, table, plan.before)
        raise bronze.too_many(written, plan.source.max_quarantine_share, rejected)
    quarantine.put(tables, rejected, plan.name, "ingest", None if plan.whole else touched)
    return written


def _result(
    workspace: Workspace,
    plan: Plan,
    recorded: SourceResult | None,
    version: int,
    new: SourceRows,
    reading: Reading | None = None,
) -> SourceResult:
    columns = reading.columns if reading is not None else recorded.columns if recorded is not None else {}
    inferred = workspace.project.sources[plan.name].columns is None
    suggested = _suggested(workspace, plan.name, columns) if inferred else ""
    return SourceResult(
        source=plan.name,
        version=version,
        settings=plan.settings,
        files=tuple(FileFacts(path=each.path, size=each.size, sha256=each.sha256) for each in plan.arrived.held),
        columns=columns,
        inferred=inferred,
        suggested=suggested,
        rows=new if plan.whole else _all_rows(workspace, plan),
        new=new,
        unchanged=len(plan.arrived.unchanged),
        same_content=plan.arrived.same_content,
    )


def _all_rows(workspace: Workspace, plan: Plan) -> SourceRows:
    """What bronze and the quarantine hold of a source, from all its files."""
    accepted = workspace.tables.rows(bronze.bronze_of(plan.name))
    away = quarantine.held(workspace.tables, plan.name, "ingest")
    files = len(plan.arrived.held)
    return SourceRows(source=plan.name, files=files, read=accepted + away, accepted=accepted, quarantined=away)


def _suggested(workspace: Workspace, name: str, columns: dict[str, str]) -> str:
    """The columns as they can be put into the project file, kept in the project's folder too."""
    import yaml

    text = yaml.safe_dump({"columns": columns}, sort_keys=False, allow_unicode=True, default_flow_style=False)
    workspace.write_text(f"suggested_columns/{name}.yml", text)
    return text


def _inputs(workspace: Workspace) -> dict[str, str]:
    """Source → digest of the paths and contents of its files."""
    digests = {}
    for name in workspace.project.sources:
        told = json.dumps([(each.path, each.sha256) for each in workspace.input_files(name)])
        digests[name] = hashlib.sha256(told.encode()).hexdigest()
    return digests


def _tables(project: Project) -> tuple[str, ...]:
    return tuple(bronze.bronze_of(name) for name in project.sources)


INGEST = Stage(
    name="ingest",
    result=IngestResult,
    section=lambda project: project.resolved()["sources"],
    inputs=_inputs,
    outputs=_tables,
    body=ingest,
)
