"""`lakesmith ui`: MLflow's pages on the workspace's store, for this machine only."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakesmith import api
from lakesmith.errors import EnvironmentFault

LONGEST_START = 120


@contextmanager
def _taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with _taken_port() as port, pytest.raises(EnvironmentFault, match=f"port {port} is taken. Choose another"):
        api.ui_command(port=port, workspace=str(tmp_path))


def test_pages_are_served_on_loopback_until_the_process_is_ended(tmp_path: Path) -> None:
    with _taken_port() as port:
        pass
    command = [sys.executable, "-m", "lakesmith", "ui", "--port", str(port), "--workspace", str(tmp_path)]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            assert _answer(server, port).startswith(b"OK")
            assert "http://127.0.0.1" in (tmp_path / "log").read_text()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    with socket.socket() as probe:
        assert _is_closed(probe, port)


def _answer(server: subprocess.Popen[bytes], port: int) -> bytes:
    for _ in range(LONGEST_START):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as page:
                return bytes(page.read())
        except urllib.error.URLError:
            time.sleep(1)
    raise AssertionError("no answer")


def _is_closed(probe: socket.socket, port: int) -> bool:
    for _ in range(30):
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return True
        time.sleep(1)
    return False
