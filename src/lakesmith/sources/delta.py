"""Delta: a Delta table, at its newest or a fixed version."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from lakesmith.columns import quote
from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.sources import InputFile, Reading, Source
from lakesmith.sources.faults import told
from lakesmith.sources.files import is_remote
from lakesmith.sources.parquet import accepted, check_types, types_in

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Delta(Source):
    """A Delta table by path or by name; its rows are read anew as a whole when its version changes.

    Declared columns must be in the table with their type, or one that widens to it; others are not read. Every row
    is accepted: the table's types are the rules.
    """

    by_file: ClassVar[bool] = False

    kind: Literal["delta"] = "delta"
    path: str = Field("", description="Folder of the table; relative paths start at the env's `data`.")
    table: str | None = Field(None, min_length=1, description="Table name instead of a path: `catalog.schema.table`.")
    version: int | None = Field(None, ge=0, description="The version to read; left out: the newest.")

    @model_validator(mode="after")
    def _one_place(self) -> Delta:
        if bool(self.path) == (self.table is not None):
            raise ValueError("a delta source has either `path` or `table`")
        return self

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The table as one input: its place, 0 bytes, and `table id@version`."""
        place = self._place(data)
        try:
            detail = spark.sql(f"DESCRIBE DETAIL {place}").select("id").first()
            newest = spark.sql(f"DESCRIBE HISTORY {place} LIMIT 1").select("version").first()
        except Exception as error:
            first = str(error).strip().splitlines()[0][:200]
            raise EnvironmentFault(f"{place} is not a Delta table that can be read ({first})", key=self._key) from error
        if detail is None or newest is None:
            raise EnvironmentFault(f"{place} is not a Delta table", key=self._key)
        if self.version is not None and self.version > newest["version"]:
            raise DataError(f"{place} has no version {self.version}, its newest is {newest['version']}", key="version")
        version = self.version if self.version is not None else newest["version"]
        return (InputFile(place, 0, f"{detail['id']}@{version}"),)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The table's rows at the version that `files` found."""
        from pyspark.sql import functions as F

        place, version = files[0].path, files[0].sha256.rsplit("@", 1)[1]
        with told():
            table = spark.sql(f"SELECT * FROM {place} VERSION AS OF {int(version)}")
        columns = self.columns or types_in(table)
        check_types(types_in(table), columns, place)
        return Reading(accepted(table, columns, F.lit(None).cast("string")), columns, self.columns is None)

    @property
    def _key(self) -> str:
        return "table" if self.table is not None else "path"

    def _place(self, data: str) -> str:
        """The table as SQL names it."""
        if self.table is not None:
            return ".".join(quote(part) for part in self.table.split("."))
        absolute = is_remote(self.path) or self.path.startswith(("/", "file:"))
        return f"delta.{quote(self.path if absolute else f'{data}/{self.path}')}"
