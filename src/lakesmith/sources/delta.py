"""Delta: a Delta table, at its newest or a fixed version, or its changes since the last run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from lakesmith.columns import Names, quote
from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources import IS_DELETE, InputFile, Reading, Source
from lakesmith.sources.change_feed import FEED, by_key, changes, check_enabled, snapshot
from lakesmith.sources.faults import told
from lakesmith.sources.files import is_remote
from lakesmith.sources.parquet import accepted, check_types, types_in

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Delta(Source):
    """A Delta table by path or by name; its rows are read anew as a whole when its version changes.

    With `changes` the first run takes the table as it is and later ones its change feed: with a `key` bronze is kept
    equal to the table by inserts, updates and deletes, without one every change is added with `_change_type`,
    `_commit_version` and `_commit_timestamp`.

    Declared columns must be in the table with their type, or one that widens to it; others are not read. Every row
    is accepted: the table's types are the rules.
    """

    by_file: ClassVar[bool] = False

    kind: Literal["delta"] = "delta"
    path: str = Field("", description="Folder of the table; relative paths start at the env's `data`.")
    table: str | None = Field(None, min_length=1, description="Table name instead of a path: `catalog.schema.table`.")
    version: int | None = Field(None, ge=0, description="The version to read; left out: the newest.")

    timestamp: str | None = Field(
        None, description="The table as it was at this time, in ISO 8601, in UTC where no zone is named."
    )
    changes: bool = Field(False, description="Whether only what changed since the last run is read.")
    key: tuple[str, ...] = Field(
        (),
        description="With `changes`: columns that identify a row, by which changes are applied; none: a log of them.",
    )

    @field_validator("timestamp")
    @classmethod
    def _is_a_time(cls, text: str | None) -> str | None:
        try:
            return text if text is None or datetime.fromisoformat(text) else None
        except ValueError:
            raise ValueError(f"'{text}' is not a time, such as 2024-01-31 or 2024-01-31T10:00:00+01:00") from None

    @model_validator(mode="after")
    def _one_place(self) -> Delta:
        if bool(self.path) == (self.table is not None):
            raise ValueError("a delta source has either `path` or `table`")
        if sum((self.version is not None, self.timestamp is not None, self.changes)) > 1:
            raise ValueError("a delta source has one of `version`, `timestamp` and `changes` at most")
        if self.key and not self.changes:
            raise ValueError("`key` says how changes are applied: set `changes: true`, or leave it out")
        return self

    @property
    def is_incremental(self) -> bool:
        return self.changes

    def names(self, table: str) -> Names | None:
        names = super().names(table)
        return names.plus(FEED) if names is not None and self._is_log else names

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The table as one input: its place, 0 bytes, and `table id@version`."""
        place = self._place(data)
        found = details(spark, place, self._key)
        if self.changes:
            check_enabled(place, found.properties)
        if self.version is not None and self.version > found.version:
            raise DataError(f"{place} has no version {self.version}, its newest is {found.version}", key="version")
        version = self.version if self.version is not None else found.version
        if self.timestamp is not None:
            version = version_at(spark, place, self.timestamp)
        return (InputFile(place, 0, f"{found.id}@{version}"),)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The table's rows at the version that `files` found, or what changed up to it."""
        from pyspark.sql import functions as F

        place, version = files[0].path, _version_in(files[0].sha256)
        nothing = F.lit(None).cast("string")
        with told():
            if not self.changes:
                table = spark.sql(f"SELECT * FROM {place} VERSION AS OF {version}")
            elif files[0].since is None:
                table = snapshot(spark, place, version)
            else:
                table = changes(spark, place, _version_in(files[0].since), version)
        own = {name: type_ for name, type_ in types_in(table).items() if name not in FEED or not self.changes}
        columns = {name: type_ for name, type_ in (self.columns or own).items() if name not in FEED or not self.changes}
        check_types(own, columns, place)
        columns |= FEED if self._is_log else {}
        if not self.key:
            return Reading(accepted(table, columns, nothing), columns, self.columns is None)
        with told():
            last = by_key(table, self.key, place)
        records = accepted(last, {**columns, IS_DELETE: "boolean"}, nothing)
        return Reading(records, columns, self.columns is None, self.key)

    @property
    def _is_log(self) -> bool:
        return self.changes and not self.key

    @property
    def _key(self) -> str:
        return "table" if self.table is not None else "path"

    def _place(self, data: str) -> str:
        """The table as SQL names it."""
        if self.table is not None:
            return ".".join(quote(part) for part in self.table.split("."))
        absolute = is_remote(self.path) or self.path.startswith(("/", "file:"))
        return f"delta.{quote(self.path if absolute else f'{data}/{self.path}')}"


@dataclass(frozen=True)
class Details:
    """A Delta table's id, its newest version and its properties."""

    id: str
    version: int
    properties: dict[str, str]


def details(spark: SparkSession, place: str, key: str) -> Details:
    """What Delta knows of the table that SQL calls `place`. Raises EnvironmentFault under `key` where there is none."""
    try:
        detail = spark.sql(f"DESCRIBE DETAIL {place}").select("id", "properties").first()
        newest = spark.sql(f"DESCRIBE HISTORY {place} LIMIT 1").select("version").first()
    except Exception as error:
        first = str(error).strip().splitlines()[0][:200]
        raise EnvironmentFault(f"{place} is not a Delta table that can be read ({first})", key=key) from error
    if detail is None or newest is None:
        raise EnvironmentFault(f"{place} is not a Delta table", key=key)
    return Details(detail["id"], newest["version"], detail["properties"] or {})


def version_at(spark: SparkSession, place: str, timestamp: str) -> int:
    """The newest version that is not younger than a time. Raises DataError for a time before the oldest one known."""
    from pyspark.sql import functions as F

    history = spark.sql(f"DESCRIBE HISTORY {place}")
    asked = F.lit(timestamp).cast("timestamp")
    row = history.agg(
        F.max(F.when(F.col("timestamp") <= asked, F.col("version"))).alias("version"),
        F.min("timestamp").cast("string").alias("oldest"),
    ).first()
    if row is None or row["version"] is None:
        oldest = row["oldest"] if row is not None else "unknown"
        raise DataError(f"{place} has no version as old as {timestamp}, its oldest is of {oldest}", key="timestamp")
    return int(row["version"])


def _version_in(digest: str) -> int:
    return int(digest.rpartition("@")[2])
