"""The only place that knows Delta: reads, writes, versions, merges of one project's tables, and the stage_runs table.

Delta is spoken to by SQL and by Spark's readers and writers, never by its Python classes: those need a plug-in of
their own in the server where the session is one of Spark Connect.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakesmith.columns import quote
from lakesmith.errors import DataError, EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter, SparkSession

# Commits that leave every row as it was; any other operation counts as a change of data.
DATA_KEEPING = (
    "OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "ANALYZE", "COMPUTE STATS",
    "REORG", "UPGRADE PROTOCOL", "CLUSTER BY", "CHANGE COLUMN", "ADD CONSTRAINT", "DROP CONSTRAINT", "FSCK",
)  # fmt: skip
MAPPED_CHARACTERS = " ,;{}()\n\t="
COLUMN_MAPPING = {
    "delta.columnMapping.mode": "name",
    "delta.minReaderVersion": "2",
    "delta.minWriterVersion": "5",
}
STAGE_RUNS = "stage_runs"
STAGE_RUNS_SCHEMA = "stage string, key string, result string, segment string, recorded_at timestamp"


@dataclass(frozen=True)
class MergeCounts:
    """Rows a merge inserted and updated; both 0 means that no commit was made. `version` is the table's after it."""

    inserted: int
    updated: int
    version: int


