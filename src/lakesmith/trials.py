"""Trials: what one try of one family came to, and the ledger that keeps them over restarts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.search import Space

Status = Literal["finished", "failed", "timed_out", "nan", "terminated"]


class Candidate(Protocol):
    """What tuning needs of a family."""

    @property
    def kind(self) -> str:
        """Its name."""

    def space(self) -> dict[str, Space]:
        """Parameter → the values it may take; {} when nothing is searched."""

    def params(self) -> dict[str, Any]:
        """Parameter → configured value."""

    def with_params(self, params: Mapping[str, Any]) -> Self:
        """A copy with some parameters changed; raises for a value the parameter cannot have."""


class TrialRecord(BaseModel):
    """One row of the ledger: one trial that has ended. `metric` is the mean over folds, None unless it finished.

    `intervals` is what was reported within folds: fold → metrics, one an epoch or a step of a boosted model. A trial
    that a policy ended early is `terminated`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    key: str = Field("", description="Digest of what the trial depends on: settings, data, folds, code.")
    number: int = Field(ge=0, description="Counted from 0 within the key.")
    candidate: int = Field(ge=0, description="Position of the family in the project.")
    family: str = Field(description="Kind of the family.")
    params: dict[str, Any] = Field(default_factory=dict, description="The searched parameters and their values.")
    status: Status = "finished"
    metric: float | None = None
    fold_metrics: tuple[float, ...] = ()
    intervals: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    seconds: float = 0.0
    reason: str = Field("", description="Why it failed or was stopped.")
    started_at: str = Field("", description="ISO 8601, UTC.")

    @property
    def is_finished(self) -> bool:
        """Whether it has a metric that may win."""
        return self.status == "finished" and self.metric is not None and math.isfinite(self.metric)


class Ledger(Protocol):
    """Where trials are kept. A number may come twice: a failed trial is tried once more by a later run."""

    def load(self) -> list[TrialRecord]:
        """All records so far, in any order."""

    def append(self, record: TrialRecord) -> None:
        """Keeps one record, whole or not at all."""


class MemoryLedger:
    """A ledger that lasts as long as the process."""

    def __init__(self, records: Iterable[TrialRecord] = ()) -> None:
        self.records = list(records)

    def load(self) -> list[TrialRecord]:
        """All records so far."""
        return list(self.records)

    def append(self, record: TrialRecord) -> None:
        """Keeps one record."""
        self.records.append(record)


def by_number(records: Iterable[TrialRecord], key: str) -> dict[int, TrialRecord]:
    """Number → the record of that number under the key: the one that finished, else the latest."""
    found: dict[int, TrialRecord] = {}
    for record in records:
        if record.key != key:
            continue
        known = found.get(record.number)
        if known is None or (record.is_finished, record.started_at) >= (known.is_finished, known.started_at):
            found[record.number] = record
    return dict(sorted(found.items()))


def best_of(records: Iterable[TrialRecord], *, greater_is_better: bool) -> TrialRecord | None:
    """The finished record with the best metric, the earliest of equal ones; None when none has finished."""
    sign = -1.0 if greater_is_better else 1.0
    finished = [each for each in records if each.is_finished]
    return min(finished, key=lambda each: (sign * (each.metric or 0.0), each.number), default=None)


def identity(candidate: int, params: Mapping[str, Any]) -> str:
    """What makes two trials the same trial: the family's position and the values, 3 and 3.0 being one."""
    plain = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in params.items()
    }
    return json.dumps([candidate, plain], sort_keys=True, default=str)
