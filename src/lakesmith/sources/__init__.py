"""Sources: where raw records come from, and how each of them is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, field_validator

from lakesmith.columns import RESERVED, Names
from lakesmith.piece import Catalogue, Piece, Scope
from lakesmith.sources.types import canonical, is_scalar

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Columns a reading carries beside the source's own; bronze keeps FILE and drops the others, quarantine keeps all.
FILE = "_lakesmith_file"  # string: the file a record came from, as InputFile.path names it; null for tables
POSITION = "_lakesmith_position"  # string: where in the file, where that is known, else null
RAW = "_lakesmith_raw"  # string: the record as it stood in the source; null where it was not text
RULE = "_lakesmith_rule"  # string: the rule a record broke ("type: 'dep_time' is not int"); null = accepted


@dataclass(frozen=True)
class InputFile:
    """One file of a source: its path as a URI or local path, its size in bytes and the SHA-256 of its content.

    For a table: how it is named, 0 bytes, and `table id@version`.
    """

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

    scope: ClassVar[Scope] = "row"
    # Whether one file's records can be told from another's in bronze (FILE), and so be replaced alone.
    by_file: ClassVar[bool] = True
    # Whether a column may be a struct, array or map.
    nested: ClassVar[bool] = True

    path: str = Field(min_length=1, description="File, folder or glob; relative paths start at the env's `data`.")
    columns: dict[str, str] | None = Field(
        None, description="Column → Spark type (`int`, `double`, `string`, `decimal(10,2)`, …). Left out: inferred."
    )
    max_quarantine_share: float = Field(
        0.1, ge=0, le=1, description="Largest share of newly read records that may be quarantined, in [0, 1]."
    )

    @field_validator("columns")
    @classmethod
    def _known_types(cls, columns: dict[str, str] | None) -> dict[str, str] | None:
        if columns is None:
            return None
        check_names(columns)
        types = {name: _canonical(name, type_) for name, type_ in columns.items()}
        odd = [name for name, type_ in types.items() if not cls.nested and not is_scalar(type_)]
        if odd:
            raise ValueError(f"'{odd[0]}' is {types[odd[0]]}: this kind of source has no nested values")
        return types

    def names(self, table: str) -> Names | None:
        """The declared column names, or None where the schema is inferred (unknown before the data is read)."""
        return Names(table, tuple(self.columns)) if self.columns is not None else None

    def reading_keys(self) -> dict[str, Any]:
        """The fields that say how a file is read: when one of them changes, every file is read again."""
        return self.model_dump(mode="json", exclude={"path", "max_quarantine_share"})

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The input files with their content digests, sorted by path. `data` is the env's data folder.

        Raises EnvironmentFault for a path that does not exist or cannot be read, DataError for an empty match.
        """
        from lakesmith.sources.files import input_files

        return input_files(spark, self.path, data)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The records of `files`, accepted and rejected ones together, told apart by RULE; no Spark action but the
        one that infers a schema. Raises DataError naming the file for what stops the run (truncated gzip, wrong
        header)."""
        raise NotImplementedError


def check_names(names: Any) -> None:
    """Raises ValueError unless `names` can be the columns of one table: at least one, none empty, reserved or twice.

    Spark tells columns apart without looking at their case, so two that differ only in it are the same one.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not name.strip():
            raise ValueError("a column has no name")
        if name.startswith(RESERVED):
            raise ValueError(f"'{name}' starts with '{RESERVED}', which is reserved")
        if name.casefold() in seen:
            one = seen[name.casefold()]
            raise ValueError(f"the column '{name}' stands there twice" + (f" ('{one}')" if one != name else ""))
        seen[name.casefold()] = name
    if not seen:
        raise ValueError("there are no columns")


def _canonical(name: str, type_: str) -> str:
    try:
        return canonical(type_)
    except ValueError as error:
        raise ValueError(f"column '{name}': {error}") from None


SOURCES: Catalogue[Source] = Catalogue(Source)
AnySource = Annotated[Source, SOURCES]
