"""The quarantine: one Delta table a project, one row per record that broke a rule, with the record as it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from lakesmith.facts import QuarantineRule
from lakesmith.sources import FILE, POSITION, RAW, RULE
from lakesmith.sql_rendering import literal

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from lakesmith.tables import Tables

QUARANTINE = "quarantine"
SCHEMA = "source string, stage string, file string, position string, rule string, raw string, digest string, run string"
RULES_TOLD = 50
RAW_TOLD = 200


def from_reading(records: DataFrame, source: str, digests: dict[str, str], run: str) -> DataFrame:
    """The rejected records of a reading as rows of the quarantine; `digests` has the SHA-256 of each file."""
    from pyspark.sql import functions as F

    of_file = F.create_map(*[F.lit(each) for entry in digests.items() for each in entry])
    rejected = records.filter(F.col(RULE).isNotNull())
    return _rows(rejected, source, "ingest", F.col(POSITION), F.col(RAW), F.try_element_at(of_file, F.col(FILE)), run)


def from_cleaning(rejected: Sequence[DataFrame], source: str, run: str) -> DataFrame | None:
    """Rows that cleaning steps rejected, each as JSON of the step's input; None for none."""
    from pyspark.sql import functions as F

    from lakesmith.columns import RESERVED, quote

    nothing = F.lit(None).cast("string")
    parts = []
    for frame in rejected:
        own = [F.col(quote(name)) for name in frame.columns if not name.startswith(RESERVED)]
        raw = F.to_json(F.struct(*own), {"ignoreNullFields": "false"})
        parts.append(_rows(frame, source, "clean", nothing, raw, nothing, run))
    return reduce(lambda one, other: one.union(other), parts) if parts else None


def put(tables: Tables, rows: DataFrame | None, source: str, stage: str, files: Sequence[str] | None = None) -> None:
    """Replaces what the quarantine holds of a source's stage, or only of some of its files, in one commit.

    None puts nothing in their place; where there was nothing either, no commit is made.
    """
    where = f"source = {literal(source)} AND stage = {literal(stage)}"
    if files is not None:
        where += f" AND file IN ({', '.join(literal(each) for each in files)})"
    if rows is None:
        if not tables.exists(QUARANTINE) or tables.read(QUARANTINE).filter(where).isEmpty():
            return
        rows = tables.spark.createDataFrame([], SCHEMA)
    tables.replace(QUARANTINE, rows, where)


def held(tables: Tables, source: str, stage: str) -> int:
    """How many records the quarantine holds of a source's stage."""
    from pyspark.sql import functions as F

    if not tables.exists(QUARANTINE):
        return 0
    return tables.read(QUARANTINE).filter((F.col("source") == source) & (F.col("stage") == stage)).count()


def rules(rows: DataFrame) -> tuple[QuarantineRule, ...]:
    """The rules that rows of the quarantine broke, most frequent first, each with one record, from one action."""
    from pyspark.sql import functions as F

    example = F.min(F.struct("file", "position", "raw")).alias("example")
    grouped = rows.groupBy("source", "stage", "rule").agg(F.count(F.lit(1)).alias("count"), example)
    found = grouped.orderBy(F.desc("count"), "source", "rule").limit(RULES_TOLD).collect()
    return tuple(
        QuarantineRule(
            source=row["source"],
            stage=row["stage"],
            rule=row["rule"],
            rows=row["count"],
            example=(row["example"]["raw"] or "")[:RAW_TOLD],
            position=" ".join(each for each in (row["example"]["file"], row["example"]["position"]) if each),
        )
        for row in found
    )


def rules_of(tables: Tables, stage: str) -> tuple[QuarantineRule, ...]:
    """The rules that the records of one stage broke; no action where there is no quarantine."""
    from pyspark.sql import functions as F

    return rules(tables.read(QUARANTINE).filter(F.col("stage") == stage)) if tables.exists(QUARANTINE) else ()


def _rows(
    frame: DataFrame, source: str, stage: str, position: Column, raw: Column, digest: Column, run: str
) -> DataFrame:
    from pyspark.sql import functions as F

    return frame.select(
        F.lit(source).alias("source"),
        F.lit(stage).alias("stage"),
        F.col(FILE).alias("file"),
        position.alias("position"),
        F.col(RULE).alias("rule"),
        raw.alias("raw"),
        digest.alias("digest"),
        F.lit(run).alias("run"),
    )
