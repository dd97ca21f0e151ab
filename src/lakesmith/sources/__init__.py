"""Sources: where raw records come from, and how each of them is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

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
IS_DELETE = "_lakesmith_is_delete"  # boolean: only in the readings of changes by key
RULE = "_lakesmith_rule"  # string: the rule a record broke ("type: 'dep_time' is not int"); null = accepted


@dataclass(frozen=True)
class InputFile:
    """One file of a source: its path as a URI or local path, its size in bytes and the SHA-256 of its content.

    For a table: how it is named, 0 bytes, and `table id@version`; `since` is then what was read last, in the same
    form, where only what came after it is to be read.
    """

    path: str
    size: int
    sha256: str
    since: str | None = None


@dataclass(frozen=True)
class Reading:
    """One lazily read frame of all records: the source's typed columns + FILE, POSITION, RAW, RULE.

    `columns` is the schema the records were read by (name → Spark DDL type); `inferred` says that it was guessed.
    With `key` the records are changes, one a key at most: each takes the place of bronze's row with its key, or only
    takes that row away where the further column IS_DELETE is true.
    """

    records: DataFrame
    columns: dict[str, str]
    inferred: bool
    key: tuple[str, ...] = ()


class Source(Piece):
    """Where raw records come from."""

    scope: ClassVar[Scope] = "row"
    # Whether one file's records can be told from another's in bronze (FILE), and so be replaced alone.
    by_file: ClassVar[bool] = True
    # Whether a column may be a struct, array or map.
    nested: ClassVar[bool] = True

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

    @property
    def is_incremental(self) -> bool:
        """Whether only what is new since the last run is read: `files` is then one input with `identity@position`."""
        return False

    def names(self, table: str) -> Names | None:
        """The declared column names, or None where the schema is inferred (unknown before the data is read)."""
        return Names(table, tuple(self.columns)) if self.columns is not None else None

    def reading_keys(self) -> dict[str, Any]:
        """The fields that say how records are read: when one of them changes, all of them are read again."""
        return self.model_dump(mode="json", exclude={"max_quarantine_share"})

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        """The input files with their content digests, sorted by path. `data` is the env's data folder.

        Raises EnvironmentFault for what does not exist or cannot be read, DataError where there is nothing to read.
        """
        raise NotImplementedError

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The records of `files`, accepted and rejected ones together, told apart by RULE; no Spark action but the
        one that infers a schema. Raises DataError naming the file for what stops the run (truncated gzip, wrong
        header)."""
        raise NotImplementedError


class FileSource(Source):
    """Files: each is read once, told by its path and the digest of its content; new ones are added to bronze."""

    path: str = Field(min_length=1, description="File, folder or glob; relative paths start at the env's `data`.")
    on_change: Literal["fail", "replace"] | None = Field(
        None,
        description="What happens when a file that was read has other content now: the run fails, or the file's "
        "records are replaced. Left out: `replace` where `path` is one file, `fail` for a folder or glob.",
    )
    on_gone: Literal["fail", "remove", "keep"] = Field(
        "fail",
        description="What happens when a file that was read is no longer there: the run fails, or the file's records "
        "are removed, or kept (for folders that are emptied after a load).",
    )

    def reading_keys(self) -> dict[str, Any]:
        others = ("path", "on_change", "on_gone")
        return {name: value for name, value in super().reading_keys().items() if name not in others}

    def files(self, spark: SparkSession, data: str) -> tuple[InputFile, ...]:
        from lakesmith.sources.files import input_files

        return input_files(spark, self.path, data)

    def replaces(self, present: tuple[InputFile, ...]) -> bool:
        """Whether a changed file's records are replaced; `present` are the files that `path` means now."""
        if self.on_change is not None:
            return self.on_change == "replace"
        return len(present) == 1 and present[0].path.endswith(self.path.removeprefix("file:").lstrip("./"))


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
