"""Files written for a test, and what a source makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from lakesmith.columns import quote
from lakesmith.sources import RULE, Reading, Source


def write(folder: Path, **contents: bytes | str) -> str:
    """Writes `name_csv="…"` as name.csv; returns the folder."""
    for name, content in contents.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


def read(spark: SparkSession, source: Source, data: str) -> Reading:
    return source.read(spark, source.files(spark, data))


def accepted(reading: Reading) -> list[tuple[Any, ...]]:
    """The accepted records' own values, sorted by their text."""
    names = [quote(name) for name in reading.columns]
    return sorted((tuple(row) for row in reading.records.filter(f"{RULE} IS NULL").select(*names).collect()), key=repr)


def rejected(reading: Reading) -> list[tuple[str, str]]:
    """(rule, raw text) of every rejected record, sorted."""
    rows = reading.records.filter(f"{RULE} IS NOT NULL").collect()
    return sorted((row[RULE], row["_lakesmith_raw"]) for row in rows)
