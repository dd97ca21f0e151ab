"""Spark frames written as Parquet for training: equal row groups for every rank, vectors as arrays.

Petastorm's own converter writes row groups of any size, needs classic Spark and loses partition columns; here the frame
is written once, on the driver, and the ranks read the folder without Spark.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakesmith import session
from lakesmith.columns import RESERVED, quote
from lakesmith.errors import ConfigError, DataError, nearest

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# One row group a file unless a file grows past this.
ROW_GROUP_BYTES = 256 * 1024 * 1024
BUCKET_BITS = 8
_HASH, _BUCKET, _PART = (f"{RESERVED}{name}" for name in ("hash", "bucket", "part"))
_WHOLE = ("tinyint", "smallint", "int", "bigint", "boolean")


def write(
    frame: DataFrame,
    folder: str | Path,
    *,
    columns: Sequence[str] | None = None,
    shards: int = 1,
    row_groups: int = 8,
    dtype: Literal["float32", "float64"] = "float32",
) -> str:
    """Writes the frame to a new folder and gives its path: `row_groups` row groups for each of `shards`.

    They differ by one row at most, and the same rows give the same files, whatever order and partitions they come in:
    which rows meet in a batch then depends on neither. Two Spark jobs. Vectors become arrays; fractions, decimals
    included, get `dtype`; whole numbers and booleans stay. A row group of 25,000 rows or more is read at full speed.
    Raises ConfigError for an unknown column and a folder that is there, DataError for columns that cannot become
    tensors.
    """
    names = list(dict.fromkeys(frame.columns if columns is None else columns))
    for name in names:
        if name not in frame.columns:
            raise ConfigError(f"'{name}' is not a column of the frame", fix=nearest(name, frame.columns))
    if shards < 1 or row_groups < 1:
        raise ConfigError(f"shards is {shards} and row_groups {row_groups}, expected 1 or more of each")
    from pyspark.errors import AnalysisException

    chosen = _evenly(frame.select([_as_tensors(frame, name, dtype) for name in names]), shards * row_groups)
    writer = chosen.write.option("parquet.block.size", str(ROW_GROUP_BYTES)).mode("errorifexists")
    try:
        writer.parquet(str(folder))
    except AnalysisException as error:
        raise ConfigError(
            f"{folder} cannot be written: {str(error).splitlines()[0]}", fix="Name a folder that is not there yet."
        ) from error
    return str(folder)


def materialized(
    frame: DataFrame, folder: str | Path | None, *, columns: Sequence[str] | None, shards: int
) -> tuple[str, Callable[[], None] | None]:
    """The folder the frame was written to, and what removes it again: a temporary one when Spark is on this machine."""
    if folder is not None:
        return write(frame, folder, columns=columns, shards=shards), None
    if shards > 1:
        raise ConfigError(
            "every rank would write the frame for itself",
            key="shard",
            fix="Write it once with lakesmith.deep.frames.write(frame, folder, shards=…) and give ranks the folder.",
        )
    if not session.is_local(frame.sparkSession):
        raise ConfigError(
            "Spark's workers are on other machines and do not see this one's temporary folder",
            key="folder",
            fix="Set folder=… to a new folder that both see, such as one on a volume.",
        )
    temporary = tempfile.mkdtemp(prefix="lakesmith-batches-")
    remove = partial(shutil.rmtree, temporary)
    try:
        return write(frame, Path(temporary) / "rows", columns=columns, shards=shards), remove
    except BaseException:
        remove()
        raise


def _evenly(rows: DataFrame, parts: int) -> DataFrame:
    """The rows dealt out to so many partitions in the order of a hash of theirs, and in this order within each.

    A row's rank is the number of rows in the buckets of smaller hashes, and its place in its own: neither needs all
    rows in one place.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    hashed = rows.withColumn(_HASH, F.xxhash64(*[F.col(quote(name)) for name in rows.columns]))
    hashed = hashed.withColumn(_BUCKET, F.shiftright(_HASH, 64 - BUCKET_BITS).cast("int"))
    counts = {row[_BUCKET]: row["count"] for row in hashed.groupBy(_BUCKET).count().collect()}
    before = dict(zip(sorted(counts), accumulate((counts[each] for each in sorted(counts)), initial=0), strict=False))
    starts = F.create_map(*[F.lit(each) for pair in before.items() for each in pair]) if before else F.lit(None)
    place = F.row_number().over(Window.partitionBy(_BUCKET).orderBy(_HASH))
    ranked = hashed.withColumn(_PART, (F.try_element_at(starts, F.col(_BUCKET)) + place) % parts)
    return (
        ranked.repartitionById(parts, F.col(_PART).cast("int")).sortWithinPartitions(_HASH).drop(_HASH, _BUCKET, _PART)
    )


def _as_tensors(frame: DataFrame, name: str, dtype: str) -> Column:
    """The column in a type that tensors have."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.ml.linalg import VectorUDT
    from pyspark.sql import functions as F
    from pyspark.sql.types import ArrayType

    kind, column = frame.schema[name].dataType, F.col(quote(name))
    fraction = "float" if dtype == "float32" else "double"
    if isinstance(kind, VectorUDT):
        return vector_to_array(column, dtype).alias(name)
    inner = kind.elementType if isinstance(kind, ArrayType) else kind
    text = inner.simpleString()
    if text in _WHOLE:
        return column
    if text in ("float", "double") or text.startswith("decimal"):
        return column.cast(f"array<{fraction}>" if inner is not kind else fraction).alias(name)
    raise DataError(
        f"column '{name}' ({kind.simpleString()}) cannot become a tensor",
        fix="Choose other columns with columns=…, or turn it into numbers first.",
    )
