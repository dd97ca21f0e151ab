"""One trial under way: a thread of its own, its Spark jobs in a group of its own, so that it can be stopped."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Protocol

from lakesmith.errors import EnvironmentFault, LakesmithError
from lakesmith.trial_reports import FOLDS, Report, running_means
from lakesmith.trials import Status
from lakesmith.wording import printable, shortened

LONGEST_REASON = 300


class Stoppable(Protocol):
    """The Spark jobs of one thread."""

    def cancel(self) -> None:
        """Stops those running now."""


Cancellable = Callable[[str], AbstractContextManager[Stoppable]]
Heard = Callable[[str, float], str | None]  # series and metric → why the trial is to end


class TrialStopped(Exception):
    """Raised inside a trial, where it reports a metric, once it has been told to stop or a policy has ended it."""


class _Nothing:
    def cancel(self) -> None:
        """There are no jobs."""


@contextmanager
def without_spark(group: str) -> Iterator[Stoppable]:
    """For objectives that start no Spark jobs: such a trial stops where it next reports a metric."""
    yield _Nothing()


@dataclass(frozen=True)
class Outcome:
    """How a trial ended. `fault` is what must end the whole search: a full disk, a session that is gone."""

    status: Status
    fold_metrics: tuple[float, ...]
    seconds: float
    reason: str = ""
    fault: BaseException | None = None
    intervals: dict[str, tuple[float, ...]] = field(default_factory=dict)


class TrialRun:
    """One trial, started at once; puts itself into `ended` when its thread has ended.

    `objective` is given the trial itself as its `Report`, and returns the metrics of all folds. `heard` takes every
    report, and may give a reason for which the trial ends there.
    """

    def __init__(
        self,
        number: int,
        objective: Callable[[Report], Sequence[float]],
        cancellable: Cancellable,
        ended: SimpleQueue[TrialRun],
        heard: Heard = lambda _series, _metric: None,
    ) -> None:
        self.number = number
        self.started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.stop_reason = ""
        self.stopped_at: float | None = None
        self.outcome: Outcome | None = None
        self._objective = objective
        self._cancellable = cancellable
        self._ended = ended
        self._heard = heard
        self._jobs: Stoppable | None = None
        self._reported: list[float] = []
        self._intervals: dict[str, list[float]] = {}
        self._policy_reason: str | None = None
        self._started = time.monotonic()
        threading.Thread(target=self._run, name=f"trial {number}", daemon=True).start()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._started

    def stop(self, reason: str) -> None:
        """Stops the trial's running jobs. A fit starts job after job: call again until the trial has ended."""
        self.stop_reason = self.stop_reason or reason
        self.stopped_at = self.stopped_at or time.monotonic()
        if self._jobs is not None:
            try:
                self._jobs.cancel()
            except Exception:  # noqa: BLE001 (without a session there is nothing to stop; the trial ends by itself)
                return

    def left_behind(self) -> Outcome:
        """The outcome of a trial whose thread did not end when it was told to."""
        reason = f"{self.stop_reason}; its thread did not end and was left behind"
        return self._with_intervals(Outcome("timed_out", tuple(self._reported), self.seconds, reason))

    def __call__(self, metric: float, *, is_last: bool = False) -> None:
        self._reported.append(float(metric))
        self._end_if_told()
        if not self._intervals:
            self._hear(FOLDS, running_means(self._reported)[-1], is_last)

    def interval(self, series: str, metric: float, *, is_last: bool = False) -> None:
        self._intervals.setdefault(series, []).append(float(metric))
        self._end_if_told()
        self._hear(series, float(metric), is_last)

    def _end_if_told(self) -> None:
        if self.stop_reason:
            raise TrialStopped(self.stop_reason)

    def _hear(self, series: str, metric: float, is_last: bool) -> None:
        reason = self._heard(series, metric)
        if reason is not None and not is_last:
            self._policy_reason = reason
            raise TrialStopped(reason)

    def _with_intervals(self, outcome: Outcome) -> Outcome:
        return replace(outcome, intervals={name: tuple(metrics) for name, metrics in list(self._intervals.items())})

    def _run(self) -> None:
        try:
            with self._cancellable(f"lakesmith trial {self.number} {uuid.uuid4().hex[:8]}") as jobs:
                self._jobs = jobs
                metrics = tuple(float(each) for each in self._objective(self))
            self.outcome = self._with_intervals(self._measured(metrics))
        except BaseException as error:  # noqa: BLE001 (whatever it is, the search must hear that the trial has ended)
            self.outcome = self._with_intervals(self._failed(error))
        finally:
            self._jobs = None
            self._ended.put(self)

    def _measured(self, metrics: tuple[float, ...]) -> Outcome:
        if not metrics:
            return Outcome("failed", (), self.seconds, "it gave no metric")
        undefined = [position + 1 for position, metric in enumerate(metrics) if not math.isfinite(metric)]
        if undefined:
            where = ", ".join(map(str, undefined))
            return Outcome("nan", metrics, self.seconds, f"the metric is not a number on fold {where}")
        return Outcome("finished", metrics, self.seconds)

    def _failed(self, error: BaseException) -> Outcome:
        if self.stop_reason:
            return Outcome("timed_out", tuple(self._reported), self.seconds, self.stop_reason)
        if self._policy_reason is not None:
            return Outcome("terminated", tuple(self._reported), self.seconds, self._policy_reason)
        fault = error if isinstance(error, EnvironmentFault) or not isinstance(error, Exception) else None
        return Outcome("failed", tuple(self._reported), self.seconds, reason_of(error), fault)


def reason_of(error: BaseException) -> str:
    """An error in one line, without a Java stack."""
    if isinstance(error, LakesmithError):
        return shortened(printable(" ".join(str(error).split())), LONGEST_REASON)
    lines = [line.strip(": \t") for line in str(error).splitlines() if line.strip(": \t")]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        lines = lines[1:]  # py4j's own first line names an object nobody knows
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    # Spark wraps: "Exception thrown in awaitResult" says nothing, its innermost cause does.
    said = causes[-1] if causes else lines[0] if lines else "no message"
    return shortened(printable(f"{type(error).__name__}: {said}"), LONGEST_REASON)
