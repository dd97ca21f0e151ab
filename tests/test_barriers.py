"""Fits that need all their tasks at once, on a cluster whose slots come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from lakesmith import barriers, session
from lakesmith.errors import EnvironmentFault
from lakesmith.families.xgboost import Xgboost


@dataclass
class FakeCluster:
    """Slots as told, the last number for ever; a fit that waits is woken when its jobs are cancelled."""

    slots: list[int | None]
    cancelled: threading.Event = field(default_factory=threading.Event)

    def count(self, _spark: Any) -> int | None:
        return self.slots.pop(0) if len(self.slots) > 1 else self.slots[0]

    @contextmanager
    def cancellable(self, _spark: Any, _group: str) -> Iterator[FakeCluster]:
        self.cancelled.clear()
        yield self

    def cancel(self) -> None:
        self.cancelled.set()

    def fit_that_waits(self, slots: int) -> int:
        if not self.cancelled.wait(5):
            pytest.fail("it would wait for ever")
        raise RuntimeError("cancelled")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[int | None]], FakeCluster]:
    def made(slots: Sequence[int | None]) -> FakeCluster:
        fake = FakeCluster(list(slots))
        monkeypatch.setattr(session, "slots", fake.count)
        monkeypatch.setattr(session, "cancellable", fake.cancellable)
        monkeypatch.setattr(barriers, "LOOK_SECONDS", 0.01)
        monkeypatch.setattr(barriers, "PATIENCE_SECONDS", 0.2)
        return fake

    return made


def fitted(fit: Callable[[int], Any], parallelism: int = 4, workers: int | None = None) -> Any:
    family = Xgboost(workers=workers, search={})
    return barriers.fitted_at_once(None, parallelism, family.tasks_at_once, fit)  # type: ignore[arg-type]


def test_where_slots_cannot_be_lost_the_fit_runs_as_it_is(cluster: Any) -> None:
    cluster([None])
    assert fitted(lambda slots: slots) == 4


def test_a_fit_takes_the_slots_that_are_left(cluster: Any) -> None:
    cluster([1])
    assert fitted(lambda slots: slots) == 1


def test_a_fit_that_fails_of_a_lost_executor_is_begun_anew_on_those_that_are_left(cluster: Any) -> None:
    fake, seen = cluster([4]), []

    def fit(slots: int) -> str:
        seen.append(slots)
        if len(seen) == 1:
            fake.slots[0] = 3
            raise RuntimeError("Could not recover from a failed barrier ResultStage")
        return "fitted"

    assert fitted(fit) == "fitted"
    assert seen == [4, 3]


def test_a_fit_that_waits_for_lost_slots_is_stopped(cluster: Any) -> None:
    fake, seen = cluster([4]), []

    def fit(slots: int) -> str:
        seen.append(slots)
        if len(seen) == 1:
            fake.slots[0] = 2
            fake.fit_that_waits(slots)
        return "fitted"

    assert fitted(fit) == "fitted"
    assert seen == [4, 2]


def test_an_error_that_has_nothing_to_do_with_slots_is_raised_as_it_is(cluster: Any) -> None:
    cluster([4])
    with pytest.raises(ZeroDivisionError):
        fitted(lambda slots: 1 // 0)


def test_more_workers_than_slots_end_with_what_to_do_and_not_in_a_wait(cluster: Any) -> None:
    cluster([2])
    started = time.monotonic()
    with pytest.raises(EnvironmentFault, match=r"needs 3 tasks at once, and the cluster has 2 .*leave out `workers`"):
        fitted(lambda slots: slots, workers=3)
    assert time.monotonic() - started < 5


def test_missing_slots_are_waited_for(cluster: Any) -> None:
    cluster([0, 0, 3])
    assert fitted(lambda slots: slots, workers=3) == 3


def test_executors_lost_again_and_again_end_the_fit(cluster: Any) -> None:
    fake = cluster([9])

    def fit(slots: int) -> None:
        fake.slots[0] -= 1
        raise RuntimeError("lost")

    with pytest.raises(EnvironmentFault, match="during each of 5 attempts"):
        fitted(fit)
