"""Clean: every bronze table through its steps into silver; every row that leaves on the way is accounted for.

Silver is committed first, then the quarantine, then the result is recorded; a run that was killed in between is run
again as a whole and writes both anew.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from pydantic import Field

from lakesmith.cleaning.chain import Counted, Others, broken_rules, cleaned, counted, walk
from lakesmith.cleaning.order import cleaning_order
from lakesmith.errors import DataError
from lakesmith.facts import Plain, QuarantineRule, StepRows
from lakesmith.piece import kind_of
from lakesmith.sources import FILE
from lakesmith.sources.faults import told
from lakesmith.stages import quarantine
from lakesmith.stages.bronze import bronze_of
from lakesmith.stages.stage import Result, Stage
from lakesmith.wording import count

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakesmith.cleaning import CleaningStep
    from lakesmith.project import Project
    from lakesmith.workspace import Workspace

EXAMPLES = 3
At = Callable[[int], AbstractContextManager[None]]


class Warned(Plain):
    """A rule that is only watched, and the rows that break it."""

    step: str
    rule: str
    rows: int


class CleanedSource(Plain):
    """One source's silver: rows = rows of bronze − quarantined − dropped, step by step."""

    source: str
    version: int = Field(description="Silver's version after this run.")
    bronze_rows: int
    rows: int
    columns: dict[str, str]
    steps: tuple[StepRows, ...] = ()
    warnings: tuple[Warned, ...] = ()

    def told(self) -> str:
        """The source in a line."""
        away, dropped = sum(each.quarantined for each in self.steps), sum(each.dropped for each in self.steps)
        parts = [f"{self.source}: {count(self.rows)} of {count(self.bronze_rows)} rows kept"]
        parts += [f"{count(away)} quarantined"] * (away > 0) + [f"{count(dropped)} dropped"] * (dropped > 0)
        parts += [f"{count(each.rows)} rows break '{each.rule}'" for each in self.warnings if each.rows]
        return ", ".join(parts)


class CleanResult(Result):
    """What every source's silver holds, and the rules that quarantined rows broke."""

    sources: tuple[CleanedSource, ...]
    quarantine: tuple[QuarantineRule, ...] = ()

    def told(self) -> tuple[str, ...]:
        """A line a source."""
        return tuple(each.told() for each in self.sources)


def clean(workspace: Workspace, run: str) -> CleanResult:
    """Silver for every source, in one commit each, after every rule that must hold was seen to hold.

    Raises DataError with count and examples for a rule that does not hold, and for an expression that fails on a row;
    ConfigError for a step that the columns do not allow.
    """
    project = workspace.project
    bronze = {name: workspace.tables.read(bronze_of(name)) for name in cleaning_order(project.clean, project.sources)}
    _stop_if_any_breaks(workspace, bronze)
    silver: dict[str, DataFrame] = {}
    results: dict[str, CleanedSource] = {}
    for name, table in bronze.items():
        results[name] = _cleaned(workspace, name, table, silver, run)
        silver[name] = workspace.tables.read(f"silver_{name}")
    sources = tuple(results[name] for name in project.sources)
    rejected = any(step.quarantined for each in sources for step in each.steps)
    return CleanResult(sources=sources, quarantine=quarantine.rules_of(workspace.tables, "clean") if rejected else ())


def _stop_if_any_breaks(workspace: Workspace, bronze: dict[str, DataFrame]) -> None:
    """Asks every rule before anything is written: a table that others look at is cleaned for them on the way."""
    looked_at = {table for steps in workspace.project.clean.values() for step in steps for table in step.tables()}
    silver: dict[str, DataFrame] = {}
    for name, table in bronze.items():
        _stop_if_broken(workspace, name, table, silver)
        if name in looked_at:
            silver[name] = cleaned(table, _steps(workspace, name), _at(workspace, name), name, silver).drop(FILE)


def _stop_if_broken(workspace: Workspace, name: str, table: DataFrame, others: Others) -> None:
    at = _at(workspace, name)
    with told():
        broken = broken_rules(table, _steps(workspace, name), at, name, others)
    for each in broken:
        shown = [row.asDict(recursive=True) for row in each.examples.limit(EXAMPLES).collect()]
        lines = [", ".join(f"{column}={value!r}" for column, value in row.items())[:300] for row in shown]
        with at(each.position):
            raise DataError(
                f"{count(each.count)} {'row breaks' if each.count == 1 else 'rows break'} '{each.told}':\n  "
                + "\n  ".join(lines),
                fix="\nNothing was written. Correct the data or the rule, or quarantine such rows.",
            )


def _cleaned(workspace: Workspace, name: str, table: DataFrame, others: Others, run: str) -> CleanedSource:
    steps, at = _steps(workspace, name), _at(workspace, name)
    passage = counted(table, steps, at, name, others)
    silver = passage.frame.drop(FILE)
    with told():
        version = workspace.tables.overwrite(f"silver_{name}", silver)
    result = _result(name, version, silver, steps, passage)
    leaving = {position for position, each in enumerate(result.steps) if each.quarantined}
    # Rejected rows are computed a second time, and only where there are some; counters would be told twice.
    stops = walk(table, steps, at, name, others) if leaving else ()
    rejected = [s.sifted.rejected for s in stops if s.position in leaving and s.sifted.rejected is not None]
    with told():
        quarantine.put(workspace.tables, quarantine.from_cleaning(rejected, name, run), name, "clean")
    return result


def _result(
    name: str, version: int, silver: DataFrame, steps: tuple[CleaningStep, ...], passage: Counted
) -> CleanedSource:
    counts = passage.counts()
    names = [f"{position + 1} {kind_of(type(step))}" for position, step in enumerate(steps)]
    given, kept = passage.rows
    rows = [
        StepRows(
            source=name,
            step=step,
            kept=each.kept,
            quarantined=each.quarantined,
            dropped=each.dropped,
            cells=each.cells,
        )
        for step, each in zip(names, counts, strict=True)
    ]
    warnings = [
        Warned(step=step, rule=each.rule, rows=each.broken)
        for step, each in zip(names, counts, strict=True)
        if each.rule is not None
    ]
    columns = {each.name: each.dataType.simpleString() for each in silver.schema.fields}
    return CleanedSource(
        source=name,
        version=version,
        bronze_rows=given,
        rows=kept,
        columns=columns,
        steps=tuple(rows),
        warnings=tuple(warnings),
    )


def _steps(workspace: Workspace, name: str) -> tuple[CleaningStep, ...]:
    return workspace.project.clean.get(name, ())


def _at(workspace: Workspace, name: str) -> At:
    return lambda position: workspace.project.located(f"clean.{name}[{position}]")


def _inputs(workspace: Workspace) -> dict[str, str]:
    return {name: workspace.tables.identity(bronze_of(name)) for name in workspace.project.sources}


def _tables(project: Project) -> tuple[str, ...]:
    return tuple(f"silver_{name}" for name in project.sources)


CLEAN = Stage(
    name="clean",
    result=CleanResult,
    section=lambda project: project.resolved().get("clean"),
    inputs=_inputs,
    outputs=_tables,
    body=clean,
)
