"""Text files as lines: their bytes untouched, with the file and the position each came from, and their first lines."""

from __future__ import annotations

import bz2
import gzip
import mmap
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from lakesmith.errors import DataError
from lakesmith.sources import FILE, POSITION, RAW, InputFile
from lakesmith.sources.files import is_remote, spark_path

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

LINE = "_lakesmith_line"  # string: the line's own bytes, not always valid UTF-8
_FIRST_LINE_BYTES = 16 << 20
_IN_PARTITION = (1 << 33) - 1  # monotonically_increasing_id counts rows of a partition in its lower 33 bits
_PACKED = (".gz", ".bz2")
_ONLY_SPARK = (".zst", ".lz4", ".snappy", ".deflate")


def text_lines(spark: SparkSession, files: Sequence[InputFile]) -> DataFrame:
    """One row per line of `files`: LINE, FILE, POSITION. Empty lines are no records and left out.

    A byte-order mark at a file's start is not part of its first line. The options win over a session that was told
    to skip broken files. POSITION is null where several files are read at once.
    """
    from pyspark.sql import functions as F

    unpacked_only(files)
    reader = spark.read.option("ignoreCorruptFiles", "false").option("ignoreMissingFiles", "false")
    lines = reader.text([spark_path(each.path) for each in files])
    told = lines.select(F.col("value").alias(LINE), file_column(files).alias(FILE), _position(files).alias(POSITION))
    return told.filter(F.col(LINE) != "")


def file_column(files: Sequence[InputFile]) -> Column:
    """The path of the file a row was read from, as InputFile names it."""
    from pyspark.sql import functions as F

    if len(files) == 1:
        return F.lit(files[0].path)
    # Spark tells the path percent-encoded, with `+` for itself; url_decode takes `+` for a space.
    decoded = F.url_decode(F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B")))
    # A path of a Databricks volume, `/Volumes/…`, is told as `dbfs:/Volumes/…`.
    scheme = "^file:/+" if _only_spark(files[0]) else "^(file|dbfs):/+"
    return F.regexp_replace(decoded, scheme, "/")


def raw(line: Column) -> Column:
    """The line as text that any reader of the quarantine can open: bytes that are not UTF-8 in hexadecimal."""
    from pyspark.sql import functions as F

    return F.when(F.is_valid_utf8(line), line).otherwise(F.concat(F.lit("hex:"), F.hex(line.cast("binary")))).alias(RAW)


def first_lines(spark: SparkSession, files: Sequence[InputFile]) -> dict[str, str | None]:
    """Path → first line that is not empty, None for a file without one. Raises DataError for what is not UTF-8."""
    unpacked_only(files)
    far = [each for each in files if _only_spark(each)]
    found: dict[str, str | None] = {each.path: _first_line(each) for each in files if not _only_spark(each)}
    return {**found, **(_first_lines_far(spark, far) if far else {})}


def repeats(spark: SparkSession, files: Sequence[InputFile], line: str) -> dict[str, int]:
    """Path → how many lines after the first equal `line`; only paths with one or more."""
    far = [each for each in files if _only_spark(each)]
    found = {each.path: _repeats(each, line.encode()) for each in files if not _only_spark(each)}
    if far:
        found.update(_repeats_far(spark, far, line))
    return {path: count for path, count in found.items() if count > 0}


def unpacked_only(files: Sequence[InputFile]) -> None:
    """Raises DataError for archives, which Spark would read as if they were text."""
    for each in files:
        if each.path.casefold().endswith((".zip", ".tar", ".tgz", ".7z", ".rar", ".xz")):
            raise DataError(
                f"{each.path} is an archive", key="path", fix="Unpack it (gz and bz2 are read as they are)."
            )


def _position(files: Sequence[InputFile]) -> Column:
    from pyspark.sql import functions as F

    if len(files) > 1:  # several blocks may share a partition, so a row's number in it says nothing
        return F.lit(None).cast("string")
    start = F.col("_metadata.file_block_start")
    line = F.concat(F.lit("line "), (F.monotonically_increasing_id().bitwiseAND(F.lit(_IN_PARTITION)) + 1))
    return F.when(start == 0, line).otherwise(F.concat(line, F.lit(" after byte "), start))


def _only_spark(file: InputFile) -> bool:
    return is_remote(file.path) or file.path.casefold().endswith(_ONLY_SPARK)


def _open(path: str) -> IO[bytes]:
    if path.casefold().endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path))
    return bz2.open(path) if path.casefold().endswith(".bz2") else Path(path).open("rb")


def _first_line(file: InputFile) -> str | None:
    try:
        with _open(file.path) as opened:
            start = opened.read(_FIRST_LINE_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        raise _broken(file, error) from None
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{file.path} is UTF-16, not UTF-8", fix="Convert it: iconv -f UTF-16 -t UTF-8.")
    line = start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0].split(b"\r", 1)[0]
    try:
        return line.decode() or None
    except UnicodeDecodeError as error:
        raise DataError(
            f"the first line of {file.path} is not UTF-8 ({error.reason})", fix="Convert the file."
        ) from None


def _repeats(file: InputFile, line: bytes) -> int:
    if file.path.casefold().endswith(_PACKED):
        try:
            with _open(file.path) as opened:
                return sum(each.rstrip(b"\r\n") == line for each in opened) - 1
        except (EOFError, OSError, zlib.error) as error:
            raise _broken(file, error) from None
    with Path(file.path).open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begins = content.find(line) + len(line)
        return sum(1 for _ in re.compile(rb"[\r\n]" + re.escape(line) + rb"(?=[\r\n]|\Z)").finditer(content, begins))


def _broken(file: InputFile, error: Exception) -> DataError:
    return DataError(f"{file.path} cannot be unpacked: {error}", fix="It was cut off or damaged: fetch it again.")


def _first_lines_far(spark: SparkSession, files: Sequence[InputFile]) -> dict[str, str | None]:
    """By one Spark job, for files only Spark can open."""
    from pyspark.sql import functions as F

    lines = spark.read.option("ignoreCorruptFiles", "false").text([spark_path(each.path) for each in files])
    begins = lines.filter((F.col("_metadata.file_block_start") == 0) & (F.col("value") != ""))
    first = F.min_by("value", F.monotonically_increasing_id()).alias("line")
    rows = begins.groupBy(file_column(files).alias(FILE)).agg(first).collect()
    return {**dict.fromkeys((each.path for each in files), None), **{row[FILE]: row["line"] for row in rows}}


def _repeats_far(spark: SparkSession, files: Sequence[InputFile], line: str) -> dict[str, int]:
    from pyspark.sql import functions as F

    counts = text_lines(spark, files).filter(F.col(LINE) == line).groupBy(FILE).count().collect()
    return {row[FILE]: row["count"] - 1 for row in counts}
