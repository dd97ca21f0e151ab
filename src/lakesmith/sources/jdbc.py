"""Jdbc: a table of a database, read whole or from where the last run ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.expressions import Expression, compiled
from lakesmith.sources import InputFile, Reading, Source
from lakesmith.sources.databases import DATABASES, Database, asked
from lakesmith.sources.fingerprints import fingerprint
from lakesmith.sources.parquet import accepted, check_types, types_in
from lakesmith.sources.secrets import Secret
from lakesmith.sources.types import FLOATS, INTEGERS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_ORDERED = (*INTEGERS, *FLOATS, "decimal", "date", "timestamp", "timestamp_ntz")


class Partitions(BaseModel):
    """How a table is read by several connections at once: ranges of one column."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str = Field(min_length=1, description="Number, date or timestamp whose ranges are read side by side.")
    lower: int | str = Field(description="Where the second range begins to count from; rows below are read too.")
    upper: int | str = Field(description="Where the last range begins to count to; rows above are read too.")
    count: int = Field(ge=2, le=1_000, description="Number of ranges, and of connections at most.")


class Jdbc(Source):
    """A table of a database. Without `watermark` it is read anew as a whole when its rows have changed.

    With it, only rows above the largest value of the last run are read and added; a row that is changed must get a
    new value, and a deleted row stays. Every row is accepted: the table's types are the rules. Times without a zone
    are `timestamp_ntz`; a PostgreSQL numeric without a size is decimal(38,18), by Spark's rule.
    """

    by_file: ClassVar[bool] = False

    kind: Literal["jdbc"] = "jdbc"
    driver: Literal["postgresql", "mysql", "sqlserver", "oracle", "sqlite"] = Field(description="Sort of database.")
    host: str | None = Field(None, pattern=r"^([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])$", description="Server's name.")
    port: int | None = Field(None, ge=1, le=65_535, description="Server's port; left out: the driver's usual one.")
    database: str = Field(
        pattern=r"^[^?;&#%\\{}\s]+$",
        description="Database (Oracle: service; sqlite: file, relative to the env's `data`).",
    )
    table: str = Field(min_length=1, description="Table as the database keeps its name: `schema.table`.")
    where: Expression | None = Field(None, description="Read only rows for which this is true.")
    user: str | None = Field(None, min_length=1, description="Who reads.")
    password: Secret | None = Field(
        None, description="Where the password is kept: `{secret: env:NAME}` or `{secret: databricks:scope/key}`."
    )
    partitions: Partitions | None = Field(None, description="Ranges read side by side; left out: one connection.")
    watermark: str | None = Field(
        None, description="Column that grows with every new row: only rows above its last value are read."
    )
    fetch_size: int = Field(10_000, ge=1, description="Rows a connection fetches at once.")

    @model_validator(mode="after")
    def _is_reachable(self) -> Jdbc:
        if self.driver == "sqlite":
            if any(each is not None for each in (self.host, self.port, self.user, self.password)):
                raise ValueError("sqlite is a file: it has no host, port, user and password")
        elif self.host is None or self.user is None:
            raise ValueError(f"{self.driver} needs `host` and `user`")
        return self

    @field_validator("table")
    @classmethod
    def _has_no_empty_part(cls, table: str) -> str:
        if not all(part.strip() for part in table.split(".")):
            raise ValueError(f"'{table}' is not a table's name, such as visits or public.visits")
        return table

    @property
    def is_incremental(self) -> bool:
        return self.watermark is not None

    def reading_keys(self) -> dict[str, Any]:
        others = ("user", "password", "partitions", "fetch_size")
        return {name: value for name, value in super().reading_keys().items() if name not in others}

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The table as one input: its place, 0 bytes, and `watermark@largest value`, or a digest of all its rows."""
        place = self._place(data)
        table = self._table(spark, place)
        with asked(place, self._secret(spark)):
            digest = fingerprint(table) if self.watermark is None else self._position(spark, place, table)
        return (InputFile(place, 0, digest),)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The table's rows, or those above the last value and up to the one that `files` found."""
        from pyspark.sql import functions as F

        file = files[0]
        table = self._table(spark, file.path)
        if self.watermark is not None:
            table = table.filter(_between(table, self.watermark, file))
        columns = self.columns or types_in(table)
        check_types(types_in(table), columns, file.path)
        return Reading(accepted(table, columns, F.lit(None).cast("string")), columns, self.columns is None)

    @property
    def _system(self) -> Database:
        return DATABASES[self.driver]

    def _place(self, data: str) -> str:
        """How messages and results call the table; user and password are no part of it."""
        if self.driver == "sqlite":
            database = self.database if self.database.startswith("/") else f"{data.rstrip('/')}/{self.database}"
            return f"sqlite:{database}#{self.table}"
        return f"{self.driver}://{self.host}:{self.port or self._system.port}/{self.database}#{self.table}"

    def _secret(self, spark: SparkSession) -> str | None:
        return self.password.value(spark) if self.password is not None else None

    def _options(self, spark: SparkSession, place: str) -> dict[str, str]:
        """How Spark reaches the database; the password is in these options and nowhere else."""
        database = place.removeprefix("sqlite:").rpartition("#")[0] if self.driver == "sqlite" else self.database
        url = self._system.url.format(host=self.host, port=self.port or self._system.port, database=database)
        given = {
            "url": url,
            "driver": self._system.driver,
            "user": self.user,
            "password": self._secret(spark),
            "sessionInitStatement": self._system.utc,
            "preferTimestampNTZ": "true",
            "fetchsize": str(self.fetch_size),
        }
        return {name: value for name, value in given.items() if value}

    def _table(self, spark: SparkSession, place: str) -> DataFrame:
        from lakesmith.jars import add_jar

        add_jar(spark, self._system.driver, self._system.artifact)
        reader = spark.read.format("jdbc").options(**self._options(spark, place))
        if self.partitions is not None:
            reader = reader.options(
                partitionColumn=self.partitions.column,
                lowerBound=str(self.partitions.lower),
                upperBound=str(self.partitions.upper),
                numPartitions=str(self.partitions.count),
            )
        with asked(place, self._secret(spark)):
            table = reader.option("dbtable", self._system.quoted(self.table)).load()
        if self.where is None:
            return table
        return table.filter(compiled(self.where, Names(place, tuple(table.columns)), "where"))

    def _position(self, spark: SparkSession, place: str, table: DataFrame) -> str:
        """`watermark@largest value`; the database finds the value, so that an index on the column serves."""
        from pyspark.sql import functions as F

        watermark = Names(place, tuple(table.columns)).need(str(self.watermark), key="watermark")
        type_ = types_in(table)[watermark]
        if type_.split("(")[0] not in _ORDERED:
            raise ConfigError(f"'{watermark}' is {type_}", key="watermark", fix="Name a number, a date or a timestamp.")
        if not table.filter(F.col(quote(watermark)).isNull()).isEmpty():
            raise DataError(
                f"{place} has rows whose '{watermark}' is null: they would never be read",
                key="watermark",
                fix=f"Leave them out with `where: {quote(watermark)} IS NOT NULL`, or name another column.",
            )
        query = f"SELECT MAX({self._system.identifier(watermark)}) AS last FROM {self._system.quoted(self.table)}"
        last = spark.read.format("jdbc").options(**self._options(spark, place)).option("query", query).load()
        row = last.select(F.col(last.columns[0]).cast(type_).cast("string").alias("last")).first()
        return f"{watermark}@{(row['last'] if row is not None else None) or ''}"


def _between(table: DataFrame, watermark: str, file: InputFile) -> Column:
    """The rows above the recorded value and up to the one found now."""
    from pyspark.sql import functions as F

    column, type_ = F.col(quote(watermark)), types_in(table)[watermark]
    now, since = (each.rpartition("@")[2] if each else "" for each in (file.sha256, file.since))
    rows = column <= F.lit(now).cast(type_) if now else F.lit(False)
    return rows & (column > F.lit(since).cast(type_)) if since else rows
