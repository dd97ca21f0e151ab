"""Bronze: the accepted records of one source as they were read, with the file each came from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.columns import quote
from lakesmith.errors import DataError
from lakesmith.sources import FILE, IS_DELETE, RULE, Reading
from lakesmith.sources.faults import told
from lakesmith.sources.tally import Tally
from lakesmith.sql_rendering import literal
from lakesmith.stages import quarantine
from lakesmith.wording import count, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from lakesmith.tables import Tables

RULES_IN_ERROR = 3


@dataclass(frozen=True)
class Written:
    """Bronze's version after a commit, and the records counted while it was written: read = accepted + quarantined."""

    version: int
    read: int
    quarantined: int


def bronze_of(source: str) -> str:
    """The name of a source's bronze table."""
    return f"bronze_{source}"


def columns_in(tables: Tables, name: str) -> dict[str, str]:
    """Bronze's own columns and their types."""
    fields = tables.read(name).schema.fields
    return {each.name: each.dataType.simpleString() for each in fields if each.name != FILE}


def holds_others(tables: Tables, name: str, files: Sequence[str]) -> bool:
    """Whether bronze has rows of other files than these."""
    return not tables.read(name).filter(f"NOT ({of_files(files)})").isEmpty()


def write(tables: Tables, name: str, reading: Reading, *, whole: bool, replaced: Sequence[str]) -> Written:
    """The accepted records in one commit: as the whole table, in place of the rows of some files, or after the rest.

    One pass over the records; they are counted as they go by. Changes by key are merged instead.
    """
    from pyspark.sql import functions as F

    if reading.key and not whole:
        return _merged(tables, name, reading)
    counts = (F.count(F.lit(1)).alias("read"), F.count(F.col(RULE)).alias("quarantined"))
    seen = Tally(reading.records, f"records of {name}", *counts)
    accepted = seen.frame.filter(F.col(RULE).isNull()).select(
        *[F.col(quote(each)) for each in (*reading.columns, FILE)]
    )
    with told():
        if whole:
            version = tables.overwrite(name, accepted)
        elif replaced:
            version = tables.replace(name, accepted, of_files(replaced))
        else:
            version = tables.append(name, accepted)
    found = seen.counts()
    return Written(version, found["read"], found["quarantined"])


def _merged(tables: Tables, name: str, reading: Reading) -> Written:
    """Changes by key applied to bronze in one commit: deletes, updates of the keys it has, inserts of others."""
    columns = [quote(each) for each in (*reading.columns, FILE)]
    view = f"lakesmith_changes_{uuid.uuid4().hex}"
    matched = " AND ".join(f"old.{quote(each)} = new.{quote(each)}" for each in reading.key)
    with told():
        read = reading.records.count()  # a merge may run over its source twice, so it is not counted on the way
        reading.records.createOrReplaceTempView(view)
        try:
            tables.spark.sql(
                f"MERGE INTO {tables.place(name)} AS old USING {view} AS new ON {matched} "
                f"WHEN MATCHED AND new.{IS_DELETE} THEN DELETE "
                f"WHEN MATCHED THEN UPDATE SET {', '.join(f'old.{each} = new.{each}' for each in columns)} "
                f"WHEN NOT MATCHED AND NOT new.{IS_DELETE} THEN INSERT ({', '.join(columns)}) "
                f"VALUES ({', '.join(f'new.{each}' for each in columns)})"
            )
        finally:
            tables.spark.catalog.dropTempView(view)
    return Written(tables.version(name), read, 0)


def remove(tables: Tables, name: str, files: Sequence[str]) -> int:
    """Takes the rows of some files out of bronze; returns its version."""
    return tables.replace(name, tables.read(name).limit(0), of_files(files))


def of_files(paths: Sequence[str]) -> str:
    """The condition that a row came from one of some files. Paths bronze holds no row of may be among them."""
    return f"{FILE} IN ({', '.join(literal(each) for each in paths)})"


def undo(tables: Tables, name: str, before: int | None) -> None:
    """Bronze as it was: at an earlier version, or empty where there was none."""
    if before is None:
        tables.overwrite(name, tables.read(name).limit(0))
    else:
        tables.spark.sql(f"RESTORE TABLE {tables.place(name)} TO VERSION AS OF {before}")


def too_many(written: Written, limit: float, rejected: DataFrame) -> DataError:
    """The error for a source of which too large a share was rejected, with its most frequent rules and examples."""
    rules = quarantine.rules(rejected)
    lines = [
        f"{count(each.rows)} × {each.rule}: {each.position} {each.example}".strip() for each in rules[:RULES_IN_ERROR]
    ]
    return DataError(
        f"{count(written.quarantined)} of {count(written.read)} records ({share(written.quarantined / written.read)}) "
        f"break a rule, and {share(limit)} may:\n  " + "\n  ".join(lines),
        key="max_quarantine_share",
        fix="\nNothing was ingested. Correct the files or `columns`, or raise the limit.",
    )
