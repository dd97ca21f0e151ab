"""Whole files of JSON, each one document or one array of documents, cut into documents with their bytes untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lakesmith.sources import FILE, POSITION, InputFile
from lakesmith.sources.files import spark_path
from lakesmith.sources.lines import LINE, file_column, unpacked_only

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Opens the message of what the workers find wrong with a file; `faults` looks for it in Spark's errors.
NOT_WHOLE = "lakesmith found a file that is not whole:"


def json_documents(spark: SparkSession, files: Sequence[InputFile]) -> DataFrame:
    """One row per document of `files`: LINE (its text), FILE, POSITION (`document 1`, …).

    A file is read by one task and must fit into its memory. A file that is not one JSON value as a whole fails the
    action with NOT_WHOLE, its path and the byte at fault; bytes that are not UTF-8 stay as they are in LINE.
    """
    from pyspark.sql import functions as F

    unpacked_only(files)
    reader = spark.read.option("ignoreCorruptFiles", "false").option("ignoreMissingFiles", "false")
    whole = reader.text([spark_path(each.path) for each in files], wholetext=True)
    content = whole.select(file_column(files).alias(FILE), F.col("value").cast("binary").alias("content"))
    cut = content.mapInArrow(_cutter(), f"{LINE} binary, {FILE} string, {POSITION} string")  # type: ignore[arg-type]
    return cut.withColumn(LINE, F.col(LINE).cast("string"))


def _cutter() -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The function the workers run; a closure, so that it travels whole to workers without this package."""
    line, file, position, not_whole = LINE, FILE, POSITION, NOT_WHOLE

    def cut(batches: Iterator[Any]) -> Iterator[Any]:
        import json
        import re

        import pyarrow as pa

        # What is checked strictly later on needs no values here, only its bounds.
        decoder = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
        space = re.compile(r"[ \t\r\n]*")

        def after_space(text: str, at: int) -> int:
            found = space.match(text, at)
            return found.end() if found else at

        def documents(text: str) -> Iterator[str]:
            at = after_space(text, 0)
            is_array = text[at : at + 1] == "["
            at = after_space(text, at + 1) if is_array else at
            ended = is_array and text[at : at + 1] == "]"
            at += ended
            while not ended:
                begins = at
                _, ends = decoder.raw_decode(text, at)
                yield text[begins:ends]
                at = after_space(text, ends) if is_array else ends
                ended = not is_array or text[at : at + 1] == "]"
                if is_array and text[at : at + 1] not in ("]", ","):
                    raise json.JSONDecodeError("',' or ']' expected", text, at)
                at = after_space(text, at + 1) if is_array else at
            if (rest := after_space(text, at)) < len(text):
                raise json.JSONDecodeError("one document or one array expected, and more follows", text, rest)

        def cut_file(path: str, content: bytes) -> list[bytes]:
            text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
            try:
                return [each.encode("utf-8", "surrogateescape") for each in documents(text)]
            except json.JSONDecodeError as error:
                where = f"{error.msg} at line {error.lineno} column {error.colno}"
            except RecursionError:
                where = "its values are nested too deeply"
            raise ValueError(f"{not_whole} {path}: {where}")

        for batch in batches:
            for path, content in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                found = cut_file(path, content)
                places = [f"document {number + 1}" for number in range(len(found))]
                columns = [
                    pa.array(found, pa.binary()),
                    pa.array([path] * len(found), pa.string()),
                    pa.array(places, pa.string()),
                ]
                yield pa.RecordBatch.from_arrays(columns, names=[line, file, position])

    return cut
