"""Parquet: files that carry their own schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakesmith.columns import quote
from lakesmith.errors import DataError, nearest
from lakesmith.sources import FILE, POSITION, RAW, RULE, FileSource, InputFile, Reading
from lakesmith.sources.faults import told
from lakesmith.sources.files import is_remote, spark_path
from lakesmith.sources.lines import file_column
from lakesmith.sources.types import widens

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession


class Parquet(FileSource):
    """Parquet files, every one with the same columns; folders named `column=value` add theirs.

    Declared columns must be in every file with their type, or one that widens to it (`int` → `bigint`); columns that
    are not declared are not read. Every row is accepted: the file's types are the rules.
    """

    kind: Literal["parquet"] = "parquet"

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The rows of all files, each file checked to have every declared column."""
        reader = _reader(spark, files)
        groups = _alike(files)
        with told():
            frames = [reader.parquet(*[spark_path(each.path) for each in group]) for group in groups]
        columns = self.columns or types_in(frames[0])
        for frame, group in zip(frames, groups, strict=True):
            check_types(types_in(frame), columns, group[0].path)
        parts = [accepted(frame, columns, file_column(group)) for frame, group in zip(frames, groups, strict=True)]
        return Reading(reduce(lambda one, other: one.unionByName(other), parts), columns, self.columns is None)


def types_in(frame: DataFrame) -> dict[str, str]:
    """Column → Spark type of a frame."""
    return {each.name: each.dataType.simpleString() for each in frame.schema.fields}


def check_types(found: Mapping[str, str], declared: Mapping[str, str], where: str) -> None:
    """Raises DataError for a declared column that is missing or of a type that would have to be narrowed."""
    for name, type_ in declared.items():
        if name not in found:
            raise DataError(f"{where} has no column '{name}'", key="columns", fix=nearest(name, found))
        if not widens(found[name], type_):
            raise DataError(
                f"'{name}' is {found[name]} in {where}, declared is {type_}: values could be changed or lost",
                key=f"columns.{name}",
                fix=f"Declare {found[name]} and convert it with a `cast` step in `clean`.",
            )


def accepted(frame: DataFrame, columns: Mapping[str, str], file: Column) -> DataFrame:
    """The declared columns in their types with FILE; POSITION, RAW and RULE null."""
    from pyspark.sql import functions as F

    nothing = F.lit(None).cast("string")
    values = [F.col(quote(name)).cast(type_).alias(name) for name, type_ in columns.items()]
    return frame.select(*values, file.alias(FILE), *[nothing.alias(each) for each in (POSITION, RAW, RULE)])


def _reader(spark: SparkSession, files: Sequence[InputFile]) -> DataFrameReader:
    reader = spark.read.option("ignoreCorruptFiles", "false").option("ignoreMissingFiles", "false")
    parts = Path(files[0].path).parts
    first_partition = next((i for i, part in enumerate(parts[:-1]) if "=" in part), None)
    if first_partition is None or is_remote(files[0].path):
        return reader
    return reader.option("basePath", spark_path(str(Path(*parts[:first_partition]))))


def _alike(files: Sequence[InputFile]) -> list[list[InputFile]]:
    """The files in groups of one schema, so that a column some of them lack is noticed and not read as null.

    Local files only are looked into one by one here; files behind a URI make a group each.
    """
    import pyarrow.parquet as pq

    groups: dict[str, list[InputFile]] = {}
    for each in files:
        if is_remote(each.path):
            groups[each.path] = [each]
            continue
        try:
            schema = pq.read_schema(each.path).remove_metadata()
        except (OSError, ValueError) as error:  # pyarrow's errors are one or the other
            raise DataError(
                f"{each.path} is not a whole Parquet file: {error}", key="path", fix="Fetch it again."
            ) from None
        groups.setdefault(str(schema), []).append(each)
    return list(groups.values())
