"""Disk, memory, time zone, locale and loopback, each as it should be and as it should not."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from doctor.fakes import only, seen
from lakesmith.doctor import machine

GIB = 2**30


@pytest.mark.parametrize(("free", "state"), [(80e9, "ok"), (2e9, "warning"), (1e8, "problem")])
def test_free_space_is_told_of_the_nearest_folder_there_is(
    free: float, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=int(free)))
    found = only(machine.disk, seen(tmp_path / "new" / "workspace", environ={"SPARK_LOCAL_DIRS": str(tmp_path)}))
    assert found.state == state
    assert found.found.startswith(("80.0 GB free", "2.0 GB free", "100.0 MB free"))


def test_folders_of_shuffles_on_another_disk_are_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {tmp_path: 80e9, Path("/dev/shm"): 1e8}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=int(free[path])))
    workspace, shuffles = machine.disk.findings(seen(tmp_path, environ={"SPARK_LOCAL_DIRS": "/dev/shm"}))
    assert (workspace.state, shuffles.state) == ("ok", "problem")
    assert "for Spark's shuffles, /dev/shm" in shuffles.found


@pytest.mark.parametrize(("total", "state"), [(16, "ok"), (5, "warning"), (3, "problem")])
def test_the_driver_needs_room_beside_it(
    total: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "total_memory", lambda: total * GIB)
    assert only(machine.memory, seen(tmp_path)).state == state
    assert only(machine.memory, seen(tmp_path, places={"spark": {"spark.driver.memory": "512m"}})).state == "ok"


def test_a_containers_limit_goes_before_the_machines_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_CGROUP_LIMITS", (limit,))
    whole = machine.total_memory()
    limit.write_text("max\n")
    assert machine.total_memory() == whole > 1_000_000
    limit.write_text("1000000\n")
    assert machine.total_memory() == 1_000_000


def test_sizes_are_read_as_spark_reads_them() -> None:
    assert [machine.in_bytes(each) for each in ("4g", "512m", "1024", "2GB", "8k")] == [
        4 * GIB, 512 * 2**20, GIB, 2 * GIB, 8192,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="is not a size"):
        machine.in_bytes("much")


def test_a_session_time_zone_that_would_be_ignored_is_said(tmp_path: Path) -> None:
    assert "the session's UTC" in only(machine.time_zone, seen(tmp_path)).found
    asked = {"spark": {"spark.sql.session.timeZone": "Europe/Rome"}}
    found = only(machine.time_zone, seen(tmp_path, places=asked))
    assert (found.state, "UTC all the same" in found.found) == ("warning", True)


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({"LANG": "de_DE.UTF-8"}, "ok"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "warning"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ok"),
        ({}, "warning"),
    ],
)
def test_a_locale_without_utf8_is_said(environ: dict[str, str], state: str, tmp_path: Path) -> None:
    assert only(machine.locale, seen(tmp_path, environ=environ)).state == state


def test_loopback_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(machine.loopback, seen(tmp_path)).state == "ok"

    def refuse(address, timeout):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "create_connection", refuse)
    found = only(machine.loopback, seen(tmp_path))
    assert (found.state, found.found) == ("problem", "127.0.0.1 cannot be used: Operation not permitted")
