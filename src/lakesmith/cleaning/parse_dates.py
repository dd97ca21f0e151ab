"""ParseDates: dates and times from text in one of several formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from lakesmith.cleaning import Rule, Sifted
from lakesmith.cleaning.conditions import sifted, text_columns
from lakesmith.cleaning.value_steps import ValueStep
from lakesmith.columns import quote
from lakesmith.sources.strict import Formats, names_zone, typed
from lakesmith.sources.text_records import known_zone

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ISO = "iso"
_LETTERS = frozenset("GyMLdDEFaBhHKkmsSnNVzOXxQqAu")
_OF_TIME = frozenset("aBhHKkmsSnNVzOXxA")


class _Read(NamedTuple):
    """What became of one text: its value, and whether it had none for want of a format or for the clocks' sake."""

    value: Column
    unreadable: Column
    skipped: Column
    shown_twice: Column


class ParseDates(ValueStep):
    """The same columns with dates or timestamps for their texts; the first format that fits a text reads it.

    A format fits a whole text or not at all, and 31 February is no date. A time without a zone is one of
    `time_zone`. A time that a clock change skipped is lost, not moved; one that clocks showed twice is the one that
    `ambiguous` says. Of a lost value the row is quarantined, or it becomes null, or the run stops. Null stays null.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["parse_dates"] = "parse_dates"
    columns: tuple[str, ...] = Field(min_length=1, description="Text columns with dates.")
    formats: tuple[str, ...] = Field(
        (ISO,), min_length=1, description="Spark patterns, such as dd.MM.yyyy, tried in order; `iso`: ISO 8601."
    )
    type: Literal["date", "timestamp"] = Field("timestamp", description="Whether a day or an instant is meant.")
    time_zone: str = Field("UTC", description="Time zone of times that name none.")
    ambiguous: Literal["earlier", "later", "lost"] = Field(
        "earlier", description="Which instant a time means that clocks showed twice when they were set back."
    )
    on_error: Literal["quarantine", "null", "fail"] = Field(
        "quarantine", description="For a value that is lost: quarantine the row, set null, or stop the run."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)

    @model_validator(mode="after")
    def _readable_formats(self) -> ParseDates:
        for pattern in self.formats:
            letters = {each for each in "".join(pattern.split("'")[::2]) if each.isascii() and each.isalpha()}
            if pattern == ISO:
                continue
            if not letters or letters - _LETTERS:
                raise ValueError(f"'{pattern}' is no Spark date pattern, such as dd.MM.yyyy HH:mm, nor `iso`")
            if self.type == "date" and letters & _OF_TIME:
                raise ValueError(f"'{pattern}' reads a time, and a date has none: use `type: timestamp`")
            if "[" in pattern and names_zone(pattern):
                raise ValueError(f"'{pattern}' may or may not name a zone: give two formats, with and without it")
        return self

    def sift(self, df: DataFrame) -> Sifted:
        """Rows whose values can all be read, and the others with what is wrong with the first that cannot."""
        read = self._read(df)
        values = {name: each.value for name, each in read.items()}
        if self.on_error != "quarantine":
            return Sifted(df.withColumns(values))
        parts = sifted(df, [rule for name, each in read.items() for rule in self._rules(name, each)], quarantine=True)
        return Sifted(parts.kept.withColumns(values), parts.rejected)

    def must_hold(self, df: DataFrame) -> Rule | None:
        """Every value can be read, where `on_error` is `fail`."""
        from pyspark.sql import functions as F

        if self.on_error != "fail":
            return None
        broken = [condition for each in self._read(df).values() for condition in each[1:]]
        return Rule(f"parse_dates: {', '.join(map(repr, self.columns))} hold a {self.type}", ~F.greatest(*broken))

    def _rules(self, name: str, read: _Read) -> list[tuple[Column, str]]:
        return [
            (read.unreadable, f"parse_dates: '{name}' is a {self.type} in none of the formats"),
            (read.skipped, f"parse_dates: '{name}' is a time that clocks of {self.time_zone} skipped"),
            (read.shown_twice, f"parse_dates: '{name}' is a time that clocks of {self.time_zone} showed twice"),
        ]

    def _read(self, df: DataFrame) -> Mapping[str, _Read]:
        from pyspark.sql import functions as F

        read = self._day if self.type == "date" else self._instant
        return {name: read(F.col(quote(name))) for name in text_columns(df, self.columns)}

    def _day(self, text: Column) -> _Read:
        from pyspark.sql import functions as F

        days = [typed(text, "date", Formats(date=None if each == ISO else each)) for each in self.formats]
        value = F.coalesce(*days)
        return _Read(value, text.isNotNull() & value.isNull(), F.lit(False), F.lit(False))

    def _instant(self, text: Column) -> _Read:
        from pyspark.sql import functions as F

        from lakesmith.cleaning.clock_times import as_timestamp, instants

        zoned = [each for each in self.formats if each == ISO or names_zone(each)]
        local = self._first(text, "timestamp_ntz", [each for each in self.formats if each == ISO or each not in zoned])
        earlier, later = instants(local, self.time_zone)
        # A zone in the text decides; `iso` with one is no local time, so that no text is both.
        named = F.when(local.isNull(), self._first(text, "timestamp", zoned))
        is_twice = F.coalesce(earlier != later, F.lit(False))
        chosen = as_timestamp(later if self.ambiguous == "later" else earlier)
        if self.ambiguous != "lost":
            value, is_lost_twice = F.coalesce(chosen, named), F.lit(False)
        else:
            value, is_lost_twice = F.coalesce(F.when(~is_twice, chosen), named), is_twice
        unreadable = text.isNotNull() & local.isNull() & named.isNull()
        return _Read(value, unreadable, local.isNotNull() & earlier.isNull(), is_lost_twice)

    def _first(self, text: Column, type_: str, formats: list[str]) -> Column:
        from pyspark.sql import functions as F

        none = F.lit(None).cast(type_)
        read = [typed(text, type_, Formats(timestamp=None if each == ISO else each)) for each in formats]
        return F.coalesce(*read, none)
