"""Tuning: an ask/tell loop over trials, with every limit in it.

hyperopt's own `fmin` runs one trial at a time and saves its state in a file that a kill can tear; here threads run the
trials, and each ended one is a row of a ledger before the next is proposed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from statistics import fmean
from typing import Any, Generic, Literal, Protocol, TypeVar

from lakesmith.errors import ConfigError, TrainingError
from lakesmith.piece import name_of
from lakesmith.proposals import Proposal, Proposer, configured
from lakesmith.trial_reports import Comparison, Report, series_of
from lakesmith.trial_runs import Cancellable, Outcome, TrialRun, without_spark
from lakesmith.trials import Candidate, Ledger, TrialRecord, best_of, by_number
from lakesmith.tuning_settings import Tuning
from lakesmith.wording import decimal

Stopped = Literal["max_trials", "timeout", "exit_score", "exhausted"]
F = TypeVar("F", bound=Candidate)
Objective = Callable[[F, int, Report], Sequence[float]]
LOOK_SECONDS = 0.1  # how often limits are looked at, and a trial that is to stop is told again
PATIENCE_SECONDS = 60.0  # after it a trial that does not stop is left behind


class TrialProgress(Protocol):
    """Who is told of trials while they run; called from the thread that called `tune`."""

    def trial_started(self, number: int, family: str, params: dict[str, Any]) -> None:
        """A trial begins."""

    def trial_ended(self, record: TrialRecord, best: TrialRecord | None) -> None:
        """A trial has ended; `best` is the best one so far, this one included."""


class Silent:
    """Tells nobody."""

    def trial_started(self, number: int, family: str, params: dict[str, Any]) -> None:
        """Nothing."""

    def trial_ended(self, record: TrialRecord, best: TrialRecord | None) -> None:
        """Nothing."""


@dataclass(frozen=True)
class TuningResult(Generic[F]):
    """The best trial, its family ready to be fitted on all training rows, and every trial by number."""

    family: F
    best: TrialRecord
    records: tuple[TrialRecord, ...]
    stopped: Stopped
    greater_is_better: bool
    notes: tuple[str, ...] = field(default=())


def tune(
    candidates: Sequence[F],
    objective: Objective[F],
    settings: Tuning,
    ledger: Ledger,
    *,
    seed: int,
    greater_is_better: bool,
    key: str = "",
    progress: TrialProgress | None = None,
    cancellable: Cancellable = without_spark,
) -> TuningResult[F]:
    """The best of the families and parameters that were tried within the limits of `settings`.

    `objective(family, number, report)` gives the metric of each fold, and calls `report(metric)` after each of them,
    where a trial ends that was told to stop, or that `settings.early_termination` ends. `cancellable(group)` puts a
    thread's Spark jobs into a group. Trials of the ledger with the same `key` count as tried; those that failed are
    tried once more, since their cause may be gone.

    Raises TrainingError when no trial finished, with the reasons; ConfigError for no family or a space that is no
    grid; EnvironmentFault from a trial at once. Whatever is raised, running trials are stopped first.
    """
    if not candidates:
        raise ConfigError("there is no family to try", key="families", fix="Name at least one.")
    search = _Search(candidates, objective, settings, ledger, seed, greater_is_better, key)
    search.progress, search.cancellable = progress or Silent(), cancellable
    try:
        stopped = search.run()
    except BaseException:
        search.stop_all("the search was interrupted")
        raise
    return search.result(stopped)


class _Search(Generic[F]):
    def __init__(
        self,
        candidates: Sequence[F],
        objective: Objective[F],
        settings: Tuning,
        ledger: Ledger,
        seed: int,
        greater_is_better: bool,
        key: str,
    ) -> None:
        self.candidates, self.objective, self.settings, self.ledger = candidates, objective, settings, ledger
        self.greater_is_better, self.key = greater_is_better, key
        self.progress: TrialProgress = Silent()
        self.cancellable: Cancellable = without_spark
        self.configured = configured(candidates)
        self.proposer = Proposer(candidates, settings, seed, greater_is_better=greater_is_better)
        self.records = by_number(ledger.load(), key)
        self.comparison = Comparison(
            settings.early_termination, self.records.values(), greater_is_better=greater_is_better
        )
        self.again = {each.number: Proposal(each.candidate, each.params) for each in self._failed()}
        self.proposed: dict[int, Proposal] = {}
        self.running: dict[int, TrialRun] = {}
        self.ended: SimpleQueue[TrialRun] = SimpleQueue()
        self.started = time.monotonic()
        self.dry_at: int | None = None

    def run(self) -> Stopped:
        """Runs trials until a limit is reached; says which."""
        while True:
            stopped = self._reached() or self._start_trials()
            if stopped and not self.running:
                return stopped
            if stopped == "exit_score":
                self.stop_all("a trial reached exit_score")
                return stopped
            self._stop_overdue()
            try:
                run = self.ended.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            if self.running.get(run.number) is run and run.outcome is not None:
                self._take(run, run.outcome)

    def _start_trials(self) -> Stopped | None:
        """Fills the free places; the reason if there is nothing left to start."""
        while len(self.running) < self.settings.max_concurrent_trials:
            number = next(iter(self.again), None)
            if number is None:
                number = self._free_number()
                if number >= self.settings.max_trials:
                    return "max_trials"
            proposal = self._proposal(number)
            if proposal is None:
                return "exhausted"
            self._start(number, proposal)
        return None

    def _proposal(self, number: int) -> Proposal | None:
        if number in self.again:
            return self.again.pop(number)
        if number < len(self.configured):
            return self.configured[number]
        if self.dry_at == len(self.records):
            return None  # nothing has ended since the last time there was nothing new
        under_way = {each: self.proposed[each] for each in self.running}
        proposal = self.proposer.next(number, list(self.records.values()), under_way)
        if proposal is None:
            self.dry_at = len(self.records)
        return proposal

    def _free_number(self) -> int:
        taken = self.records.keys() | self.running.keys()
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def _start(self, number: int, proposal: Proposal) -> None:
        candidate = self.candidates[proposal.candidate]
        self.proposed[number] = proposal
        self.progress.trial_started(number, candidate.kind, proposal.params)
        self.comparison.started(number, proposal.candidate)
        self.running[number] = TrialRun(
            number,
            partial(self._measure, candidate, proposal, number),
            self.cancellable,
            self.ended,
            partial(self.comparison.heard, number),
        )

    def _measure(self, candidate: F, proposal: Proposal, number: int, report: Report) -> Sequence[float]:
        return self.objective(candidate.with_params(proposal.params), number, report)

    def _take(self, run: TrialRun, outcome: Outcome) -> None:
        del self.running[run.number]
        if outcome.fault is not None:
            raise outcome.fault
        proposal = self.proposed.pop(run.number)
        record = TrialRecord(
            key=self.key,
            number=run.number,
            candidate=proposal.candidate,
            family=self.candidates[proposal.candidate].kind,
            params=proposal.params,
            status=outcome.status,
            metric=fmean(outcome.fold_metrics) if outcome.status == "finished" else None,
            fold_metrics=outcome.fold_metrics,
            intervals=outcome.intervals,
            seconds=round(outcome.seconds, 3),
            reason=outcome.reason,
            started_at=run.started_at,
        )
        self.ledger.append(record)
        self.records[run.number] = record
        self.comparison.ended(record)
        self.progress.trial_ended(record, self._best())

    def _reached(self) -> Stopped | None:
        """A limit that ends the search whatever is left to try."""
        best, exit_score = self._best(), self.settings.exit_score
        if best is not None and best.metric is not None and exit_score is not None:
            is_good = best.metric >= exit_score if self.greater_is_better else best.metric <= exit_score
            if is_good:
                return "exit_score"
        return "timeout" if self._is_over_time() else None

    def _is_over_time(self) -> bool:
        limit = self.settings.timeout_minutes
        return limit is not None and time.monotonic() - self.started >= limit * 60

    def _stop_overdue(self) -> None:
        limit = self.settings.trial_timeout_minutes
        is_over = self._is_over_time() and self._best() is not None
        for run in list(self.running.values()):
            if limit is not None and run.seconds >= limit * 60:
                run.stop(f"it took longer than trial_timeout_minutes ({limit:g})")
            elif is_over:
                run.stop(f"the search took longer than timeout_minutes ({self.settings.timeout_minutes:g})")
            if run.stopped_at is not None and time.monotonic() - run.stopped_at > PATIENCE_SECONDS:
                self._take(run, run.left_behind())

    def stop_all(self, reason: str) -> None:
        """Stops every running trial and waits for it, unrecorded: a later run proposes it again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.running and time.monotonic() < deadline:
            for run in self.running.values():
                run.stop(reason)
            try:
                self.running.pop(self.ended.get(timeout=LOOK_SECONDS).number, None)
            except Empty:
                continue

    def result(self, stopped: Stopped) -> TuningResult[F]:
        """The best trial. Raises TrainingError when there is none."""
        best = self._best()
        records = tuple(self.records[number] for number in sorted(self.records))
        if best is None:
            told = "; ".join(f"trial {each.number} ({each.family}): {each.reason}" for each in records[:5])
            more = f"; and {len(records) - 5} more" if len(records) > 5 else ""
            raise TrainingError(
                f"none of {len(records)} trials gave a model: {told or 'none was started'}{more}",
                key="tune",
                fix="Mend the cause; the next run tries the failed ones again.",
            )
        family = self.candidates[best.candidate].with_params(best.params)
        return TuningResult(family, best, records, stopped, self.greater_is_better, self._notes(records, stopped))

    def _notes(self, records: Sequence[TrialRecord], stopped: Stopped) -> tuple[str, ...]:
        notes = []
        untried = [each.kind for i, each in enumerate(self.candidates) if i not in {r.candidate for r in records}]
        if untried:
            notes.append(f"not tried before the search stopped ({stopped}): {', '.join(untried)}")
        points = self.proposer.grid_size
        if points is not None and stopped != "exhausted" and points > len(records):
            notes.append(f"the grid has {points:,} points; {len(records)} trials were run")
        notes += self._told_of_policy(records)
        lost = [each for each in records if not each.is_finished and each.status != "terminated"]
        if lost:
            notes.append(f"{len(lost)} of {len(records)} trials gave no metric; the first: {lost[0].reason}")
        if stopped == "exit_score":
            notes.append(f"the search ended at exit_score ({decimal(self.settings.exit_score)})")
        return tuple(notes)

    def _told_of_policy(self, records: Sequence[TrialRecord]) -> list[str]:
        policy = self.settings.early_termination
        if policy is None:
            return []
        if ended := sum(each.status == "terminated" for each in records):
            return [f"early_termination ({name_of(policy)}) ended {ended} of {len(records)} trials"]
        most = max((len(each) for record in records for each in series_of(record).values()), default=0)
        if any(policy.is_applied(interval) for interval in range(most + 1)):
            return []
        return [f"early_termination ({name_of(policy)}) was never applied: no trial had more than {most} intervals"]

    def _best(self) -> TrialRecord | None:
        return best_of(self.records.values(), greater_is_better=self.greater_is_better)

    def _failed(self) -> list[TrialRecord]:
        return [each for each in self.records.values() if each.status == "failed"]
