"""What a value becomes in a tensor, and what is refused because it would become another."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deep.tables import ENGINES, column, numbered, write
from lakesmith.deep.batches import batches
from lakesmith.errors import ConfigError, DataError

engines = pytest.mark.parametrize("engine", ENGINES)


@engines
def test_numbers_keep_their_types_and_booleans_are_0_or_1(tmp_path: Path, engine: Any) -> None:
    kinds = {"int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "uint8": "u1", "float32": "f4", "float64": "f8"}
    columns: dict[str, Any] = {name: np.array([1, 2, 3], kind) for name, kind in kinds.items()}
    columns["flag"] = [True, False, True]
    (batch,) = batches(write(tmp_path, columns), engine=engine).numpy()
    assert {name: values.dtype.name for name, values in batch.items()} == {**{k: k for k in kinds}, "flag": "uint8"}
    assert batch["flag"].tolist() == [1, 0, 1]
    assert all(values.tolist() == [1, 2, 3] for name, values in batch.items() if name != "flag")


@engines
def test_whole_numbers_past_2_to_the_53_are_exact(tmp_path: Path, engine: Any) -> None:
    table = write(tmp_path, {"id": [2**53 + 1, 2**62 + 1, 5], "part": [1, 1, 0]})
    assert column(batches(table, engine=engine, where=[("part", "==", 1)]).numpy()) == [2**53 + 1, 2**62 + 1]


@engines
def test_arrays_become_matrices_whatever_sort_of_list_they_are(tmp_path: Path, engine: Any) -> None:
    rows = [[1.0, 2.0], [3.0, None], [5.0, 6.0]]
    kinds = {"list": pa.list_(pa.float32()), "large": pa.large_list(pa.float32()), "fixed": pa.list_(pa.float32(), 2)}
    table = write(tmp_path, pa.table({name: pa.array(rows, kind) for name, kind in kinds.items()}), row_group=2)
    (batch,) = batches(table, engine=engine).numpy()
    for values in batch.values():
        np.testing.assert_array_equal(values, np.array([[1, 2], [3, np.nan], [5, 6]], "f4"))
        assert values.dtype == np.float32


@engines
def test_null_floats_are_nan(tmp_path: Path, engine: Any) -> None:
    table = write(tmp_path, pa.table({"x": pa.array([1.5, None, 2.5], pa.float32())}))
    (batch,) = batches(table, engine=engine).numpy()
    np.testing.assert_array_equal(batch["x"], np.array([1.5, np.nan, 2.5], "f4"))


@engines
@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        ([1, None, 3], pa.int32(), r"'x' \(int32\) has 1 nulls of 3 values.*cast the column to double"),
        ([True, None, None], pa.bool_(), r"'x' \(bool\) has 2 nulls of 3"),
        ([[1, 2], [3, None]], pa.list_(pa.int64()), r"'x' \(int64\) has 1 nulls of 4"),
        ([[1.0], None], pa.list_(pa.float32()), "'x' has 1 null arrays of 2"),
        ([[1.0], [2.0, 3.0]], pa.list_(pa.float32()), "'x' has arrays of 1 and of 2 numbers"),
    ],
)
def test_values_without_a_tensor_are_refused(tmp_path: Path, engine: Any, values: Any, kind: Any, says: str) -> None:
    found = batches(write(tmp_path, pa.table({"x": pa.array(values, kind)})), engine=engine, shuffle=True, mix_rows=9)
    with pytest.raises(DataError, match=says):
        list(found.numpy())


@engines
def test_arrays_that_change_their_length_between_row_groups_are_refused(tmp_path: Path, engine: Any) -> None:
    table = write(tmp_path, pa.table({"x": [[1.0, 2.0], [3.0, 4.0], [5.0], [6.0]]}), row_group=2)
    with pytest.raises(DataError, match="'x' has arrays of 2 and of 1 numbers"):
        list(batches(table, engine=engine).numpy())


def test_types_without_a_tensor_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    day = datetime.date(2026, 1, 1)
    columns = {
        "text": ["a"],
        "day": [day],
        "amount": [Decimal("1.5")],
        "at": [datetime.datetime(2026, 1, 1)],
        "bag": [{"a": 1}],
        "words": [["a"]],
        "unsigned": pa.array([1], pa.uint32()),
        "x": [1.0],
    }
    table = write(tmp_path, columns)
    with pytest.raises(DataError, match=r"'text' \(string\), 'day' \(date32.*and 2 more.*with columns=.*\(x can\)"):
        batches(table)
    for name in set(columns) - {"x"}:
        with pytest.raises(DataError, match=f"'{name}'"):
            batches(table, columns=["x", name])
    assert column(batches(table, columns=["x"]).numpy(), "x") == [1.0]


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1.0]}, name="a.parquet")
    table = write(tmp_path, {"x": [1]}, name="b.parquet")
    with pytest.raises(DataError, match=r"'x' is int64 in .*b\.parquet, double in the first file"):
        batches(table)
    write(tmp_path, {"y": [1.0]}, name="b.parquet")
    with pytest.raises(DataError, match=r"'x' is missing in .*b\.parquet"):
        batches(table)


@engines
@pytest.mark.parametrize("name", ["dep delay", "a.b", "größe", "count", "fields", "class", "1st"])
def test_column_names_of_any_kind(tmp_path: Path, engine: Any, name: str) -> None:
    table = write(tmp_path, {name: [1, 2], "a": [3, 4]})
    (batch,) = batches(table, engine=engine).numpy()
    assert {key: values.tolist() for key, values in batch.items()} == {name: [1, 2], "a": [3, 4]}


@engines
@pytest.mark.parametrize("name", ["with space", "50%20 off", "a#b", "what?"])
def test_paths_of_any_kind(tmp_path: Path, engine: Any, name: str) -> None:
    table = numbered(tmp_path / name, 10, row_group=5)
    assert column(batches(table, engine=engine).numpy()) == list(range(10))
    assert column(batches(f"{table}/000.parquet", engine=engine).numpy()) == list(range(10))


@engines
def test_hive_partitions_are_columns_and_leave_out_files(tmp_path: Path, engine: Any) -> None:
    rows = pa.table({"id": range(40), "year": [2020 + n // 10 for n in range(40)], "kind": ["a b", "c"] * 20})
    pq.write_to_dataset(rows, tmp_path, partition_cols=["year", "kind"])
    table = str(tmp_path)
    found = batches(table, engine=engine, columns=["id", "year"])
    assert sorted(zip(column(found.numpy()), column(found.numpy(), "year"), strict=True)) == [
        (n, 2020 + n // 10) for n in range(40)
    ]
    chosen = batches(table, engine=engine, columns=["id"], where=[("kind", "==", "a b"), ("year", ">=", 2022)])
    assert sorted(column(chosen.numpy())) == list(range(20, 40, 2))
    assert chosen.rows == 10
    with pytest.raises(DataError, match="'kind'"):
        batches(table)
    both = batches(table, engine=engine, columns=["id"], where=[("year", "==", 2021), ("id", "<", 15)])
    assert sorted(column(both.numpy())) == list(range(10, 15))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        batches(tmp_path / "nothing")
    with pytest.raises(DataError, match="has no rows"):
        batches(write(tmp_path / "empty", pa.table({"x": pa.array([], pa.float32())})))
    with pytest.raises(ConfigError, match=r"'dobule' is not a column .*Did you mean 'double'"):
        batches(numbered(tmp_path / "some", 10, row_group=5), columns=["dobule"])
    with pytest.raises(DataError, match="where: no row is left"):
        list(batches(tmp_path / "some", where=[("id", "<", 0)]).numpy())


def test_the_folder_of_a_delta_table_is_refused(tmp_path: Path) -> None:
    table = numbered(tmp_path, 10, row_group=5)
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(ConfigError, match=r"also holds rows of old versions .*spark\.read\.format\('delta'\)"):
        batches(table)
