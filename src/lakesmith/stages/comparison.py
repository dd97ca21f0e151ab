"""Challenger, baseline and champion as plain facts: metrics, gate verdicts, trials, registered versions."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lakesmith.facts import GateVerdict, Interval, MetricRow, ModelVersion, Trial, TrialStatus
from lakesmith.metrics import title_of
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.stages.train import TrainResult
from lakesmith.tracking import Alias, Tracking, Version
from lakesmith.trials import Status, TrialRecord

ALIASES: tuple[Alias, ...] = ("challenger", "champion")
TEST_PREFIX = "test_"  # of a run's metrics that were measured on its version's test rows
STATUS: Mapping[Status, TrialStatus] = {
    "finished": "finished",
    "failed": "failed",
    "timed_out": "timed_out",
    "nan": "failed",
    "terminated": "terminated",
}

STOPPED = {
    "max_trials": "max_trials were run",
    "timeout": "timeout_minutes had passed",
    "exit_score": "exit_score was reached",
    "exhausted": "nothing was left to try",
}


def metric_rows(evaluated: EvaluateResult, headline: str) -> tuple[MetricRow, ...]:
    """Every metric of all models, the headline first."""
    names = sorted(evaluated.challenger, key=lambda name: name != headline)
    return tuple(_metric_row(evaluated, name) for name in names)


def _metric_row(evaluated: EvaluateResult, name: str) -> MetricRow:
    ours, theirs = evaluated.challenger_shared or {}, evaluated.champion_shared or {}
    return MetricRow(
        metric=name,
        title=title_of(name),
        greater_is_better=evaluated.greater_is_better.get(name, True),
        challenger=evaluated.challenger[name],
        interval=_known(evaluated.intervals, name),
        baseline=evaluated.baseline.get(name),
        bin_error=evaluated.bin_errors.get(name),
        challenger_shared=ours.get(name),
        champion_shared=theirs.get(name),
        challenger_shared_interval=_known(evaluated.challenger_shared_intervals, name),
        champion_shared_interval=_known(evaluated.champion_shared_intervals, name),
        difference=_known(evaluated.difference, name),
    )


def _known(intervals: Mapping[str, Interval], name: str) -> Interval | None:
    """The interval, None where too few rows were there to draw one."""
    bounds = intervals.get(name)
    return bounds if bounds is not None and not any(math.isnan(bound) for bound in bounds) else None


def gate_verdicts(evaluated: EvaluateResult) -> tuple[GateVerdict, ...]:
    """The verdicts in the order the gates are declared."""
    return tuple(GateVerdict(gate=each.gate, passed=each.passed, reason=each.reason) for each in evaluated.verdicts)


def stopped_because(trained: TrainResult) -> str:
    """The limit that ended the search, as it follows on 'because'."""
    return STOPPED.get(trained.stopped, trained.stopped)


def trials(trained: TrainResult) -> tuple[Trial, ...]:
    """The trials in the order they started, counted from 1."""
    ordered = sorted(trained.trials, key=lambda record: record.number)
    return tuple(_trial(record, trained) for record in ordered)


def _trial(record: TrialRecord, trained: TrainResult) -> Trial:
    """A trial with the parameters it was searched by; the chosen one with all of its family's."""
    is_chosen = record.number == trained.chosen
    params = {**record.params, **trained.params} if is_chosen else record.params
    return Trial(
        number=record.number + 1,
        family=record.family,
        params=parameters(params),
        value=record.metric if record.is_finished else None,
        fold_values=record.fold_metrics if record.is_finished else (),
        intervals=record.intervals if is_chosen else {},
        seconds=record.seconds,
        status=STATUS[record.status],
        reason=record.reason,
        is_chosen=is_chosen,
    )


def parameters(params: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Parameter and value, ready to print; those without a value are left out."""
    return tuple((name, _in_words(value)) for name, value in params.items() if value is not None)


def _in_words(value: object) -> str:
    """`0.3068`, `128 64`, `one_cycle (rising_share 0.3)`."""
    if isinstance(value, Mapping):
        given = {name: each for name, each in value.items() if each is not None}
        told = ", ".join(f"{name} {_in_words(each)}" for name, each in given.items() if name != "kind")
        kind = str(given.get("kind", ""))
        return f"{kind} ({told})" if kind and told else kind or told
    if isinstance(value, list | tuple):
        between = ", " if any(isinstance(each, Mapping) for each in value) else " "
        return between.join(_in_words(each) for each in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def aliased(tracking: Tracking) -> dict[Alias, Version]:
    """Alias → the version it points to now; aliases that point nowhere are left out."""
    found = {alias: tracking.at(alias) for alias in ALIASES}
    return {alias: version for alias, version in found.items() if version is not None}


def model_version(tracking: Tracking, number: int, aliases: Mapping[Alias, Version]) -> ModelVersion:
    """A version with the aliases that point to it."""
    pointing = tuple(alias for alias, version in aliases.items() if version.number == number)
    return ModelVersion(name=tracking.model, version=str(number), aliases=pointing)


def measured_version(tracking: Tracking, version: Version, aliases: Mapping[Alias, Version]) -> ModelVersion:
    """A version with its aliases and what was measured on its own test rows."""
    known = sorted(tracking.metrics(version.run_id).items())
    tested = tuple((name.removeprefix(TEST_PREFIX), value) for name, value in known if name.startswith(TEST_PREFIX))
    return model_version(tracking, version.number, aliases).model_copy(update={"metrics": tested})
