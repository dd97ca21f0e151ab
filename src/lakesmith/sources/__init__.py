"""Sources: where raw records come from, and how each of them is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Columns a reading carries beside the source's own; bronze keeps FILE and drops the others, quarantine keeps all.
FILE = "_lakesmith_file"  # string: the file a record came from, as the source names it; null for tables
POSITION = "_lakesmith_position"  # string: where in the file, where that is known, else null
RAW = "_lakesmith_raw"  # string: the record as it stood in the source
RULE = "_lakesmith_rule"  # string: the rule a record broke ('type: dep_time is not an int'); null = accepted


@dataclass(frozen=True)
class InputFile:
    """One file of a source: its path as a URI or local path, its size in bytes and the SHA-256 of its content."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Reading:
    """One lazily read frame of all records: the source's typed columns + FILE, POSITION, RAW, RULE.

    `columns` is the schema the records were read by (name → Spark DDL type); `inferred` says that it was guessed.
    """

    records: DataFrame
    columns: dict[str, str]
    inferred: bool


class Source(Piece):
    """Where raw records come from; `path` is taken against the environment's `data` folder when it is relative."""

    scope: ClassVar = "row"
    path: str = Field(min_length=1, description="File, folder or glob; relative paths start at the env's `data`.")
    columns: dict[str, str] | None = Field(
        None, description="Column → Spark type (`int`, `double`, `string`, `decimal(10,2)`, …). Left out: inferred."
    )

    def names(self, table: str) -> Names | None:
        """The declared column names, or None where the schema is inferred (unknown before the data is read)."""
        return Names(table, tuple(self.columns)) if self.columns is not None else None

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The input files with their content digests, sorted by path. `data` is the env's data folder.

        Raises EnvironmentFault for a path that does not exist or cannot be read, DataError for an empty match.
        """
        raise NotImplementedError

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The records of `files`, accepted and rejected ones together, told apart by RULE; no Spark action but the
        one that infers a schema. Raises DataError naming the file for what stops the run (truncated gzip, wrong
        header)."""
        raise NotImplementedError


SOURCES: Catalogue[Source] = Catalogue(Source)
AnySource = Annotated[Source, SOURCES]
