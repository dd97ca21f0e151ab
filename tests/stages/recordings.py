"""Recorded results of small runs, made without Spark: what stages would have left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from lakesmith.evaluation import bin_errors, compared, evaluation_table_of
from lakesmith.facts import QuarantineRule, SourceRows, StepRows
from lakesmith.places import Places
from lakesmith.project import Project
from lakesmith.stages.clean import CleanedSource, CleanResult, Warned
from lakesmith.stages.derive import DeriveResult, StepFacts
from lakesmith.stages.evaluate import EvaluateResult, Judged
from lakesmith.stages.ingest import FileFacts, IngestResult, SourceResult
from lakesmith.stages.promote import PromoteResult
from lakesmith.stages.score import ScoreResult
from lakesmith.stages.stage import Result
from lakesmith.stages.train import TrainResult
from lakesmith.tasks import Target
from lakesmith.tracking import Version
from lakesmith.trials import TrialRecord

TASKS: dict[str, dict[str, Any]] = {
    "binary": {"kind": "binary", "label": "is_late", "positive": True},
    "multiclass": {"kind": "multiclass", "label": "cultivar"},
    "regression": {"kind": "regression", "label": "rentals"},
}
TARGETS = {
    "binary": Target(sort="binary", label="is_late", rows=70, classes=("false", "true"), counts=(50, 20)),
    "multiclass": Target(sort="multiclass", label="cultivar", rows=70, classes=("a", "b", "c"), counts=(30, 25, 15)),
    "regression": Target(sort="regression", label="rentals", rows=70, mean=10.0, stddev=3.0),
}


def project(sort: str = "binary", **changes: object) -> Project:
    given = {
        "name": "flights",
        "description": "Which flights are late?",
        "sources": {
            "flights": {"kind": "csv", "path": "flights.csv", "columns": {"flight_key": "string", "hour": "int"}}
        },
        "key": ["flight_key"],
        "task": TASKS[sort],
        "split": {"kind": "hash", "seed": 5},
        "features": [{"kind": "keep", "columns": ["hour"]}],
        "families": [{"kind": "xgboost"}],
        "seed": 7,
        **changes,
    }
    return Project.model_validate(given)


def results(sort: str = "binary", *, version: int = 3, with_champion: bool = True) -> dict[str, Result]:
    """What every stage recorded in a run that promoted `version` and scored with it."""
    return {
        "ingest": ingested(),
        "clean": cleaned(),
        "derive": derived(sort),
        "train": trained(sort, version=version),
        "evaluate": evaluated(sort, version=version, with_champion=with_champion),
        "promote": PromoteResult(champion=version, replaced=version - 1),
        "score": ScoreResult(version=version, inserted=97, updated=0, rows=180, table_version=2),
    }


def ingested() -> IngestResult:
    counts = SourceRows(source="flights", read=100, accepted=98, quarantined=2)
    return IngestResult(
        sources=(
            SourceResult(
                source="flights",
                version=1,
                settings="s",
                files=(FileFacts(path="file:///data/raw/flights.csv", size=1234, sha256="ab12"),),
                columns={"flight_key": "string"},
                inferred=True,
                rows=counts,
                new=counts,
            ),
        ),
        quarantine=(
            QuarantineRule(
                source="flights", rule="type: 'hour' is not int", rows=2, example="<b>x</b>,9",
                position="/data/raw/flights.csv line 7",
            ),
        ),
    )  # fmt: skip


def cleaned() -> CleanResult:
    return CleanResult(
        sources=(
            CleanedSource(
                source="flights",
                version=1,
                bronze_rows=98,
                rows=97,
                columns={"flight_key": "string"},
                steps=(StepRows(source="flights", step="1 drop_duplicates", kept=97, dropped=1),),
                warnings=(Warned(step="2 expect", rule="hour < 24", rows=4),),
            ),
        ),
    )


def derived(sort: str = "binary") -> DeriveResult:
    label = TASKS[sort]["label"]
    return DeriveResult(
        version=4,
        rows=97,
        labelled=90,
        parts={"train": 70, "validation": 0, "test": 20, "unlabelled": 7},
        columns={"hour": "int", label: "boolean", "flight_key": "string", "tailnum": "string"},
        casts={"distance": "decimal(10,2) → double"},
        steps=(
            StepFacts(
                position=1,
                kind="join",
                facts={"with": "planes", "rows": 97, "unmatched": 15, "unmatched_share": 15 / 97},
            ),
        ),
        frozen={},
        labels={"train": 0.2857, "test": 0.25} if sort != "multiclass" else {},
        times={"train": ("2013-01-01 05:00", "2013-09-30 23:59")},
        null_shares={"hour": 0.125},
    )


def trained(sort: str = "binary", *, version: int = 3) -> TrainResult:
    return TrainResult(
        version=version,
        run_id=f"run{version}",
        family="xgboost",
        params={"max_depth": 6, "workers": None},
        metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[sort],
        greater_is_better=sort == "binary",
        value=0.71,
        rows=70,
        folds_told="3 hashed folds",
        stopped="max_trials",
        trials=(
            TrialRecord(
                number=0, candidate=0, family="xgboost", params={"eta": 0.123456}, metric=0.7, fold_metrics=(0.69, 0.71)
            ),
            TrialRecord(number=1, candidate=0, family="xgboost", status="nan", reason="the metric is NaN"),
            TrialRecord(number=2, candidate=0, family="xgboost", metric=0.71, fold_metrics=(0.7, 0.72)),
        ),
        chosen=2,
        target=TARGETS[sort],
        threshold=0.3 if sort == "binary" else None,
        inputs=("hour",),
        importances=(("hour", 0.8), ("origin=JFK", 0.2)),
        importances_by_column=(("hour", 0.8), ("origin", 0.2)),
        notes=("features[1]: one_hot keeps 64 of 104 categories", "not tried before the search stopped: linear"),
        trials_version=6,
    )


def evaluated(
    sort: str = "binary", *, version: int = 3, with_champion: bool = True, passed: bool = True
) -> EvaluateResult:
    task, target = project(sort).task, TARGETS[sort]
    label, predictions, probabilities = _answers(sort)
    names = ["challenger", "champion"] if with_champion else ["challenger"]
    table = evaluation_table_of(
        task,
        label,
        {name: predictions[name] for name in names},
        {name: probabilities[name] for name in names} if probabilities else None,
        target=target,
    )
    against = compared(table, "challenger", "champion" if with_champion else None, replicates=50)
    return EvaluateResult(
        version=version,
        champion=version - 1 if with_champion else None,
        test_rows=len(label),
        shared_rows=against.shared_rows,
        baseline_told=task.baseline(target).told,
        challenger=dict(against.challenger),
        baseline=dict(against.baseline),
        greater_is_better=dict(against.greater_is_better),
        challenger_shared=dict(against.challenger_shared) if against.challenger_shared is not None else None,
        champion_shared=dict(against.champion_shared) if against.champion_shared is not None else None,
        intervals=dict(against.intervals or {}),
        difference=dict(against.difference or {}),
        bin_errors=bin_errors(table, "challenger"),
        curves=task.curves(table, "challenger"),
        champion_curves=task.curves(table, "champion", shared=True) if with_champion else {},
        verdicts=(Judged(gate="threshold", passed=passed, reason="roc_auc is 0.9; asked: at least 0.7"),),
        notes=() if with_champion else ("champion version 2 was not compared: it predicts another label",),
    )


def _answers(sort: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Labels of 200 rows, and both models' predictions and probabilities; the challenger is nearer to the truth."""
    noise = np.random.default_rng(1)
    if sort == "regression":
        label = noise.gamma(2.0, 5.0, 200)
        return label, {"challenger": label + noise.normal(0, 1, 200), "champion": label + noise.normal(0, 3, 200)}, {}
    classes = len(TARGETS[sort].classes)
    label = noise.integers(0, classes, 200).astype(float)
    probabilities = {}
    for name, pull in (("challenger", 1.5), ("champion", 0.7)):
        raw = noise.exponential(1.0, (200, classes)) + pull * np.eye(classes)[label.astype(int)]
        probabilities[name] = raw / raw.sum(axis=1, keepdims=True)
    return label, {name: each.argmax(axis=1).astype(float) for name, each in probabilities.items()}, probabilities


