"""Which files a path means, and the digest of what is in them."""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lakesmith.errors import DataError, EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakesmith.sources import InputFile

_CHUNK = 1 << 20
_GLOB = frozenset("*?[")


def is_remote(path: str) -> bool:
    """Whether only Spark can open the path: it has a scheme other than `file:`."""
    return not path.startswith("file:") and ("://" in path or path.startswith("dbfs:"))


def local(path: str) -> str:
    """A `file:` URI as a path; other paths as they are."""
    return unquote(urlsplit(path).path) if path.startswith("file:") else path


def spark_path(path: str) -> str:
    """The path for Spark's readers, which take `[`, `{`, `*`, `?` and `\\` in a file's name for a pattern."""
    return "".join(f"\\{each}" if each in "{}[]*?\\" else each for each in path)


def input_files(spark: SparkSession, path: str, data: str) -> tuple[InputFile, ...]:
    """The files of `path` (file, folder or glob; relative to `data`), each with size and SHA-256, sorted by path.

    Files and folders whose names start with `.` or `_` are left out, as everywhere in Spark. Local files are hashed
    here, a megabyte at a time; files behind a URI by one Spark job. Raises EnvironmentFault for what cannot be read,
    DataError when nothing matches.
    """
    whole = path if is_remote(path) or path.startswith(("/", "file:")) else f"{data.rstrip('/')}/{path}"
    if is_remote(whole):
        return _remote(spark, whole)
    found = _matches(Path(local(whole)))
    if not found:
        raise DataError(f"no file matches {local(whole)}", key="path", fix="Put the files there, or correct `path`.")
    return tuple(_hashed(each) for each in sorted(found))


def _matches(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return [each for each in path.rglob("*") if each.is_file() and not _is_hidden(each.relative_to(path))]
    if _GLOB & set(str(path)):
        found = [Path(each) for each in glob.glob(str(path), recursive=True)]
        return [file for each in found for file in _matches(each) if not _is_hidden(Path(each.name))]
    raise EnvironmentFault(
        f"{path} does not exist", key="path", fix="Correct `path`, or `data` of the environment, or fetch the files."
    )


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith((".", "_")) for part in relative.parts)


def _hashed(path: Path) -> InputFile:
    from lakesmith.sources import InputFile

    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be read: {error.strerror}", key="path", fix="Give this user the right to read it."
        ) from None
    return InputFile(str(path), size, digest.hexdigest())


def _remote(spark: SparkSession, path: str) -> tuple[InputFile, ...]:
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F

    from lakesmith.sources import InputFile

    reader = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    try:
        content = reader.load(path).select("path", "length", F.sha2("content", 256).alias("sha256"))
        found = content.orderBy("path").collect()
    except Exception as error:  # the storage's own errors come through py4j as they are
        told = error.getCondition() if isinstance(error, PySparkException) else type(error).__name__
        raise EnvironmentFault(
            f"{path} cannot be read ({told}: {str(error).strip().splitlines()[0][:200]})",
            key="path",
            fix="Check the path and this cluster's right to read it.",
        ) from error
    if not found:
        raise DataError(f"no file matches {path}", key="path", fix="Put the files there, or correct `path`.")
    return tuple(InputFile(row["path"], row["length"], row["sha256"]) for row in found)
