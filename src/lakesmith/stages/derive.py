"""Derive: silver tables into gold, one row per key with derived columns, label, split part and digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.checks import check_gold
from lakesmith.columns import Names
from lakesmith.derivations.gold import digest_of, is_known, own_columns, with_signature_types
from lakesmith.derivations.verification import Derived
from lakesmith.errors import ConfigError, LakesmithError
from lakesmith.piece import kind_of
from lakesmith.sources.faults import told
from lakesmith.splits import DIGEST, SPLIT
from lakesmith.stages.parts import watched
from lakesmith.stages.stage import Result, Stage
from lakesmith.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from lakesmith.project import Project

GOLD = "gold"


class StepFacts(BaseModel):
    """What was verified of one derivation: for a join the table, rows, unmatched and unmatched_share."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    position: int
    kind: str
    facts: dict[str, str | int | float | bool | None]


class DeriveResult(Result):
    """Gold as it was written: version, rows by split part, columns with types, and what was verified of each step."""

    version: int
    rows: int
    labelled: int = Field(description="Rows with a label; rows - labelled have none yet, or never will.")
    parts: dict[str, int] = Field(description="Split part and its rows.")
    columns: dict[str, str] = Field(description="Column of gold and its Spark type.")
    casts: dict[str, str] = Field(description="Column whose type no model signature can name: 'from → to'.")
    steps: tuple[StepFacts, ...] = ()
    frozen: dict[str, Any] = Field(description="What the split remembers so that no row moves.")
    labels: dict[str, float] = Field({}, description="Split part and its mean label: share of positives, or mean.")
    times: dict[str, tuple[str, str]] = Field({}, description="Split part and its first and last time.")
    null_shares: dict[str, float] = Field({}, description="Column of gold and its share of nulls; {} when very wide.")

    def told(self) -> tuple[str, ...]:
        """Rows by part, then one line a join with rows left unmatched, and one a note of a step."""
        parts = ", ".join(f"{count:,} {part}" for part, count in self.parts.items() if count)
        joins = [step.facts for step in self.steps if step.kind == "join" and step.facts.get("unmatched")]
        shares = [f"{each['unmatched']:,} rows ({each['unmatched_share']:.1%}) not in {each['with']}" for each in joins]
        notes = [
            f"{step.facts.get('column', step.kind)}: {step.facts['note']}"
            for step in self.steps
            if "note" in step.facts
        ]
        return (f"gold: {self.rows:,} rows ({parts}), {len(self.columns)} columns", *shares, *notes)


def derive(workspace: Workspace, _key: str) -> DeriveResult:
    """Gold with one row per key, written in one commit after every rule was verified.

    Raises ConfigError for columns that do not fit, DataError for repeated or null keys, no rows, no label at all, a
    repeated key of a joined table, a value the split cannot do without.
    """
    project, tables = workspace.project, workspace.tables
    silver = {name: own_columns(tables.read(f"silver_{name}")) for name in _tables_read(project)}
    with _faults_told(project):
        derived = _applied(project, silver)
        gold, casts = with_signature_types(derived)
        _check(project, gold)
        declared = _declared(project, silver)
        verified = declared.verified()
        frozen = _frozen(workspace, declared)
        shaped = gold.withColumns({DIGEST: digest_of(gold), SPLIT: _part(project, gold, frozen)})
        counted = watched(shaped, project)
        version = tables.overwrite(GOLD, counted.frame)
        counts = counted.counts()
    return DeriveResult(
        version=version,
        rows=verified.rows,
        labelled=verified.labelled,
        parts=counts.rows,
        labels=counts.labels,
        times=counts.times,
        null_shares=counts.null_shares,
        columns={field.name: field.dataType.simpleString() for field in gold.schema.fields},
        casts=casts,
        steps=_step_facts(project, verified.steps),
        frozen=frozen,
    )


def _step_facts(project: Project, verified: Mapping[int, dict[str, Any]]) -> tuple[StepFacts, ...]:
    kinds = [kind_of(type(step)) or "" for step in project.derive.steps]
    return tuple(
        StepFacts(position=position, kind=kinds[position], facts=facts) for position, facts in verified.items()
    )


def _tables_read(project: Project) -> tuple[str, ...]:
    looked_up = [table for step in project.derive.steps for table in step.tables()]
    return tuple(dict.fromkeys([project.base, *looked_up]))


def _applied(project: Project, silver: Mapping[str, DataFrame]) -> DataFrame:
    """All steps, each checked against the columns that are really there (a source may have inferred them)."""
    frame = silver[project.base]
    names = {name: Names(name, tuple(table.columns)) for name, table in silver.items()}
    for position, step in enumerate(project.derive.steps):
        with project.located(f"derive.steps[{position}]"):
            step.columns_after(Names(project.base, tuple(frame.columns)), names)
            frame = step.apply(frame, silver)
    return frame


def _check(project: Project, gold: DataFrame) -> None:
    check_gold(project, Names(GOLD, tuple(gold.columns)))
    if project.time is not None and gold.schema[project.time].dataType.typeName() not in ("timestamp", "date"):
        with project.located(""):
            raise ConfigError(
                f"'{project.time}' is {gold.schema[project.time].dataType.simpleString()}, not a timestamp or date",
                key="time",
                fix="Cast it in clean.",
            )


def _declared(project: Project, silver: Mapping[str, DataFrame]) -> Derived:
    facts = project.facts
    return Derived(
        base=silver[project.base],
        steps=project.derive.steps,
        tables=silver,
        key=facts.key,
        label=facts.label,
        needs_value=project.split.needs_value(facts),
        located=project.located,
    )


def _frozen(workspace: Workspace, declared: Derived) -> dict[str, Any]:
    """What the split remembers from now on, of what it remembered at the last run."""
    facts, split = workspace.project.facts, workspace.project.split
    before = workspace.previous("derive", DeriveResult)
    slim = declared.narrow([*facts.key, *([facts.label] if facts.label else []), *split.needs_value(facts)])
    labelled = slim.where(is_known(slim, facts.label)) if facts.label is not None else slim
    with workspace.project.located("split"):
        return split.freeze(labelled, facts, before.frozen if before is not None else {})


def _part(project: Project, gold: DataFrame, frozen: Mapping[str, Any]) -> Column:
    from pyspark.sql import functions as F

    part = project.split.part(project.facts, frozen)
    label = project.facts.label
    return part if label is None else F.when(is_known(gold, label), part).otherwise(F.lit("unlabelled"))


@contextmanager
def _faults_told(project: Project) -> Iterator[None]:
    """A value that an expression cannot take (ANSI: a bad cast, a division by zero) as a DataError at `derive.steps`:
    Spark does not say which of them it was."""
    try:
        with told():
            yield
    except LakesmithError as error:
        if error.key or error.place:
            raise
        with project.located("derive.steps"):
            raise


DERIVE = Stage(
    name="derive",
    result=DeriveResult,
    section=lambda project: [
        project.resolved().get(each) for each in ("derive", "key", "time", "group", "task", "split")
    ],
    inputs=lambda workspace: {
        name: workspace.tables.identity(f"silver_{name}") for name in _tables_read(workspace.project)
    },
    outputs=lambda project: (GOLD,),
    body=derive,
)
