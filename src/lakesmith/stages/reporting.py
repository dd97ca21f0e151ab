"""The report: rendered from what the stages recorded, kept in the workspace and with the train run."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakesmith.facts import ModelVersion
from lakesmith.report import ReportView, render
from lakesmith.report.files import chart_files
from lakesmith.stages.comparison import TEST_PREFIX, aliased, model_version
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.stages.recorded import Recorded, of_workspace
from lakesmith.stages.report_view import report_view
from lakesmith.stages.train import TrainResult
from lakesmith.tracking import Tracking
from lakesmith.workspace import Workspace

REPORT = "report.html"
REPORT_TAG = "lakesmith.report"  # on a train run: digest of the report it carries


def write_report(workspace: Workspace, now: datetime | None = None) -> Path:
    """The path of the report on the last recorded results; the train run carries it too, with tables, figures and test
    metrics, which are logged again only when something in it has changed."""
    recorded = of_workspace(workspace)
    view = report_view(
        workspace.project,
        recorded,
        _model(workspace, recorded),
        spark=workspace.spark.version,
        data=workspace.places.data,
        now=now or datetime.now(UTC),
    )
    path = workspace.write_text(REPORT, render(view))
    if recorded.train is not None:
        _log(workspace.tracking, recorded.train, recorded.judged, view, path)
    return path


def _model(workspace: Workspace, recorded: Recorded) -> ModelVersion | None:
    tracking, trained = workspace.tracking, recorded.train
    return model_version(tracking, trained.version, aliased(tracking)) if trained is not None else None


def _log(tracking: Tracking, trained: TrainResult, judged: EvaluateResult | None, view: ReportView, path: Path) -> None:
    run_id, digest = trained.run_id, _digest(view)
    if tracking.tags(run_id).get(REPORT_TAG) == digest:
        return
    tracking.log_file(run_id, path)
    for name, svg in chart_files(view).items():
        tracking.log_figure(run_id, svg, f"figures/{name}.svg")
    for name, table in _tables(view).items():
        tracking.log_json(run_id, table, f"tables/{name}.json")
    tracking.log(run_id, metrics=_new_metrics(tracking, run_id, judged))
    # Last: a run that was killed before it logs everything again.
    tracking.log(run_id, tags={REPORT_TAG: digest})


def _digest(view: ReportView) -> str:
    return hashlib.sha256(view.model_dump_json(exclude={"made_at"}).encode()).hexdigest()[:32]


def _new_metrics(tracking: Tracking, run_id: str, judged: EvaluateResult | None) -> dict[str, float]:
    """The test metrics that the run does not have yet; undefined ones have no value to log."""
    if judged is None:
        return {}
    known = tracking.metrics(run_id)
    measured = {f"{TEST_PREFIX}{name}": value for name, value in judged.challenger.items() if math.isfinite(value)}
    return {name: value for name, value in measured.items() if known.get(name) != value}


def _tables(view: ReportView) -> dict[str, dict[str, Any]]:
    """Name → columns and rows, in the shape that MLflow shows as a table."""
    tables: dict[str, dict[str, Any]] = {}
    columns: tuple[str, ...]
    if view.metrics:
        columns = ("metric", "challenger", "interval", "baseline", "challenger_shared", "champion_shared", "difference")
        tables["metrics"] = _table(columns, [[getattr(row, each) for each in columns] for row in view.metrics])
    if view.leaderboard is not None:
        columns = ("number", "family", "status", "value", "seconds", "params", "is_chosen", "reason")
        rows = [{**dict(trial), "params": dict(trial.params)} for trial in view.leaderboard.trials]
        tables["leaderboard"] = _table(columns, [[row[each] for each in columns] for row in rows])
    if view.importances is not None:
        tables["importances"] = _table(("slot", "share"), view.importances.slots or view.importances.columns)
        tables["importances_by_column"] = _table(("column", "share"), view.importances.columns)
    return tables


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {"columns": list(columns), "data": [[_plain(value) for value in row] for row in rows]}


def _plain(value: Any) -> Any:
    """The value without NaN, which is no JSON."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
