"""Csv: text files with a separator; a record is one line, read strictly."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from lakesmith.errors import DataError
from lakesmith.sources import FILE, POSITION, FileSource, InputFile, Reading
from lakesmith.sources.csv_headers import check, names_in
from lakesmith.sources.csv_values import Dialect, texts
from lakesmith.sources.inference import SAMPLE_LINES, types_of_texts
from lakesmith.sources.lines import LINE, first_lines, repeats, text_lines
from lakesmith.sources.strict import Formats, typed
from lakesmith.sources.text_records import accounted, known_zone, not_utf8, type_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame, SparkSession

_PARSED = "_lakesmith_parsed"


class Csv(FileSource):
    """Files of separated values, UTF-8, plain or packed as gz or bz2; one record per line that is not empty.

    Every value must be one of its column's type as it stands: `12.5` is no int, `1.005` no decimal(9,2). The header
    of every file is read: the same names in another order are put right, other names stop the run. A quoted value
    may hold the separator and quotes, but no line break: such a record is quarantined as a quote that is not closed.
    """

    nested: ClassVar[bool] = False

    kind: Literal["csv"] = "csv"
    header: bool = Field(True, description="Whether the first line of every file names its columns.")
    separator: str = Field(",", min_length=1, max_length=1, description="The character between values.")
    quote: str | None = Field('"', min_length=1, max_length=1, description="Encloses values; null: nothing does.")
    escape: str | None = Field(
        None, min_length=1, max_length=1, description="Stands before a quote inside quotes; null: quotes are doubled."
    )
    null_values: tuple[str, ...] = Field(("",), description="Values that mean null, quoted or not, in every column.")
    date_format: str | None = Field(None, description="Spark pattern such as `dd.MM.yyyy`; null: ISO 8601.")
    timestamp_format: str | None = Field(None, description="Spark pattern; null: ISO 8601, with or without a zone.")
    time_zone: str = Field("UTC", description="Time zone of timestamps that name none, such as `Europe/Berlin`.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)

    @property
    def dialect(self) -> Dialect:
        """How a line is split into values."""
        return Dialect(self.separator, self.quote, self.escape)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The records by the columns' names, or by their order where there is no header."""
        if not self.header:
            lines = text_lines(spark, files)
            in_order = self.columns or self._inferred(lines, None)
            return Reading(self._records(lines, in_order, list(in_order)), in_order, self.columns is None)
        by_header = self._by_header(spark, files)
        first, its_files = next(iter(by_header.items()))
        columns = self.columns
        if columns is None:
            names = names_in(first, self.dialect, its_files[0].path)
            columns = self._inferred(text_lines(spark, its_files).filter(_is_not(first)), names)
        frames = [self._under_header(spark, columns, line, each) for line, each in by_header.items()]
        whole = reduce(lambda one, other: one.unionByName(other), frames)
        return Reading(whole, columns, self.columns is None)

    def _by_header(self, spark: SparkSession, files: Sequence[InputFile]) -> dict[str, list[InputFile]]:
        """Header line → its files. An empty file has no records; nothing but empty files is an error."""
        lines = first_lines(spark, files)
        grouped: dict[str, list[InputFile]] = {}
        for file in files:
            if (line := lines[file.path]) is not None:
                grouped.setdefault(line, []).append(file)
        if not grouped:
            told = files[0].path if len(files) == 1 else f"each of {len(files)} files"
            raise DataError(f"{told} is empty: there is no header line", key="path", fix="Check where it came from.")
        return grouped

    def _under_header(
        self, spark: SparkSession, columns: dict[str, str], line: str, files: list[InputFile]
    ) -> DataFrame:
        """The records of the files that begin with one header line."""
        order = names_in(line, self.dialect, files[0].path)
        check(order, list(columns), files[0].path)
        return self._records(_without_header(spark, line, files), columns, order)

    def _records(self, lines: DataFrame, columns: dict[str, str], order: list[str]) -> DataFrame:
        """Text, then typed values, then the rules, each in one projection: a value is parsed once, and used twice."""
        from pyspark.sql import functions as F

        formats = Formats(self.date_format, self.timestamp_format, self.time_zone)
        parsed = lines.withColumn(_PARSED, self.dialect.parsed(F.col(LINE), len(order)))
        text_of = {name: f"_lakesmith_text{position}" for position, name in enumerate(columns)}
        value_of = {name: f"_lakesmith_value{position}" for position, name in enumerate(columns)}
        found = texts(F.col(_PARSED), order, self.null_values)
        as_text = parsed.withColumns({text_of[name]: found[name] for name in columns})
        as_values = as_text.withColumns(
            {value_of[name]: typed(F.col(text_of[name]), type_, formats) for name, type_ in columns.items()}
        )
        changed = [
            (F.col(text_of[name]).isNotNull() & F.col(value_of[name]).isNull(), type_rule(name, type_))
            for name, type_ in columns.items()
            if type_ != "string"
        ]
        of_line = self.dialect.whole_line_rules(F.col(LINE), F.col(_PARSED), len(order))
        values = {name: F.col(value_of[name]) for name in columns}
        return accounted(as_values, values, [not_utf8(), _has_nul(), *of_line, *changed])

    def _inferred(self, lines: DataFrame, names: list[str] | None) -> dict[str, str]:
        """Columns from a sample of the lines, by one job; without a header they are called c1, c2, …"""
        sample = [row[LINE] for row in lines.select(LINE).limit(SAMPLE_LINES).collect()]
        rows = list(self.dialect.split(sample))
        if names is None:
            if not rows:
                raise DataError("the files are empty", key="path", fix="Declare `columns`, or check the files.")
            names = [f"c{position + 1}" for position in range(len(rows[0]))]
        whole = [row for row in rows if len(row) == len(names)]
        return types_of_texts(names, whole, self.null_values)


def _has_nul() -> tuple[Column, str]:
    """The parser reads a value of NUL characters as null."""
    from pyspark.sql import functions as F

    return F.contains(F.col(LINE), F.lit("\x00")), "encoding: the line holds a NUL character"


def _is_not(line: str) -> Column:
    from pyspark.sql import functions as F

    return F.col(LINE) != F.lit(line)


def _without_header(spark: SparkSession, line: str, files: list[InputFile]) -> DataFrame:
    """All lines but one header a file.

    A file may be read in pieces by several tasks, and none of them knows which line came first; so every line equal
    to the header goes, and those that were records come back, as often as they stood there.
    """
    from pyspark.sql import functions as F

    kept = text_lines(spark, files).filter(_is_not(line))
    again = repeats(spark, files, line)
    if not again:
        return kept
    rows = [(line, path, count) for path, count in again.items()]
    counted = spark.createDataFrame(rows, f"{LINE} string, {FILE} string, count int")
    times = counted.withColumn("count", F.explode(F.sequence(F.lit(1), F.col("count"))))
    return kept.union(times.select(LINE, FILE, F.lit(None).cast("string").alias(POSITION)))
