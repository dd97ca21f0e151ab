"""Table: a table or view of the session's catalog, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from lakesmith.columns import quote
from lakesmith.errors import EnvironmentFault
from lakesmith.sources import InputFile, Reading, Source
from lakesmith.sources.delta import details
from lakesmith.sources.faults import told
from lakesmith.sources.fingerprints import fingerprint
from lakesmith.sources.parquet import accepted, check_types, types_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Table(Source):
    """A table or view of any format; its rows are read anew as a whole when they have changed.

    On Databricks the catalog is Unity Catalog or the workspace's Hive metastore. Elsewhere it is the session's: with
    `spark.sql.catalogImplementation: hive` among the environment's `spark` settings, Spark's own metastore on disk.
    A Delta table is known by its version, any other by a digest of its rows. Every row is accepted: the table's types
    are the rules.
    """

    by_file: ClassVar[bool] = False

    kind: Literal["table"] = "table"
    table: str = Field(min_length=1, description="Name: `table`, `schema.table` or `catalog.schema.table`.")

    @field_validator("table")
    @classmethod
    def _is_a_name(cls, table: str) -> str:
        parts = table.split(".")
        if len(parts) > 3 or not all(part.strip() for part in parts):
            raise ValueError(f"'{table}' is not a table's name, such as visits, raw.visits or main.raw.visits")
        return table

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The table as one input: its name, 0 bytes, and `table id@version` or a digest of all its rows."""
        place = self._place()
        table = self._read(spark)
        with told():
            described = spark.sql(f"DESCRIBE TABLE EXTENDED {place}")
            provider = described.filter("col_name = 'Provider'").select("data_type").first()
            if provider is None or provider["data_type"].lower() != "delta":
                return (InputFile(place, 0, fingerprint(table)),)
        found = details(spark, place, "table")
        return (InputFile(place, 0, f"{found.id}@{found.version}"),)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The table's rows as they are now."""
        from pyspark.sql import functions as F

        table = self._read(spark)
        columns = self.columns or types_in(table)
        check_types(types_in(table), columns, files[0].path)
        return Reading(accepted(table, columns, F.lit(None).cast("string")), columns, self.columns is None)

    def _place(self) -> str:
        """The table as SQL names it."""
        return ".".join(quote(part) for part in self.table.split("."))

    def _read(self, spark: SparkSession) -> DataFrame:
        from pyspark.errors import PySparkException

        try:
            return spark.table(self._place())
        except PySparkException as error:
            first = str(error).strip().splitlines()[0][:200]
            raise EnvironmentFault(
                f"{self._place()} is not a table that can be read ({first})",
                key="table",
                fix="Name it as catalog.schema.table, and check this user's right to read it.",
            ) from error
