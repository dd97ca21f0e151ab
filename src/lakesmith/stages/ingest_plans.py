"""What ingest reads of one source, how, and whether into a new bronze or beside what bronze holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lakesmith.errors import DataError
from lakesmith.sources import FileSource, InputFile, Reading, Source
from lakesmith.stages import bronze
from lakesmith.stages.arrivals import Arrivals, arrivals, as_one, increment, paths
from lakesmith.wording import count

if TYPE_CHECKING:
    from lakesmith.stages.ingest import SourceResult
    from lakesmith.tables import Tables
    from lakesmith.workspace import Workspace


@dataclass(frozen=True)
class Plan:
    """What is read of one source, how, and into what; `before` is bronze's version, None where there is none yet."""

    name: str
    source: Source
    settings: str
    arrived: Arrivals
    whole: bool
    before: int | None


def planned(workspace: Workspace, name: str, recorded: SourceResult | None) -> Plan:
    """Which files to read: with what is recorded trusted only where bronze is as that run left it.

    Raises DataError for files that changed or are gone, unless the source declares what to do about them.
    """
    tables, table, source = workspace.tables, bronze.bronze_of(name), workspace.project.sources[name]
    settings = hashlib.sha256(json.dumps(source.reading_keys(), sort_keys=True).encode()).hexdigest()[:16]
    held = tuple(InputFile(each.path, each.size, each.sha256) for each in recorded.files) if recorded else ()
    same_settings = recorded is not None and recorded.settings == settings
    before, trusted = _state(tables, table, source, recorded if same_settings else None)
    arrived = _arrived(source, workspace.input_files(name), held if before is not None else (), trusted)
    if arrived.gone and not same_settings:
        raise DataError(
            f"the source is read in another way than before, and {arrived.gone[0].path} is no longer there",
            fix=f"Put the file back, or delete the table {tables.place(table)} to start without it.",
        )
    if trusted and recorded is not None and recorded.inferred:
        source = source.model_copy(update={"columns": recorded.columns})  # a guess is made once
    return Plan(name, source, settings, arrived, _is_whole(source, arrived, recorded, before, trusted), before)


def _state(tables: Tables, table: str, source: Source, recorded: SourceResult | None) -> tuple[int | None, bool]:
    """Bronze's version, None where there is none, and whether it holds what the recorded run left in it.

    What a run that was killed added to a source that is read in increments is taken out again here: such a source
    cannot be read again from its start, and a log of changes would lose its past.
    """
    before = tables.version(table) if tables.exists(table) else None
    if recorded is None or before is None or recorded.version == before:
        return before, recorded is not None and recorded.version == before
    if not source.is_incremental or before < recorded.version:
        return before, False
    bronze.undo(tables, table, recorded.version)
    return tables.version(table), True


def fitting(workspace: Workspace, plan: Plan, reading: Reading) -> Plan:
    """The plan, with bronze written as a whole where a run that was not recorded left it with other columns."""
    tables, table = workspace.tables, bronze.bronze_of(plan.name)
    if plan.whole or bronze.columns_in(tables, table) == reading.columns:
        return plan
    if bronze.holds_others(tables, table, [*paths(plan.arrived.to_read), *plan.arrived.replaced]):
        raise DataError(
            f"{tables.place(table)} has other columns, and rows of files that are no longer there",
            fix="Put the files back, or delete the table to start without them.",
        )
    return replace(plan, whole=True)


def _arrived(source: Source, present: tuple[InputFile, ...], held: tuple[InputFile, ...], trusted: bool) -> Arrivals:
    if source.is_incremental:
        return increment(present, held, trusted=trusted)
    if not source.by_file:
        return as_one(present, held, trusted=trusted)
    if not isinstance(source, FileSource):
        return arrivals(present, held, trusted=trusted)
    arrived = arrivals(present, held, trusted=trusted, remove_gone=source.on_gone == "remove")
    if arrived.changed and not source.replaces(present):
        raise DataError(
            f"{_told(arrived.changed, 'has', 'have')} other content than when ingested",
            key="path",
            fix="Set `on_change: replace` to take the new content in place of the old, or put the old content back.",
        )
    if arrived.gone and source.on_gone == "fail":
        raise DataError(
            f"{_told(arrived.gone, 'was', 'were')} ingested and no longer there",
            key="path",
            fix="Put back what is missing, or set `on_gone` to `keep` or `remove` the records it had.",
        )
    return arrived


def _is_whole(
    source: Source, arrived: Arrivals, recorded: SourceResult | None, before: int | None, trusted: bool
) -> bool:
    """Whether bronze is written anew instead of changed."""
    if before is None:
        return True
    if source.is_incremental:
        return any(each.since is None for each in arrived.to_read)
    return not source.by_file or (recorded is not None and not trusted and not arrived.gone)


def _told(files: tuple[InputFile, ...], one: str, many: str) -> str:
    if len(files) == 1:
        return f"{files[0].path} {one}"
    return f"{count(len(files))} files, {files[0].path} the first of them, {many}"
