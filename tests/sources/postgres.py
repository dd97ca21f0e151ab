"""A PostgreSQL server for the tests: Debian's own, on a loopback port, its data in a folder that is removed again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "reader", "pa55-0f-the-r3ader"
INSTALL = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql"


@dataclass(frozen=True)
class Postgres:
    """A server that is up; `psql` is its client."""

    port: int
    psql: Path

    def run(self, sql: str) -> None:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", "postgres"]
        command = [str(self.psql), *address, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]
        subprocess.run(command, check=True, env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, timeout=60)


@contextmanager
def running() -> Iterator[Postgres]:
    """Installs PostgreSQL where it is missing; a test that cannot have it fails."""
    programs, port = _programs(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="lakesmith-postgres-"))
    try:
        (folder / "password").write_text(PASSWORD)
        as_owner = _owner_of(folder)
        given = ["-A", "scram-sha-256", "-U", USER, f"--pwfile={folder / 'password'}", "-E", "UTF8", "--locale=C"]
        _checked([programs / "initdb", "-D", folder / "data", *given, "--no-sync"], folder, as_owner)
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", folder, "-p", port]
        with (folder / "log").open("wb") as log:
            command = [str(each) for each in (programs / "postgres", "-D", folder / "data", *settings)]
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **as_owner)
        try:
            _wait(server, port, folder / "log")
            yield Postgres(port, programs / "psql")
        finally:
            server.send_signal(signal.SIGINT)  # "fast shutdown": open connections are ended
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(INSTALL, shell=True, check=False, capture_output=True, timeout=600)
        found = _installed()
    if found is None:
        pytest.fail(f"these tests need a PostgreSQL server; install it as root: {INSTALL}")
    return found


def _installed() -> Path | None:
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    named = shutil.which("initdb")
    folders += [Path(named).resolve().parent] if named else []
    needed = ("initdb", "postgres", "psql")
    return next((each for each in folders if all((each / name).is_file() for name in needed)), None)


def _owner_of(folder: Path) -> dict[str, Any]:
    """Arguments for subprocess: the server refuses to run as root, so root lends the folder to Debian's `postgres`."""
    if os.geteuid() != 0:
        return {}
    for each in (folder, folder / "password"):
        shutil.chown(each, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _checked(command: list[Any], folder: Path, as_owner: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(each) for each in command], cwd=folder, capture_output=True, text=True, timeout=120, **as_owner
    )
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stderr[-2000:]}")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        with socket.socket() as knocked:
            if knocked.connect_ex(("127.0.0.1", port)) == 0 and b"ready to accept" in log.read_bytes():
                return
        time.sleep(0.1)
    pytest.fail(f"the PostgreSQL server did not come up: {log.read_text()[-2000:]}")