@dataclass(frozen=True)
class Tables:
    """The Delta tables of one project: folders under `folder`, or tables of `schema` (catalog.schema) with a prefix.

    Every write carries a token in its commit metadata, by which its version is found again: two writers at once
    never take each other's version for their own.
    """

    spark: SparkSession
    folder: Path | None = None
    schema: str | None = None
    prefix: str = ""

    def place(self, name: str) -> str:
        """The table as SQL names it."""
        if self.schema is not None:
            return ".".join(quote(part) for part in (*self.schema.split("."), f"{self.prefix}{name}"))
        return f"delta.{quote(self._path(name))}"

    def exists(self, name: str) -> bool:
        if self.schema is not None:
            return bool(self.spark.catalog.tableExists(self.place(name)))
        commits = Path(self._path(name)) / "_delta_log"
        return any(each.suffix in (".json", ".parquet") for each in commits.glob("*"))

    def read(self, name: str, version: int | None = None) -> DataFrame:
        """The table as of now, or as of a version. Raises DataError naming the stage that makes a missing table."""
        if not self.exists(name):
            raise DataError(f"the table '{name}' does not exist yet", fix="Run the stages before this one first.")
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.table(self.place(name)) if self.schema is not None else reader.load(self._path(name))

    def version(self, name: str) -> int:
        """The last version that changed data: an OPTIMIZE or VACUUM since then does not count."""
        for limit in (20, None):
            for commit in self._history(name, limit).select("version", "operation").collect():
                if commit["operation"].split(" (")[0] not in DATA_KEEPING:
                    return int(commit["version"])
        return 0

    def identity(self, name: str) -> str:
        """`table id @ last data-changing version`: equal identities mean equal rows."""
        table_id = self.spark.sql(f"DESCRIBE DETAIL {self.place(name)}").select("id").first()
        return f"{table_id['id'] if table_id else '?'}@{self.version(name)}"

    def rows(self, name: str) -> int:
        return self.read(name).count()

    def overwrite(self, name: str, frame: DataFrame, *, partition_by: Sequence[str] = ()) -> int:
        """Replaces rows and schema in one commit; returns its version."""
        writer = self._writer(name, frame).mode("overwrite").option("overwriteSchema", "true")
        return self._save(name, writer.partitionBy(*partition_by) if partition_by else writer)

    def append(self, name: str, frame: DataFrame) -> int:
        return self._save(name, self._writer(name, frame).mode("append").option("mergeSchema", "true"))

    def replace(self, name: str, frame: DataFrame, where: str) -> int:
        """Rows matching `where` (Spark SQL) are replaced by `frame`, all of whose rows match it, in one commit."""
        if not self.exists(name):
            return self.append(name, frame)
        writer = self._writer(name, frame).mode("overwrite").option("mergeSchema", "true")
        return self._save(name, writer.option("replaceWhere", where))

    def merge(self, name: str, frame: DataFrame, *, on: Sequence[str], digest: str) -> MergeCounts:
        """Rows of `frame` new by `on` are inserted, those whose `digest` differs are updated, the rest is left alone.

        Nothing to change means no commit. The caller refuses null keys before: they would be inserted again each run.
        """
        from pyspark.sql import functions as F

        if not self.exists(name):
            version = self.overwrite(name, frame)
            return MergeCounts(self.rows(name), 0, version)
        matched = " AND ".join(f"old.{quote(each)} = new.{quote(each)}" for each in on)
        before = self._latest(name)
        held = self.read(name).select(*[F.col(quote(each)) for each in (*on, digest)])
        asked = frame.select(*[F.col(quote(each)) for each in (*on, digest)])
        if asked.join(held, on=[*on, digest], how="left_anti").isEmpty():
            return MergeCounts(0, 0, before)  # Delta would commit a version in which nothing changed
        changed = f"NOT (old.{quote(digest)} <=> new.{quote(digest)})"
        view = f"_lakesmith_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(view)
        try:
            self.spark.sql(
                f"MERGE WITH SCHEMA EVOLUTION INTO {self.place(name)} AS old USING {view} AS new ON {matched}"
                f" WHEN MATCHED AND {changed} THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
            ).collect()
        finally:
            self.spark.catalog.dropTempView(view)
        last = self._history(name, 1).select("version", "operation", "operationMetrics").first()
        if last is None or int(last["version"]) == before:
            return MergeCounts(0, 0, before)
        counts = last["operationMetrics"]
        inserted, updated = int(counts["numTargetRowsInserted"]), int(counts["numTargetRowsUpdated"])
        return MergeCounts(inserted, updated, int(last["version"]))

    def record(self, stage: str, key: str, result: str, segment: str | None = None) -> None:
        """One row of stage_runs, written after all outputs of the stage are there."""
        from pyspark.sql import functions as F

        row = self.spark.createDataFrame(
            [(stage, key, result, segment)], "stage string, key string, result string, segment string"
        )
        self.append(STAGE_RUNS, row.withColumn("recorded_at", F.current_timestamp()))

    def recorded(self) -> dict[str, tuple[str, str]]:
        """stage → (key, result JSON) of its last recorded run, from one scan; {} before the first."""
        if not self.exists(STAGE_RUNS):
            return {}
        from pyspark.sql import functions as F

        last = F.max_by(F.struct("key", "result"), F.col("recorded_at")).alias("last")
        rows = self.read(STAGE_RUNS).groupBy("stage").agg(last).collect()
        return {row["stage"]: (row["last"]["key"], row["last"]["result"]) for row in rows}

    def _path(self, name: str) -> str:
        if self.folder is None:
            raise EnvironmentFault("tables need a folder or a schema", fix="Set `workspace` or `catalog` and `schema`.")
        return str(self.folder / name)

    def _history(self, name: str, limit: int | None) -> DataFrame:
        """The commits, newest first."""
        return self.spark.sql(f"DESCRIBE HISTORY {self.place(name)}{f' LIMIT {limit}' if limit else ''}")

    def _latest(self, name: str) -> int:
        last = self._history(name, 1).select("version").first()
        return int(last["version"]) if last else -1

    def _writer(self, name: str, frame: DataFrame) -> DataFrameWriter:
        """A Delta writer; with column mapping where a name holds a character that Parquet's own names cannot."""
        writer = frame.write.format("delta")
        if not any(character in column for column in frame.columns for character in MAPPED_CHARACTERS):
            return writer
        if self.exists(name):
            properties = ", ".join(f"'{key}' = '{value}'" for key, value in COLUMN_MAPPING.items())
            self.spark.sql(f"ALTER TABLE {self.place(name)} SET TBLPROPERTIES ({properties})")
        return writer.options(**COLUMN_MAPPING)

    def _save(self, name: str, writer: DataFrameWriter) -> int:
        token = uuid.uuid4().hex
        writer = writer.option("userMetadata", json.dumps({"lakesmith": token}))
        if self.schema is not None:
            writer.saveAsTable(self.place(name))
        else:
            writer.save(self._path(name))
        return self._version_of(name, token)

    def _version_of(self, name: str, token: str) -> int:
        commits: list[Any] = self._history(name, 20).select("version", "userMetadata").collect()
        for commit in commits:
            if commit["userMetadata"] and token in commit["userMetadata"]:
                return int(commit["version"])
        return int(commits[0]["version"])
