"""A run: the selected stages one after the other, then the report on what they recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakesmith.errors import GateError
from lakesmith.stages.reporting import write_report
from lakesmith.stages.stage import Outcome, Stage
from lakesmith.stages.summaries import summary
from lakesmith.summary import RunSummary
from lakesmith.workspace import Workspace

REPORTED = ("train", "evaluate", "promote", "score")


def run_in(workspace: Workspace, stages: Sequence[Stage[Any]]) -> RunSummary:
    """Runs stages in an open workspace; returns the summary, whose exit code is 4 when a gate failed."""
    outcomes: list[Outcome[Any]] = []
    refused: GateError | None = None
    for stage in stages:
        if refused is not None and not _can_score(workspace, stage):
            continue
        try:
            outcomes.append(stage.run(workspace))
        except GateError as error:
            refused = error
    report = write_report(workspace) if any(each.stage in REPORTED for each in outcomes) else None
    return summary(workspace, outcomes, report, refused)


def _can_score(workspace: Workspace, stage: Stage[Any]) -> bool:
    return stage.name == "score" and workspace.tracking.at("champion") is not None
