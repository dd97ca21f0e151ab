"""What trials report while they run, and the comparison that may end one early."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from threading import Lock
from typing import Protocol

from lakesmith.early_termination import EarlyTermination, Reports
from lakesmith.piece import name_of
from lakesmith.trials import TrialRecord

FOLDS = "folds"  # the series of a trial that reports nothing within its folds


class Report(Protocol):
    """Whom a trial tells of its metrics. Either call raises TrialStopped where the trial is to end.

    `is_last` says that the trial's work is done: no policy ends it there, since nothing is left to save.
    """

    def __call__(self, metric: float, *, is_last: bool = False) -> None:
        """The metric of a whole fold."""

    def interval(self, series: str, metric: float, *, is_last: bool = False) -> None:
        """A metric on the way, such as that after an epoch; `series` is the fold's name."""


class Unheard:
    """Tells nobody, and lets every trial go on."""

    def __call__(self, metric: float, *, is_last: bool = False) -> None:
        """Nothing."""

    def interval(self, series: str, metric: float, *, is_last: bool = False) -> None:
        """Nothing."""


@dataclass
class _Trial:
    candidate: int
    series: dict[str, list[float]] = field(default_factory=dict)
    is_over: bool = False


class Comparison:
    """The reports of all trials of one search. Used by the threads of several trials at once.

    Interval n of a series is compared with the n-th report of the same series of other trials of the same candidate:
    the third epoch of a network and the third fold of a linear model are nothing alike. Trials of `records`, from
    before a restart, are compared with as if they had just run; failed ones are not, whose numbers may be wrong.
    """

    def __init__(
        self, policy: EarlyTermination | None, records: Iterable[TrialRecord], *, greater_is_better: bool
    ) -> None:
        self._policy, self._greater_is_better = policy, greater_is_better
        self._trials: dict[int, _Trial] = {}
        self._lock = Lock()
        for each in records:
            self.ended(each)

    def started(self, number: int, candidate: int) -> None:
        """A trial begins, for the first time or again."""
        with self._lock:
            self._trials[number] = _Trial(candidate)

    def heard(self, number: int, series: str, metric: float) -> str | None:
        """Takes a report of a trial that runs; why the trial is to end, None when it goes on."""
        with self._lock:
            trial = self._trials[number]
            own = trial.series.setdefault(series, [])
            own.append(metric)
            if self._policy is None or not self._policy.is_applied(len(own)):
                return None
            others = [
                Reports(each.series[series], each.is_over)
                for other, each in self._trials.items()
                if other != number and each.candidate == trial.candidate and series in each.series
            ]
            reason = self._policy.reason(own, others, greater_is_better=self._greater_is_better)
        where = f"fold {len(own)}" if series == FOLDS else f"interval {len(own)} of {series}"
        return f"{name_of(self._policy)}, at {where}: {reason}" if reason is not None else None

    def ended(self, record: TrialRecord) -> None:
        """A trial is over, and these are its reports."""
        with self._lock:
            self._trials.pop(record.number, None)
            if record.status != "failed":
                series = {name: list(metrics) for name, metrics in series_of(record).items()}
                self._trials[record.number] = _Trial(record.candidate, series, is_over=True)


def series_of(record: TrialRecord) -> dict[str, tuple[float, ...]]:
    """What a trial was compared by: its reports by fold, else the running means of its folds' metrics."""
    return dict(record.intervals) or {FOLDS: running_means(record.fold_metrics)}


def last_reported(record: TrialRecord) -> float | None:
    """The last metric that a trial was compared by."""
    series: Mapping[str, Sequence[float]] = series_of(record)
    return next((metrics[-1] for metrics in reversed(list(series.values())) if metrics), None)


def running_means(metrics: Sequence[float]) -> tuple[float, ...]:
    """The mean of the first metric, of the first two, and so on; NaN from the first that is not a finite number."""
    return tuple(_mean(metrics[: count + 1]) for count in range(len(metrics)))


def _mean(metrics: Sequence[float]) -> float:
    return fmean(metrics) if all(math.isfinite(each) for each in metrics) else math.nan
