"""A Spark standalone cluster on this machine: a master and workers of one core, each a process group of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyspark

SPARK_HOME = Path(next(iter(pyspark.__path__)))
LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0


@dataclass
class Cluster:
    """Workers see nothing of the driver's environment, folder or home: only what Spark itself needs."""

    folder: Path
    workers: int = 2
    _ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"spark://{LOOPBACK}:{self._ports[0]}"

    def __enter__(self) -> Self:
        try:
            port, page = self._ports
            self._start("master", "master.Master", "--port", str(port), "--webui-port", str(page))
            wait_for(lambda: self._state() is not None, "the master to answer", self._told)
            for number in range(self.workers):
                self._start(f"worker{number}", "worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0",
                            self.url)  # fmt: skip
            wait_for(lambda: self.alive() == self.workers, f"{self.workers} workers", self._told)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def alive(self) -> int:
        """How many workers the master counts."""
        state = self._state() or {"workers": []}
        return sum(each["state"] == "ALIVE" for each in state["workers"])

    def kill(self, number: int) -> None:
        """Ends one worker and its executors at once, as a machine that loses its power."""
        process = self._processes.pop(f"worker{number}")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """Ends every process that was started here, workers first."""
        for process in reversed(self._processes.values()):
            ended(process)
        self._processes.clear()

    def _start(self, name: str, daemon: str, *options: str) -> None:
        folder = self.folder / name
        folder.mkdir(parents=True)
        command = [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{daemon}", "--host", LOOPBACK]
        with (folder / "log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [*command, *options], cwd=folder, env=_bare_environment(folder), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _state(self) -> dict[str, Any] | None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{LOOPBACK}:{self._ports[1]}/json/") as page:
            found: dict[str, Any] = json.load(page)
            return found
        return None

    def _told(self) -> str:
        return "\n".join((self.folder / name / "log").read_text(errors="replace")[-1500:] for name in self._processes)


def _bare_environment(folder: Path) -> dict[str, str]:
    java = os.environ.get("JAVA_HOME") or str(Path(shutil.which("java") or "java").resolve().parent.parent)
    return {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "JAVA_HOME": java, "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": os.environ.get("SPARK_SUBMIT_OPTS", ""),
    }  # fmt: skip


@contextmanager
def running(command: list[str], cwd: Path, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command under way, its output in `log`; it and what it started are gone after the block."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=file,
            stderr=file,
        )  # fmt: skip
    try:
        yield process
    finally:
        ended(process)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Ends a process group; one that does not end when asked is killed."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)


def wait_for(
    is_so: Callable[[], bool], what: str, told: Callable[[], str] = lambda: "", seconds: float = START_SECONDS
) -> None:
    """Returns once `is_so()`; raises TimeoutError with what was waited for, and `told()`, after `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}\n{told()}")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
