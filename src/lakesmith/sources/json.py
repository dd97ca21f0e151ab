"""Json: files of JSON lines, or of one document or array of documents a file, read strictly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from lakesmith.errors import DataError
from lakesmith.sources import FileSource, InputFile, Reading, check_names, faults
from lakesmith.sources.documents import json_documents
from lakesmith.sources.inference import SAMPLE_LINES, types_of_objects
from lakesmith.sources.lines import LINE, text_lines
from lakesmith.sources.strict import Formats, typed
from lakesmith.sources.text_records import Rules, accounted, known_zone, not_utf8, type_rule
from lakesmith.sources.types import FLOATS, INTEGERS, is_scalar

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_PARSED = "_lakesmith_parsed"
_KEYS = "_lakesmith_keys"
_CORRUPT = "_lakesmith_corrupt"
# Appended to a line to see that the line ends where its object ends: parsers stop there and drop what follows.
_END = "_lakesmith_end_of_line"


class Json(FileSource):
    """Files of JSON lines, UTF-8, plain or packed as gz or bz2; one record per line that is not empty.

    With `multiline` a file is one object or one array of objects, each of them a record; a file that is not one JSON
    value as a whole stops the run.

    A value must be of its column's type as JSON writes it: `"5"` is no int, `5` no string, `1.0` no int. A key that
    is missing is null. Keys twice in an object, or spelled in another case than the column, are quarantined. Inside a
    struct, array or map the declared types hold, but unknown keys and rounded decimals are not noticed.
    """

    kind: Literal["json"] = "json"
    multiline: bool = Field(
        False, description="Whether a file is one document or an array of them, over any lines, not a record a line."
    )
    unknown_keys: Literal["quarantine", "ignore"] = Field(
        "quarantine", description="What happens to a record with a key that is no column."
    )
    date_format: str | None = Field(None, description="Spark pattern such as `dd.MM.yyyy`; null: ISO 8601.")
    timestamp_format: str | None = Field(None, description="Spark pattern; null: ISO 8601, with or without a zone.")
    time_zone: str = Field("UTC", description="Time zone of timestamps that name none, such as `Europe/Berlin`.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)

    def read(self, spark: SparkSession, files: tuple[InputFile, ...]) -> Reading:
        """The objects by the columns' names."""
        if not any(each.size for each in files):
            told = files[0].path if len(files) == 1 else f"each of {len(files)} files"
            raise DataError(f"{told} is empty", key="path", fix="Check where it came from.")
        lines = json_documents(spark, files) if self.multiline else text_lines(spark, files)
        with faults.told():
            columns = self.columns or _inferred(lines)
        return Reading(self._records(lines, columns), columns, self.columns is None)

    def _records(self, lines: DataFrame, columns: dict[str, str]) -> DataFrame:
        """Parsed, then kinds and texts, then typed values, then the rules, each in one projection."""
        from pyspark.sql import functions as F

        parsed = lines.withColumns({_PARSED: _parsed(columns), _KEYS: F.json_object_keys(F.col(LINE))})
        scalars = {name: type_ for name, type_ in columns.items() if is_scalar(type_)}
        place = {name: str(position) for position, name in enumerate(columns)}
        field = {name: F.col(_PARSED).getField(name) for name in columns}
        as_text = parsed.withColumns(
            {f"_lakesmith_kind{place[name]}": F.schema_of_variant(field[name]) for name in scalars}
            | {f"_lakesmith_text{place[name]}": F.try_variant_get(field[name], "$", "string") for name in scalars}
        )
        formats = Formats(self.date_format, self.timestamp_format, self.time_zone)
        as_values = as_text.withColumns(
            {f"_lakesmith_value{place[name]}": _typed(place[name], type_, formats) for name, type_ in scalars.items()}
        )
        changed = [
            (
                F.col(f"_lakesmith_text{place[name]}").isNotNull() & F.col(f"_lakesmith_value{place[name]}").isNull(),
                type_rule(name, type_),
            )
            for name, type_ in scalars.items()
        ]
        values = {name: F.col(f"_lakesmith_value{place[name]}") if name in scalars else field[name] for name in columns}
        return accounted(as_values, values, [not_utf8(), *self._key_rules(columns), *changed, _nested_rule(columns)])

    def _key_rules(self, columns: dict[str, str]) -> Rules:
        from pyspark.sql import functions as F

        record = "document" if self.multiline else "line"
        keys = F.col(_KEYS)
        unknown = F.array_except(keys, F.array(*[F.lit(name) for name in columns]))
        folded = F.array(*[F.lit(name.lower()) for name in columns])
        rules = [
            (
                _has_half_a_character(),
                f"json: the {record} has an escape that is half of a character (\\ud800 to \\udfff)",
            ),
            (keys.isNull() | _ends_early(), f"json: the {record} is not one valid JSON object without a key twice"),
            (
                F.arrays_overlap(F.split(F.lower(F.array_join(unknown, "\x00")), "\x00"), folded),
                "key: spelled in another case than the column",
            ),
        ]
        return rules if self.unknown_keys == "ignore" else [*rules, (F.size(unknown) > 0, "key: not a column")]


