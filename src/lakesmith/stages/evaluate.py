"""Evaluate: the challenger on the test rows, beside the naive baseline and the present champion; gates judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import Field

from lakesmith.errors import DataError
from lakesmith.gates import Compared
from lakesmith.splits import SPLIT
from lakesmith.stages.models import ModelFacts, facts_of, replaced_by, version_at, with_predictions
from lakesmith.stages.stage import Result, Stage
from lakesmith.tracking import Version
from lakesmith.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Values = dict[str, float]
Intervals = dict[str, tuple[float, float]]
IS_CHAMPION_TEST = "champion_is_test"


class Judged(Result):
    """One gate's answer."""

    gate: str
    passed: bool
    reason: str


class EvaluateResult(Result):
    """Metric → value for every model, on all test rows and on those that were test rows for challenger and champion.

    `intervals` are 95 % bootstrap intervals, `bin_errors` the largest error that binning the scores can have caused.
    """

    version: int
    champion: int | None
    test_rows: int
    shared_rows: int | None
    baseline_told: str
    challenger: Values
    baseline: Values
    greater_is_better: dict[str, bool]
    challenger_shared: Values | None = None
    champion_shared: Values | None = None
    intervals: Intervals = Field(default_factory=dict)
    challenger_shared_intervals: Intervals = Field(default_factory=dict)
    champion_shared_intervals: Intervals = Field(default_factory=dict)
    difference: Intervals = Field(default_factory=dict)
    bin_errors: Values = Field(default_factory=dict)
    curves: dict[str, Any] = Field(default_factory=dict)
    champion_curves: dict[str, Any] = Field(default_factory=dict)
    verdicts: tuple[Judged, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """No gate failed."""
        return all(verdict.passed for verdict in self.verdicts)

    def told(self) -> tuple[str, ...]:
        """The verdicts in words."""
        return tuple(f"{'passed' if v.passed else 'FAILED'}: {v.reason}" for v in self.verdicts)


def evaluate(workspace: Workspace, _key: str) -> EvaluateResult:
    """Challenger, naive baseline and champion over the test rows, from one action; the gates' verdicts on them."""
    from lakesmith.evaluation import compared, evaluation_table

    project = workspace.project
    challenger = version_at(workspace.tracking, "challenger")
    facts = facts_of(workspace.tracking, challenger)
    champion, notes = _rival(workspace, challenger, facts)
    models = {"challenger": challenger, **({"champion": champion} if champion is not None else {})}
    known = {name: facts_of(workspace.tracking, version) for name, version in models.items()}
    thresholds = {name: each.threshold for name, each in known.items() if each.threshold is not None}
    table = evaluation_table(
        project.task,
        _scored_test_rows(workspace, models, known),
        list(models),
        target=facts.target,
        cluster=[project.group] if project.group is not None else list(project.key),
        thresholds=thresholds,
    )
    against = compared(table, "challenger", "champion" if champion is not None else None, seed=project.seed)
    verdicts = tuple(Judged(**asdict(gate.judge(against))) for gate in project.gates)
    result = _result(project.task, table, against, challenger, champion, facts)
    return result.model_copy(update={"verdicts": verdicts, "notes": notes})


def rival_number(workspace: Workspace) -> int | None:
    """The version the challenger is compared with: the champion or, once it is champion itself, the one it replaced."""
    champion, challenger = workspace.tracking.at("champion"), workspace.tracking.at("challenger")
    if champion is None or challenger is None or champion.number != challenger.number:
        return champion.number if champion is not None else None
    return replaced_by(champion)


def _rival(workspace: Workspace, challenger: Version, facts: ModelFacts) -> tuple[Version | None, tuple[str, ...]]:
    """The version to compare with, or None and why it cannot be compared."""
    number = rival_number(workspace)
    if number is None or number == challenger.number:
        return None, ()
    rival = workspace.tracking.version(number)
    told = facts_of(workspace.tracking, rival)
    missing = told.missing_from(workspace.tables.read("gold"))
    if missing:
        return None, (f"champion version {number} was not compared: gold has no column '{missing[0]}' any more",)
    if told.target.classes != facts.target.classes or told.target.label != facts.target.label:
        return None, (f"champion version {number} was not compared: it predicts another label or other classes",)
    return rival, ()


def _scored_test_rows(
    workspace: Workspace, models: Mapping[str, Version], known: Mapping[str, ModelFacts]
) -> DataFrame:
    """The challenger's labelled test rows with every model's answer, and whether they were the champion's test rows."""
    from pyspark.sql import functions as F

    from lakesmith.tasks import LABEL

    test = workspace.tables.read("gold").where(F.col(SPLIT) == "test")
    test = test.withColumn(LABEL, workspace.project.task.encoded(known["challenger"].target))
    if "champion" in known:
        test = test.withColumn(IS_CHAMPION_TEST, known["champion"].was_test_row())
    loaded = {name: workspace.tracking.load(version) for name, version in models.items()}
    return with_predictions(test, loaded)


def _result(
    task: Any, table: Any, against: Compared, challenger: Version, champion: Version | None, facts: ModelFacts
) -> EvaluateResult:
    from lakesmith.evaluation import bin_errors

    rows = table.rows("challenger")
    if not rows:
        raise DataError(
            "there is no labelled test row", key="split", fix="Choose a split that leaves rows for testing."
        )
    both = champion is not None
    return EvaluateResult(
        version=challenger.number,
        champion=champion.number if champion is not None else None,
        test_rows=rows,
        shared_rows=against.shared_rows,
        baseline_told=task.baseline(facts.target).told,
        challenger=dict(against.challenger),
        baseline=dict(against.baseline),
        greater_is_better=dict(against.greater_is_better),
        challenger_shared=dict(against.challenger_shared) if against.challenger_shared is not None else None,
        champion_shared=dict(against.champion_shared) if against.champion_shared is not None else None,
        intervals=dict(against.intervals or {}),
        challenger_shared_intervals=dict(against.challenger_shared_intervals or {}),
        champion_shared_intervals=dict(against.champion_shared_intervals or {}),
        difference=dict(against.difference or {}),
        bin_errors=bin_errors(table, "challenger"),
        curves=task.curves(table, "challenger"),
        champion_curves=task.curves(table, "champion", shared=True) if both else {},
    )


EVALUATE = Stage(
    name="evaluate",
    result=EvaluateResult,
    section=lambda project: [project.resolved()["task"], project.resolved().get("gates", []), project.group],
    inputs=lambda workspace: {
        "gold": workspace.tables.identity("gold"),
        "challenger": str(version_at(workspace.tracking, "challenger").number),
        "champion": str(rival_number(workspace)),
    },
    outputs=lambda project: (),
    body=evaluate,
)
