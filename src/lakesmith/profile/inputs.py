"""A file or table as a source piece: its kind, separator and null values as its first lines show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lakesmith.errors import ConfigError
from lakesmith.sources import RULE, Source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SEPARATORS = (",", ";", "\t", "|")
NULLS = ("NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?")
CSV, JSON = (".csv", ".tsv", ".txt", ".data"), (".json", ".jsonl", ".ndjson")
PACKED = (".gz", ".bz2")


def source_for(spark: SparkSession, path: str) -> Source:
    """The source piece that reads `path`, its columns inferred. Raises ConfigError for a kind of file not known."""
    from lakesmith.sources.delta import Delta
    from lakesmith.sources.json import Json
    from lakesmith.sources.parquet import Parquet

    place = Path(path)
    absolute = str(place.expanduser().resolve()) if "://" not in path else path
    if (place / "_delta_log").is_dir():
        return Delta(path=absolute)
    endings = {each.casefold() for each in _names(place)}
    if any(each.endswith(".parquet") for each in endings):
        return Parquet(path=absolute)
    if any(_plain(each).endswith(JSON) for each in endings):
        return Json(path=absolute)
    if any(_plain(each).endswith(CSV) for each in endings):
        return _csv(spark, absolute)
    raise ConfigError(
        f"{path} is no file of a kind that is known by its name",
        fix="Give a csv, tsv, json, jsonl or parquet file, a folder of them, or a Delta table.",
    )


def records(spark: SparkSession, source: Source) -> tuple[DataFrame, dict[str, str], DataFrame]:
    """The accepted records, the types of their columns, and the records that were not accepted; lazy but inference."""
    from pyspark.sql import functions as F

    from lakesmith.columns import quote

    reading = source.read(spark, source.files(spark, "."))
    kept = [F.col(quote(name)) for name in reading.columns]
    accepted = reading.records.where(F.col(RULE).isNull()).select(*kept)
    return accepted, reading.columns, reading.records.where(F.col(RULE).isNotNull())


def _names(place: Path) -> list[str]:
    if place.is_dir():
        return sorted(each.name for each in place.iterdir() if not each.name.startswith((".", "_")))
    return [place.name]


def _plain(name: str) -> str:
    return next((name.removesuffix(end) for end in PACKED if name.endswith(end)), name)


def _csv(spark: SparkSession, path: str) -> Source:
    """The separator that stands most often in the first line, and the words for null that the first lines hold."""
    from lakesmith.sources.csv import Csv
    from lakesmith.sources.inference import SAMPLE_LINES
    from lakesmith.sources.lines import LINE, first_lines, text_lines

    files = Csv(path=path).files(spark, ".")
    first = next((line for line in first_lines(spark, files).values() if line is not None), "")
    separator = max(SEPARATORS, key=lambda each: (first.count(each), -SEPARATORS.index(each)))
    plain = Csv(path=path, separator=separator)
    sample = [row[LINE] for row in text_lines(spark, files).select(LINE).limit(SAMPLE_LINES).collect()]
    seen = {value for row in plain.dialect.split(sample) for value in row}
    nulls = [value for value in sorted(seen) if value.strip() in NULLS or (value and not value.strip())]
    return Csv(path=path, separator=separator, null_values=("", *nulls))