def _parsed(columns: dict[str, str]) -> Column:
    """A struct of the columns: single values as variants, which keep the kind JSON gave them; the rest typed."""
    from pyspark.sql import functions as F
    from pyspark.sql import types as T

    schema = T.StructType()
    for name, type_ in columns.items():
        schema.add(name, T.VariantType() if is_scalar(type_) else T.DataType.fromDDL(type_))
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT, "allowSingleQuotes": "false"}
    return F.from_json(F.col(LINE), schema.add(_CORRUPT, "string"), options)


def _typed(place: str, type_: str, formats: Formats) -> Column:
    """The value of one column, null where JSON gave another kind of value than the type takes."""
    from pyspark.sql import functions as F

    kind, text = F.col(f"_lakesmith_kind{place}"), F.col(f"_lakesmith_text{place}")
    if type_ in INTEGERS:
        fits = kind == "BIGINT"
    elif type_ in FLOATS or type_.startswith("decimal"):
        fits = (kind == "BIGINT") | (kind == "DOUBLE") | kind.startswith("DECIMAL")
    else:
        fits = kind == ("BOOLEAN" if type_ == "boolean" else "STRING")
    return F.when(fits, typed(text, type_, formats, words_for_not_finite=False))


def _ends_early() -> Column:
    """Whether the line is not exactly one JSON value: with an end mark after it, it is no list of it and the mark."""
    from pyspark.sql import functions as F

    listed = F.try_parse_json(F.concat(F.lit("["), F.col(LINE), F.lit(f',"{_END}"]')))
    end = F.try_variant_get(listed, "$[1]", "string")
    return ~F.coalesce(end == F.lit(_END), F.lit(False))


def _has_half_a_character() -> Column:
    """Whether a surrogate is escaped without its other half: parsers put a question mark in its place."""
    from pyspark.sql import functions as F

    escapes = F.replace(F.col(LINE), F.lit("\\\\"), F.lit(" "))  # escaped backslashes, which begin no other escape
    unpaired = F.regexp_replace(escapes, r"(?i)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", " ")
    return F.col(LINE).rlike(r"(?i)\\ud[89a-f]") & unpaired.rlike(r"(?i)\\ud[89a-f][0-9a-f]{2}")


def _nested_rule(columns: dict[str, str]) -> tuple[Column, str]:
    from pyspark.sql import functions as F

    nested = [name for name, type_ in columns.items() if not is_scalar(type_)]
    if not nested:
        return F.lit(False), ""
    told = f"type: a value inside {', '.join(repr(name) for name in nested)} is not of its declared type"
    return F.col(_PARSED).getField(_CORRUPT).isNotNull(), told


def _inferred(lines: DataFrame) -> dict[str, str]:
    """Columns from a sample of the lines, by one job."""
    objects = []
    for row in lines.select(LINE).limit(SAMPLE_LINES).collect():
        try:
            value = json.loads(row[LINE])
        except ValueError:
            continue
        if isinstance(value, dict):
            objects.append(value)
    columns = types_of_objects(objects)
    try:
        check_names(columns)
    except ValueError as error:
        raise DataError(f"the columns cannot be inferred: {error}", key="columns", fix="Declare `columns`.") from None
    return columns
