"""ParseNumbers: numbers from text as people of some country write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from lakesmith.cleaning import Rule, Sifted
from lakesmith.cleaning.conditions import lost, replaced, text_columns
from lakesmith.cleaning.number_formats import LOCALES, Locale, NumberFormat
from lakesmith.cleaning.value_steps import ValueStep
from lakesmith.columns import quote
from lakesmith.sources.strict import Formats, typed
from lakesmith.sources.types import canonical, decimal_size

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class ParseNumbers(ValueStep):
    """The same columns with numbers for their texts: `1.234,50 €`, `(CHF 1'200)`, `12,5 %` are read, not guessed at.

    Groups of digits are whole or absent, so `1.23` is no German number. A minus stands before or after, or
    parentheses mean it, as in accounting. `12 %` is 0.12. A currency is taken away, not converted. A value that
    cannot be read, or has more decimals than its type, is lost: its row is quarantined, or it becomes null, or the
    run stops. Null stays null. Marks of locales are those of the Unicode CLDR.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["parse_numbers"] = "parse_numbers"
    columns: tuple[str, ...] = Field(min_length=1, description="Text columns with numbers in one format.")
    locale: Locale = Field("en_US", description="Whose marks of decimals and of groups of digits.")
    decimal: str | None = Field(None, min_length=1, max_length=1, description="Decimal mark; null: the locale's.")
    group: str | None = Field(None, min_length=1, max_length=1, description="Mark of groups; null: the locale's.")
    currencies: tuple[str, ...] = Field(
        (), description="Words that stand for a currency, such as CHF or Fr.; signs such as € are known."
    )
    type: str = Field("double", description="`double`, or `decimal(p,s)` for exact amounts.")
    on_error: Literal["quarantine", "null", "fail"] = Field(
        "quarantine", description="For a value that cannot be read: quarantine the row, set null, or stop the run."
    )

    @field_validator("type")
    @classmethod
    def _known_type(cls, type_: str) -> str:
        known = canonical(type_)
        if known != "double" and decimal_size(known) is None:
            raise ValueError(f"{known} is neither double nor decimal(p,s)")
        return known

    @field_validator("currencies")
    @classmethod
    def _no_digits(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if odd := [word for word in words if not word.strip() or re.search(r"[0-9()%+\-]", word)]:
            raise ValueError(f"'{odd[0]}' cannot be told from a number")
        return words

    @model_validator(mode="after")
    def _marks_differ(self) -> ParseNumbers:
        marks = self._format
        if marks.decimal == marks.group or re.search(r"[0-9()%+\-]", marks.decimal + marks.group):
            raise ValueError(f"'{marks.decimal}' and '{marks.group}' cannot be the marks of decimals and of groups")
        return self

    def sift(self, df: DataFrame) -> Sifted:
        """Rows whose values can all be read, and the others with the first that cannot."""
        told = {name: f"parse_numbers: '{name}' is no {self._wanted}" for name in self.columns}
        return replaced(df, self._values(df), told, quarantine=self.on_error == "quarantine")

    def must_hold(self, df: DataFrame) -> Rule | None:
        """Every value can be read, where `on_error` is `fail`."""
        from pyspark.sql import functions as F

        if self.on_error != "fail":
            return None
        told = f"parse_numbers: {', '.join(map(repr, self.columns))} hold {self._wanted}"
        return Rule(told, ~F.greatest(*lost(self._values(df)).values(), F.lit(False), F.lit(False)))

    @property
    def _wanted(self) -> str:
        return f"{self.type} in the format of {self.locale}"

    @property
    def _format(self) -> NumberFormat:
        decimal, group = LOCALES[self.locale]
        return NumberFormat(
            self.decimal or decimal, self.group or group, self.currencies, is_indian=self.locale == "en_IN"
        )

    def _values(self, df: DataFrame) -> dict[str, Column]:
        from pyspark.sql import functions as F

        return {name: self._number(F.col(quote(name))) for name in text_columns(df, self.columns)}

    def _number(self, text: Column) -> Column:
        """The number of a text; null where it is none. The digits are moved, not divided: 12.3 % is 0.123 exactly."""
        from pyspark.sql import functions as F

        format_ = self._format
        without_words = F.regexp_replace(text, format_.currency, "")
        digits = F.regexp_replace(without_words, f"[^0-9{re.escape(format_.decimal)}]", "")
        plain = F.replace(digits, F.lit(format_.decimal), F.lit("."))
        whole = F.when(F.contains(plain, F.lit(".")), plain).otherwise(F.concat(plain, F.lit(".")))
        shifted = F.regexp_replace(F.concat(F.lit("00"), whole), r"^([0-9]+)([0-9]{2})\.([0-9]*)$", "$1.$2$3")
        sign = F.when(text.rlike(format_.negative), "-").when(text.rlike(format_.positive), "")
        number = F.when(F.contains(text, F.lit("%")), shifted).otherwise(plain)
        return typed(F.concat(sign, number), self.type, Formats())
