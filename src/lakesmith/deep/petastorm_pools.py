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
import time
import types
from collections.abc import Callable
from typing import Any

from lakesmith.errors import EnvironmentFault

# Workers that import pyarrow and pandas on a busy machine need more than petastorm's 20 s.
START_SECONDS = 180
_FIX = "Threads read as fast, and start at once: pool='thread'."
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
    for module in (threads, processes):
        module.__dict__["sys"] = types.SimpleNamespace(stderr=io.StringIO())
    processes.__dict__["exec_in_new_process"] = start_child
    if not hasattr(threads.ThreadPool, "lakesmith_mended"):
        threads.ThreadPool.lakesmith_mended = True
        threads.ThreadPool.current_worker_done = _done_in_order(threads.ThreadPool.current_worker_done)
        processes.ProcessPool.start = _start_with_ordered(processes.ProcessPool.start)
        processes.ProcessPool._wait_for_workers_to_start = _wait_for_children


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
        """All handed out, and after that seen to be done: what was handed out since the first look is counted.

        Asked ten times a second while nothing comes, so it is here that a killed worker, for which petastorm would wait
        for ever, is seen.
        """
        _refuse_dead(self._pool)
        return bool(
            self._ventilator.completed() and self._pool._ventilated_items == self._pool._ventilated_items_processed
        )


def _start_with_ordered(start: Callable[..., None]) -> Callable[..., None]:
    def started(self: Any, worker_class: type, worker_setup_args: Any = None, ventilator: Any = None) -> None:
        start(self, worker_class, worker_setup_args, ventilator and _Ordered(ventilator, self))

    return started


def _wait_for_children(pool: Any) -> None:
    """Returns when every child has said that it is there. Raises EnvironmentFault for one that never will."""
    waiting, deadline = pool.workers_count, time.monotonic() + START_SECONDS
    try:
        while waiting:
            if pool._results_receiver_poller.poll(100):
                pool._results_receiver.recv_pyobj()
                waiting -= 1
            elif time.monotonic() > deadline:
                raise EnvironmentFault(f"{waiting} workers have not started in {START_SECONDS} s", fix=_FIX)
            else:
                _refuse_dead(pool)
    except EnvironmentFault:
        for child in pool._workers:
            child.kill()
        pool.join()
        raise


def _refuse_dead(pool: Any) -> None:
    codes = [child.poll() for child in pool._workers]
    if any(codes):  # 0 is a child that has told why it ended
        code = next(each for each in codes if each)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        raise EnvironmentFault(f"a worker process {how}", fix=_FIX)


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
