"""Fits whose tasks must all run at once (Spark's barrier mode), on a cluster that may lose some of its slots.

Left alone, such a fit fails with the first executor that is lost while it runs; one that asks for more slots than there
are waits ten minutes for them, and for ever where they were lost after Spark had counted them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from lakesmith import session
from lakesmith.errors import EnvironmentFault
from lakesmith.wording import count

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

M = TypeVar("M")
ATTEMPTS = 5
LOOK_SECONDS = 1.0  # how often the slots are counted while a fit runs
PATIENCE_SECONDS = 60.0  # how long the cluster may take to bring slots that are missing


def fitted_at_once(spark: SparkSession, parallelism: int, tasks: Callable[[int], int], fit: Callable[[int], M]) -> M:
    """What `fit(slots)` gives, with as many of `parallelism` slots as there are; `tasks(slots)` of them at once.

    When the cluster loses slots under way, the fit is stopped and begun anew on those that are left. Raises
    EnvironmentFault when there are fewer slots than tasks, and when slots are lost again and again.
    """
    for _ in range(ATTEMPTS):
        there = _enough(spark, parallelism, tasks)
        if there is None:
            return fit(parallelism)
        watch = _Watch(spark, there)
        try:
            with watch:
                return fit(min(parallelism, there))
        except Exception:
            if not watch.has_lost():
                raise
    raise EnvironmentFault(
        f"the cluster lost executors during each of {ATTEMPTS} attempts at a fit that needs all its tasks at once",
        fix="See why in the executors' logs (memory, preemption), or lower `workers` (of a network: `processes`).",
    )


def _enough(spark: SparkSession, parallelism: int, tasks: Callable[[int], int]) -> int | None:
    """The slots there are, once they are enough; None where they cannot be lost (local mode)."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (there := session.slots(spark)) is not None:
        needed = tasks(max(1, min(parallelism, there)))
        if there >= needed:
            return there
        if time.monotonic() > deadline:
            raise EnvironmentFault(
                f"the fit needs {count(needed)} tasks at once, and the cluster has {count(there)} slots",
                fix="Bring executors back, or leave out `workers` (of a network: lower `processes`).",
            )
        time.sleep(LOOK_SECONDS)
    return None


class _Watch:
    """Stops this thread's Spark jobs once there are fewer slots than at the start."""

    def __init__(self, spark: SparkSession, slots: int) -> None:
        self._spark, self._slots = spark, slots
        self._is_over = threading.Event()
        self._lost = False

    def has_lost(self) -> bool:
        """Whether slots were lost: also where the fit failed of it before the watch had looked."""
        return self._lost or self._is_short()

    def __enter__(self) -> Self:
        self._jobs = session.cancellable(self._spark, f"lakesmith fit {id(self)}")
        self._cancel = self._jobs.__enter__().cancel
        self._thread = threading.Thread(target=self._look, name="slots", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._jobs.__exit__(kind, error, trace)

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if self._lost or self._is_short():
                self._lost = True
                self._cancel()  # and again: the stage that failed may be about to begin anew

    def _is_short(self) -> bool:
        return (session.slots(self._spark) or 0) < self._slots