@dataclass
class FakeTracking:
    """A registry with versions 2 and 3, and what was logged to runs."""

    model: str = "flights"
    aliases: dict[str, int] = field(default_factory=lambda: {"challenger": 3, "champion": 3})
    logged: list[str] = field(default_factory=list)
    run_metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    run_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    json: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    def at(self, alias: str) -> Version | None:
        number = self.aliases.get(alias)
        return Version(number, f"run{number}") if number is not None else None

    def tags(self, run_id: str) -> dict[str, str]:
        return dict(self.run_tags.get(run_id, {}))

    def metrics(self, run_id: str) -> dict[str, float]:
        return dict(self.run_metrics.get(run_id, {}))

    def log(self, run_id: str, *, params: Any = None, metrics: Any = None, tags: Any = None) -> None:
        self.run_metrics.setdefault(run_id, {}).update(metrics or {})
        self.run_tags.setdefault(run_id, {}).update(tags or {})
        self.logged += [f"metric {each}" for each in metrics or {}]

    def log_file(self, run_id: str, path: Path, folder: str | None = None) -> None:
        self.logged.append(f"file {path.name}")

    def log_json(self, run_id: str, value: Any, name: str) -> None:
        self.json[name] = value
        self.logged.append(f"json {name}")

    def log_figure(self, run_id: str, svg: str, name: str) -> None:
        self.figures[name] = svg
        self.logged.append(f"figure {name}")


@dataclass
class FakeWorkspace:
    """A workspace whose stages have run: recorded results, a folder, a registry; no session."""

    folder: Path
    project: Project = field(default_factory=project)
    results: dict[str, Result] = field(default_factory=results)
    tracking: FakeTracking = field(default_factory=FakeTracking)
    spark: Any = field(default_factory=lambda: SimpleNamespace(version="4.1.4"))

    @property
    def places(self) -> Places:
        return Places(workspace=str(self.folder.parent), data="/data/raw")

    def previous(self, stage: str, kind: type[Result]) -> Result | None:
        """As the real one: through JSON, so that a result that JSON changes is noticed."""
        found = self.results.get(stage)
        return kind.model_validate_json(found.model_dump_json()) if found is not None else None

    def write_text(self, relative: str, text: str) -> Path:
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
