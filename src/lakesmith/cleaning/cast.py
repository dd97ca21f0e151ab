"""Cast: columns in another type, values that would change on the way told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from lakesmith.cleaning import CleaningStep, Rule, Sifted
from lakesmith.cleaning.conditions import missing, sifted, types_of
from lakesmith.columns import Names, quote
from lakesmith.errors import ConfigError
from lakesmith.sources.strict import Formats, typed
from lakesmith.sources.text_records import known_zone
from lakesmith.sources.types import FLOATS, INTEGERS, canonical, decimal_size, is_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame


class Cast(CleaningStep):
    """The same columns in the named types, without a silent change of a value.

    `"12a"` and `1.5` are no int, `1.005` no decimal(9,2), text with a time no date: such a row is quarantined, or
    its value becomes null, or the run stops. Null stays null. From a timestamp a date is taken, from a double or
    decimal the nearest float or double. NaN has no value outside the floats and becomes null.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["cast"] = "cast"
    columns: dict[str, str] = Field(min_length=1, description="Column → Spark type (`int`, `decimal(10,2)`, …).")
    on_error: Literal["quarantine", "null", "fail"] = Field(
        "quarantine", description="For a value that is none of the type: quarantine the row, set null, or stop the run."
    )
    date_format: str | None = Field(None, description="Spark pattern of dates in text; null: ISO 8601.")
    timestamp_format: str | None = Field(None, description="Spark pattern of timestamps in text; null: ISO 8601.")
    time_zone: str = Field("UTC", description="Time zone of timestamps in text that name none.")

    @field_validator("columns")
    @classmethod
    def _known_types(cls, columns: dict[str, str]) -> dict[str, str]:
        types = {name: canonical(type_) for name, type_ in columns.items()}
        odd = [type_ for type_ in types.values() if not is_scalar(type_)]
        if odd:
            raise ValueError(f"{odd[0]} is not a single value")
        return types

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        for name in self.columns:
            names.need(name, key=f"columns.{name}")
        return names

    def touches(self, df: DataFrame) -> tuple[str, ...]:
        """The cast columns."""
        return tuple(self.columns)

    def apply(self, df: DataFrame) -> DataFrame:
        """The values, null where they could not be cast."""
        return df.withColumns(self._values(df))

    def sift(self, df: DataFrame) -> Sifted:
        """Rows whose values are all of their types, and the others with the first that is not."""
        if self.on_error != "quarantine":
            return Sifted(self.apply(df))
        values = self._values(df)
        broken = [(each, f"cast: '{name}' is not {self.columns[name]}") for name, each in _lost(df, values).items()]
        parts = sifted(df, broken, quarantine=True)
        return Sifted(parts.kept.withColumns(values), parts.rejected)

    def must_hold(self, df: DataFrame) -> Rule | None:
        """No value may be lost, where `on_error` is `fail`."""
        from pyspark.sql import functions as F

        if self.on_error != "fail":
            return None
        lost = list(_lost(df, self._values(df)).values())
        told = f"cast: {', '.join(f'{name!r} is {type_}' for name, type_ in self.columns.items())}"
        return Rule(told, ~F.greatest(*lost, F.lit(False)))

    def _values(self, df: DataFrame) -> dict[str, Column]:
        """Column → its cast. Raises ConfigError for types between which there is none."""
        formats = Formats(self.date_format, self.timestamp_format, self.time_zone)
        found = types_of(df)
        values = {name: cast_value(name, found[name], wanted, formats) for name, wanted in self.columns.items()}
        if not _can_be_computed(df, *values.values()):  # one look at all of them, and only then at each
            name = next(name for name, value in values.items() if not _can_be_computed(df, value))
            raise ConfigError(
                f"'{name}' is {found[name]}, which has no cast to {self.columns[name]}", key=f"columns.{name}"
            )
        return values


def _can_be_computed(df: DataFrame, *values: Column) -> bool:
    """Whether Spark knows what type the values have; no job."""
    from pyspark.errors import AnalysisException

    try:
        _ = df.select(*values).schema
    except AnalysisException:
        return False
    return True


def _lost(df: DataFrame, values: Mapping[str, Column]) -> dict[str, Column]:
    """Column → whether a value was there and is gone; never null. A NaN that becomes null was none."""
    found = types_of(df)
    return {name: ~missing(name, found[name]) & value.isNull() for name, value in values.items()}


def cast_value(name: str, found: str, wanted: str, formats: Formats) -> Column:
    """The column in the wanted type; null for a value that would come out changed."""
    from pyspark.sql import functions as F

    column = F.col(quote(name))
    if found == "string":
        return typed(column, wanted, formats)
    value = column.try_cast(wanted)
    if not _is_number(found) or not _is_number(wanted):
        return value
    if wanted in FLOATS and found not in INTEGERS:
        grown = (
            F.isnan(value)
            | (F.abs(value) < F.lit(float("inf")))
            | (F.abs(column.try_cast("double")) == F.lit(float("inf")))
        )
        return F.when(grown, value)
    return F.when(value.try_cast(found) == column, value)


def _is_number(type_: str) -> bool:
    return type_ in INTEGERS or type_ in FLOATS or type_ == "boolean" or decimal_size(type_) is not None
