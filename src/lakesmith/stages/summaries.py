"""The closing summary of a run: what its stages came to, and the command that comes next."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakesmith.errors import GateError
from lakesmith.places import WORKSPACE_VARIABLE
from lakesmith.stages.accounting import row_accounting
from lakesmith.stages.comparison import aliased, gate_verdicts, metric_rows, model_version, stopped_because, trials
from lakesmith.stages.order import NAMES
from lakesmith.stages.promote import PROMOTE
from lakesmith.stages.recorded import Recorded, of_workspace
from lakesmith.stages.report_view import headline
from lakesmith.stages.stage import Outcome
from lakesmith.summary import RunSummary, StageLine
from lakesmith.workspace import Workspace


def summary(
    workspace: Workspace, outcomes: Sequence[Outcome[Any]], report: Path | None, refused: GateError | None
) -> RunSummary:
    """What this run came to; parts that none of its stages reached are left empty. Exit code 4 for a failed gate."""
    ran = {each.stage for each in outcomes} | ({PROMOTE.name} if refused is not None else set())
    recorded = of_workspace(workspace)
    shown = _shown(report)
    return RunSummary(
        project=workspace.project.name,
        stages=(*map(_stage_line, outcomes), *_refusal(refused)),
        rows=row_accounting(recorded, workspace.project.base) if ran & {"ingest", "clean", "derive"} else None,
        predictions=recorded.score.rows if recorded.score is not None and "score" in ran else None,
        report=shown,
        next_command=_next(workspace, ran, shown, refused),
        exit_code=refused.exit_code if refused is not None else 0,
        **(_judged(workspace, recorded) if ran & {"evaluate", "promote"} else {}),
        **(_tuned(workspace, recorded) if ran & {"train", "evaluate", "promote"} else {}),
    )


def _stage_line(outcome: Outcome[Any]) -> StageLine:
    told = outcome.result.told()
    fact = "nothing changed" if outcome.skipped else told[0] if told else ""
    return StageLine(name=outcome.stage, seconds=outcome.seconds, is_no_op=outcome.skipped, fact=fact)


def _refusal(refused: GateError | None) -> tuple[StageLine, ...]:
    return (StageLine(name=PROMOTE.name, seconds=0.0, fact=f"refused: {refused.message}"),) if refused else ()


def _judged(workspace: Workspace, recorded: Recorded) -> dict[str, Any]:
    judged = recorded.judged
    if judged is None:
        return {}
    return {
        "metrics": metric_rows(judged, headline(workspace.project)),
        "headline": headline(workspace.project),
        "test_rows": judged.test_rows,
        "shared_rows": judged.shared_rows,
        "gates": gate_verdicts(judged),
    }


def _tuned(workspace: Workspace, recorded: Recorded) -> dict[str, Any]:
    trained, tracking = recorded.train, workspace.tracking
    if trained is None:
        return {}
    return {
        "trials": trials(trained),
        "stopped_because": stopped_because(trained),
        "model": model_version(tracking, trained.version, aliased(tracking)),
    }


def _shown(path: Path | None) -> str:
    """The path as one would type it from here."""
    if path is None:
        return ""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _next(workspace: Workspace, ran: set[str], report: str, refused: GateError | None) -> str:
    path, place = workspace.project.path, _workspace_option(workspace)
    file = _shown(path.absolute()) if path is not None else "PROJECT.yml"
    if refused is not None:
        return f"look at {report}, change {file}, then lakesmith run {file} --select train+{place}"
    last = max((NAMES.index(each) for each in ran), default=-1)
    if last + 1 < len(NAMES):
        return f"lakesmith run {file} --select {NAMES[last + 1]}+{place}"
    return f"lakesmith ui{place}"


def _workspace_option(workspace: Workspace) -> str:
    """The option that leads to this workspace, empty where it is found without one."""
    folder = Path(workspace.places.workspace)
    file = workspace.project.path
    if os.environ.get(WORKSPACE_VARIABLE) or (file is not None and folder == Path.cwd() / ".lakesmith"):
        return ""
    return f" --workspace {_shown(folder)}"
