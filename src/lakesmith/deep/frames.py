"""Spark frames written as Parquet for training: equal row groups for every rank, vectors as arrays.

Petastorm's own converter writes row groups of any size, needs classic Spark and loses partition columns; here the frame
is written once, on the driver, and the ranks read the folder without Spark.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakesmith.columns import quote
from lakesmith.errors import ConfigError, DataError, nearest

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# One row group a file unless a file grows past this.
ROW_GROUP_BYTES = 256 * 1024 * 1024
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

    They differ by a few rows, at most one for each partition of the frame. Vectors become arrays; fractions, decimals
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

    chosen = frame.select([_as_tensors(frame, name, dtype) for name in names]).repartition(shards * row_groups)
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
    if not (frame.sparkSession.conf.get("spark.master", "") or "").startswith("local"):
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
