"""Where every project of a workspace stands, from the JSON files its stages left and the model registry; no Spark."""

from __future__ import annotations

from pathlib import Path

from lakesmith.facts import GateVerdict, ModelVersion, TableVersion
from lakesmith.places import Places
from lakesmith.stages.accounting import row_accounting, table_versions
from lakesmith.stages.comparison import aliased, gate_verdicts, measured_version, trials
from lakesmith.stages.quarantine import QUARANTINE
from lakesmith.stages.recorded import Recorded, of_folder
from lakesmith.stages.reporting import REPORT
from lakesmith.summary import ProjectStatus, StatusView
from lakesmith.tracking import Alias
from lakesmith.workspace import tracking_for


def status_view(places: Places) -> StatusView:
    """Every project that has run in the workspace, by name; a file that cannot be read costs a note, not the view."""
    root = Path(places.workspace)
    folders = sorted(each.parent for each in root.glob("*/results") if each.is_dir() and any(each.glob("*.json")))
    return StatusView(workspace=str(root), projects=tuple(project_status(places, folder) for folder in folders))


def project_status(places: Places, folder: Path) -> ProjectStatus:
    """Where the project of one folder of the workspace stands."""
    recorded, notes = of_folder(folder)
    models, more = _models(places, folder.name) if recorded.train is not None else ({}, ())
    report = folder / REPORT
    return ProjectStatus(
        project=folder.name,
        tables=(*table_versions(recorded), *_quarantine(recorded, folder)),
        rows=row_accounting(recorded),
        trials=trials(recorded.train) if recorded.train is not None else (),
        challenger=models.get("challenger"),
        champion=models.get("champion"),
        gates=_gates(recorded, models.get("challenger")),
        report=str(report) if report.is_file() else "",
        notes=(*notes, *more),
    )


def _quarantine(recorded: Recorded, folder: Path) -> tuple[TableVersion, ...]:
    """The quarantine, which two stages write to: its version is the last commit of its log, where that is a folder."""
    commits = [
        int(each.stem) for each in (folder / "tables" / QUARANTINE / "_delta_log").glob("*.json") if each.stem.isdigit()
    ]
    at_ingest = [each.rows for each in recorded.ingest.sources] if recorded.ingest is not None else []
    at_clean = [step for each in recorded.clean.sources for step in each.steps] if recorded.clean is not None else []
    rows = sum(each.quarantined for each in at_ingest) + sum(each.quarantined for each in at_clean)
    return (TableVersion(name=QUARANTINE, version=max(commits), rows=rows),) if commits else ()


def _gates(recorded: Recorded, challenger: ModelVersion | None) -> tuple[GateVerdict, ...]:
    judged = recorded.judged
    is_current = challenger is None or (judged is not None and str(judged.version) == challenger.version)
    return gate_verdicts(judged) if judged is not None and is_current else ()


def _models(places: Places, project: str) -> tuple[dict[Alias, ModelVersion], tuple[str, ...]]:
    """Alias → version with its metrics, and a note when the registry could not be asked."""
    if places.tracking_uri is None and not (Path(places.workspace) / "mlflow.db").is_file():
        return {}, ("there is no MLflow store in this workspace",)
    tracking = tracking_for(places, project)
    try:
        aliases = aliased(tracking)
        return {alias: measured_version(tracking, version, aliases) for alias, version in aliases.items()}, ()
    except Exception as error:  # noqa: BLE001 (a store that is away must not hide what the files tell)
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return {}, (f"the model registry does not answer: {reason}",)
