"""The report's view: what the stages recorded, put together as the page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lakesmith.bootstrap import REPLICATES
from lakesmith.facts import ModelVersion
from lakesmith.piece import name_of
from lakesmith.project import Project
from lakesmith.report import ReportView
from lakesmith.report.view import GoldColumn, Importances, Leaderboard, SplitPart, SplitView
from lakesmith.stages.accounting import row_accounting
from lakesmith.stages.comparison import gate_verdicts, metric_rows, stopped_because, trials
from lakesmith.stages.derive import DeriveResult
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.stages.lineage import lineage
from lakesmith.stages.notes import notes
from lakesmith.stages.panels import binary_curves, multiclass_curves, regression_curves
from lakesmith.stages.recorded import Recorded
from lakesmith.stages.train import TrainResult

IMPORTANCES = {
    "linear": "|coefficient| times the standard deviation of its slot, as share of the sum",
    "xgboost": "share of the total gain of all splits",
}


def report_view(
    project: Project, recorded: Recorded, model: ModelVersion | None, *, spark: str, data: str, now: datetime
) -> ReportView:
    """One page about the version that train made; what was recorded about another version is left out.

    `spark` is the session's version, `data` the folder that source files are named from, `now` is in UTC.
    """
    trained, judged = recorded.train, recorded.judged
    return ReportView(
        project=project.name,
        task=name_of(project.task),
        label=project.task.label,
        made_at=f"{now:%Y-%m-%d %H:%M} UTC",
        description=project.description,
        model=model,
        headline=headline(project),
        rows=row_accounting(recorded, project.base, data),
        columns=_columns(project, recorded.derive, trained),
        split=_split(project, recorded),
        leaderboard=_leaderboard(trained) if trained is not None else None,
        importances=_importances(trained) if trained is not None else None,
        notes=notes(recorded),
        lineage=lineage(project, recorded, spark, data),
        **_judgement(project, trained, judged),
    )


def headline(project: Project) -> str:
    """The metric named first: the one that was tuned for."""
    return project.tune.metric or project.task.default_metric


def _judgement(project: Project, trained: TrainResult | None, judged: EvaluateResult | None) -> dict[str, Any]:
    if trained is None or judged is None:
        return {"is_judged": False}
    unit = f"clustered by {project.group}" if project.group is not None else "of rows"
    return {
        "gates": gate_verdicts(judged),
        "metrics": metric_rows(judged, headline(project)),
        "test_rows": judged.test_rows,
        "shared_rows": judged.shared_rows,
        "baseline_meaning": judged.baseline_told,
        "interval_meaning": f"{REPLICATES} bootstrap samples {unit}",
        **_curves(project, trained, judged),
    }


def _curves(project: Project, trained: TrainResult, judged: EvaluateResult) -> dict[str, Any]:
    if trained.target.sort == "binary":
        rule = getattr(project.task, "threshold", None)
        return {"binary": binary_curves(judged, trained.threshold, rule)}
    if trained.target.sort == "multiclass":
        return {"multiclass": multiclass_curves(judged)}
    return {"regression": regression_curves(judged)} if trained.target.sort == "regression" else {}


def _columns(project: Project, derived: DeriveResult | None, trained: TrainResult | None) -> tuple[GoldColumn, ...]:
    if derived is None:
        return ()
    roles: dict[str | None, str] = dict.fromkeys(trained.inputs if trained is not None else (), "feature")
    roles |= {project.time: "time", project.group: "group", project.weight: "weight", project.task.label: "label"}
    roles |= dict.fromkeys(project.key, "key")
    columns = [
        GoldColumn(name=name, type=type_, role=roles.get(name, ""), null_share=derived.null_shares.get(name))
        for name, type_ in derived.columns.items()
    ]
    order = ("key", "time", "group", "weight", "label", "feature", "")
    return tuple(sorted(columns, key=lambda column: order.index(column.role)))


def _split(project: Project, recorded: Recorded) -> SplitView | None:
    derived = recorded.derive
    if derived is None:
        return None
    classes = _class_shares(recorded)
    parts = []
    for part, rows in derived.parts.items():
        first, last = derived.times.get(part, ("", ""))
        if rows:
            parts.append(
                SplitPart(
                    part=part, rows=rows, label_mean=derived.labels.get(part), class_shares=classes.get(part, ()),
                    first_time=first, last_time=last,
                )
            )  # fmt: skip
    return SplitView(rule=_rule(project), parts=tuple(parts))


def _rule(project: Project) -> str:
    settings = project.split.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    kind = name_of(project.split).replace("_", " ").capitalize()
    return f"{kind}: {told}." if told else f"{kind}."


def _class_shares(recorded: Recorded) -> dict[str, tuple[tuple[str, float], ...]]:
    """Class and its share by part, for multiclass: what training saw, and what the test rows held."""
    trained, judged = recorded.train, recorded.judged
    if trained is None or trained.target.sort != "multiclass":
        return {}
    found = {"train": tuple(zip(trained.target.classes, trained.target.priors, strict=True))}
    tested = judged.curves.get("per_class", ()) if judged is not None else ()
    rows = sum(each["rows"] for each in tested)
    return {**found, "test": tuple((each["class"], each["rows"] / rows) for each in tested)} if rows else found


def _leaderboard(trained: TrainResult) -> Leaderboard:
    return Leaderboard(
        metric=trained.metric,
        greater_is_better=trained.greater_is_better,
        folds=trained.folds_told,
        stopped_because=stopped_because(trained),
        trials=trials(trained),
    )


def _importances(trained: TrainResult) -> Importances | None:
    if not trained.importances:
        return None
    return Importances(
        meaning=IMPORTANCES.get(trained.family, "mean decrease of impurity, as share of the sum"),
        columns=trained.importances_by_column,
        slots=trained.importances if trained.importances != trained.importances_by_column else (),
    )
