"""The values of one CSV line as text, and the rules a line as a whole must keep (RFC 4180, line by line)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column

# The parser stops the whole job at a line with more values than this; such a line is not given to it.
MAX_FIELDS = 100_000
_CORRUPT = "_lakesmith_corrupt"
_NO_CHARACTER = "\x00"


@dataclass(frozen=True)
class Dialect:
    """How values are separated and quoted; `quote` None: a quote is a character like others."""

    separator: str
    quote: str | None
    escape: str | None

    @property
    def reader_options(self) -> dict[str, Any]:
        """For Python's csv module."""
        if self.quote is None:
            return {"delimiter": self.separator, "quoting": csv.QUOTE_NONE}
        doubled = self.escape is None or self.escape == self.quote
        escape = None if doubled else self.escape
        return {"delimiter": self.separator, "quotechar": self.quote, "doublequote": doubled, "escapechar": escape}

    def split(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The values of lines that were collected, for headers and samples."""
        return (row for line in lines for row in csv.reader([line], **self.reader_options))

    def parsed(self, line: Column, count: int) -> Column:
        """A struct of `count` texts c0, c1, … (null: empty); null for a line that cannot be parsed."""
        from pyspark.sql import functions as F

        schema = ", ".join([*(f"c{i} string" for i in range(count)), f"{_CORRUPT} string"])
        options = {
            "sep": self.separator,
            "quote": self.quote or _NO_CHARACTER,
            "escape": self.escape or self.quote or _NO_CHARACTER,
            "maxColumns": str(MAX_FIELDS),
            "mode": "PERMISSIVE",
            "columnNameOfCorruptRecord": _CORRUPT,
        }
        return F.from_csv(F.when(~self._is_too_long(line), line), schema, options)

    def whole_line_rules(self, line: Column, parsed: Column, count: int) -> list[tuple[Column, str]]:
        """(broken, rule) for quotes that do not pair and for too few or too many values."""
        told = f"values: the record does not have {count}"
        counted = [(parsed.isNull() | parsed.getField(_CORRUPT).isNotNull(), told)]
        if self.quote is None:
            return counted
        rule = f"quotes: a {self.quote} is not closed, or stands inside a value that is not quoted"
        return [(self._has_stray_quote(line), rule), *counted]

    def _is_too_long(self, line: Column) -> Column:
        from pyspark.sql import functions as F

        without = F.replace(line, F.lit(self.separator), F.lit(""))
        return (F.length(line) >= MAX_FIELDS) & (F.length(line) - F.length(without) >= MAX_FIELDS - 1)

    def _has_stray_quote(self, line: Column) -> Column:
        """Whether a quote is left when all values that are quoted as a whole are taken away."""
        from pyspark.sql import functions as F

        quote = re.escape(str(self.quote))
        separator = re.escape(self.separator)
        if self.escape is None or self.escape == self.quote:
            value = f"{quote}[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}"
        else:
            escape = re.escape(self.escape)
            value = f"{quote}[^{quote}{escape}]*+(?:{escape}.[^{quote}{escape}]*+)*+{quote}"
        left = F.regexp_replace(line, f"(?<=^|{separator}){value}(?={separator}|$)", "")
        return F.contains(line, F.lit(self.quote)) & F.contains(left, F.lit(self.quote))


def texts(parsed: Column, order: Sequence[str], null_values: Sequence[str]) -> dict[str, Column]:
    """Column name → its text; null for a value that means null. `order` is the order of values in the line."""
    from pyspark.sql import functions as F

    found: dict[str, Column] = {}
    for position, name in enumerate(order):
        text = parsed.getField(f"c{position}")
        if "" not in null_values:  # the parser gives null for an empty value
            text = F.coalesce(text, F.lit(""))
        markers = [each for each in null_values if each]
        found[name] = F.when(~text.isin(markers), text) if markers else text
    return found
