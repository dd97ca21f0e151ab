"""Petastorm's pools of workers, mended: its thread pool loses row groups, its processes cannot start.

A pool decides that an epoch is over when every row group it was handed is done and no more will come. Petastorm asks in
that order, and drops the row groups that are handed out between the two questions: with 41 tiny row groups, up to half
of all epochs lacked some. Asked the other way round, none is lost.
"""

from __future__ import annotations

import importlib
import io
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

# Workers that import pyarrow and pandas on a busy machine need more than petastorm's 20 s.
START_SECONDS = 180
# The search path goes along: a child that was started by name would find neither lakesmith nor what a notebook added.
_CHILD = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from lakesmith.deep import petastorm_pools; petastorm_pools.run_child()"
)


def mend() -> None:
    """Replaces what is broken in petastorm's pools, once."""
    threads = importlib.import_module("petastorm.workers_pool.thread_pool")
    processes = importlib.import_module("petastorm.workers_pool.process_pool")
    # A worker's error is raised in the caller; it need not be written to standard error as well.
    threads.__dict__["sys"] = types.SimpleNamespace(stderr=io.StringIO())
    processes.__dict__["exec_in_new_process"] = start_child
    processes.__dict__["_KEEP_TRYING_WHILE_ZMQ_AGAIN_IS_RAIZED_TIMEOUT_S"] = START_SECONDS
    if not hasattr(threads.ThreadPool, "lakesmith_mended"):
        threads.ThreadPool.lakesmith_mended = True
        threads.ThreadPool.current_worker_done = _done_in_order(threads.ThreadPool.current_worker_done)
        processes.ProcessPool.start = _start_with_ordered(processes.ProcessPool.start)


def _done_in_order(done: Callable[[Any, int], bool]) -> Callable[[Any, int], bool]:
    """`current_worker_done`, false as long as row groups may still be handed out."""

    def current_worker_done(self: Any, worker_id: int) -> bool:
        ventilator = self._ventilator
        return (ventilator is None or ventilator.completed()) and done(self, worker_id)

    return current_worker_done


class _Ordered:
    """A ventilator whose `completed` is asked last but answers as if asked first."""

    def __init__(self, ventilator: Any, pool: Any) -> None:
        self._ventilator, self._pool = ventilator, pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ventilator, name)

    def completed(self) -> bool:
        """All handed out, and after that seen to be done: what was handed out since the first look is counted."""
        return bool(
            self._ventilator.completed() and self._pool._ventilated_items == self._pool._ventilated_items_processed
        )


def _start_with_ordered(start: Callable[..., None]) -> Callable[..., None]:
    def started(self: Any, worker_class: type, worker_setup_args: Any = None, ventilator: Any = None) -> None:
        start(self, worker_class, worker_setup_args, ventilator and _Ordered(ventilator, self))

    return started


def start_child(function: Callable[..., None], *args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
    """A process that imports petastorm through the compatibility layer and calls the function there."""
    child = subprocess.Popen([sys.executable, "-c", _CHILD], stdin=subprocess.PIPE)
    assert child.stdin is not None
    with child.stdin as pipe:
        pickle.dump([each for each in sys.path if each], pipe)
        pickle.dump((function, args, kwargs), pipe)
    return child


def run_child() -> None:
    """What a child does: petastorm first, then the call, both read from standard input."""
    from lakesmith.deep import petastorm_compat

    petastorm_compat.load()
    function, args, kwargs = pickle.load(sys.stdin.buffer)
    function(*args, **kwargs)
