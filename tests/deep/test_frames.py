"""Spark frames as batches: vectors as arrays, equal row groups for ranks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession

from builders import frame
from deep.tables import ENGINES, column
from lakesmith.deep import frames, row_groups
from lakesmith.deep.batches import batches
from lakesmith.errors import ConfigError, DataError

SCHEMA = "id long, `dep delay` double, amount decimal(9,2), late boolean, vec array<double>, name string"


def test_a_frame_is_written_in_equal_row_groups_and_read_by_both_engines(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(n, n / 2, Decimal(n), n % 2 == 0, [n + 0.0, 1.0], "a") for n in range(120)]
    numbers = frame(spark, SCHEMA, rows, partitions=3)
    vectors = spark.createDataFrame(
        [(n, Vectors.dense(n, 1.0) if n % 2 else Vectors.sparse(2, {0: float(n)})) for n in range(120)], ["id", "v"]
    )
    with pytest.raises(DataError, match=r"'name' \(string\) cannot become a tensor"):
        frames.write(numbers, tmp_path / "rows")
    chosen = ["id", "dep delay", "amount", "late", "vec", "v"]
    folder = frames.write(
        numbers.join(vectors, "id"), tmp_path / "rows", columns=chosen, shards=2, row_groups=3, dtype="float32"
    )
    sizes = [group.rows for group in row_groups.find(folder).groups]
    assert len(sizes) == 6
    assert max(sizes) - min(sizes) <= 3
    with pytest.raises(ConfigError, match="Name a folder that is not there yet"):
        frames.write(numbers, folder, columns=["id"])
    for engine in ENGINES:
        ranks = [batches(folder, engine=engine, shard=(rank, 2), batch_size=100) for rank in (0, 1)]  # type: ignore[arg-type]
        found = {n: np.concatenate([batch[n] for rank in ranks for batch in rank.numpy()]) for n in chosen}
        ids = found["id"]
        assert sorted(ids) == list(range(120))
        assert [len(rank) for rank in ranks] == [1, 1]
        types = {name: (values.dtype.name, values.shape[1:]) for name, values in found.items()}
        assert types == {
            "id": ("int64", ()),
            "dep delay": ("float32", ()),
            "amount": ("float32", ()),
            "late": ("uint8", ()),
            "vec": ("float32", (2,)),
            "v": ("float32", (2,)),
        }
        np.testing.assert_array_equal(found["dep delay"], ids / 2)
        np.testing.assert_array_equal(found["v"], np.stack([ids, ids % 2], axis=1))
        np.testing.assert_array_equal(found["vec"][:, 0], ids)


def test_a_frame_is_written_to_a_temporary_folder_and_removed(spark: SparkSession) -> None:
    with batches(spark.range(5).repartition(1), batch_size=3) as found:
        assert sorted(column(found.numpy())) == list(range(5))
        written = Path(found.table.root)
        assert written.is_dir()
    assert not written.exists()
    two = spark.range(5).selectExpr("id", "id * 2 AS double")
    filtered = batches(two, columns=["id"], where=[("double", ">=", 4)])
    assert sorted(column(filtered.numpy())) == [2, 3, 4]
    written = Path(filtered.table.root)
    del filtered
    assert not written.exists()
    with pytest.raises(ConfigError, match="every rank would write the frame for itself"):
        batches(spark.range(5), shard=(0, 2))


def test_the_same_rows_give_the_same_files_in_whatever_order_they_come(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(n, n / 2, Decimal(n), n % 2 == 0, [n + 0.0, 1.0], "a") for n in range(101)]
    found = []
    for number, given in enumerate((rows, rows[::-1])):
        numbers = frame(spark, SCHEMA, given, partitions=1 + 2 * number)
        folder = frames.write(numbers, tmp_path / f"{number}", columns=["id", "vec"], shards=2, row_groups=2)
        groups = row_groups.find(folder)
        found.append([groups.read(group)["id"].to_pylist() for group in groups.groups])
    assert found[0] == found[1]
    assert sorted(len(each) for each in found[0]) == [25, 25, 25, 26]
    assert sorted(n for each in found[0] for n in each) == list(range(101))
    assert found[0][0] != sorted(found[0][0])
