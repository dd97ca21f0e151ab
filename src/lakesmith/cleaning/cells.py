"""Cells: how many values a step changes, counted on the way without another pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.cleaning import CleaningStep
from lakesmith.cleaning.conditions import is_number, types_of
from lakesmith.columns import RESERVED, quote
from lakesmith.sources.tally import Tally

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Beyond this, carrying every value twice through a step would cost more than the count is worth.
MOST_COLUMNS = 400
_WAS = f"{RESERVED}was"


@dataclass
class Cells:
    """The values that one step may change, carried beside its rows in one column until they have been compared.

    A value is changed where it is another one, null-safe; null to null and NaN to NaN are none. Where the step gives
    the column another type, the values are compared as text: `"5"` to 5 is no change, `"5.0"` to 5 is one.
    """

    given: DataFrame
    types: dict[str, str]
    position: int
    tally: Tally | None = None

    @classmethod
    def of(cls, df: DataFrame, step: CleaningStep, position: int) -> Cells | None:
        """The cells of a step that is given `df`; None for a step that changes no values, or those of too many."""
        from pyspark.sql import functions as F

        found = types_of(df)
        types = {name: found[name] for name in step.touches(df) if "map<" not in found[name]}
        if not 0 < len(types) <= MOST_COLUMNS:
            return None
        was = F.struct(*[F.col(quote(name)).alias(f"c{place}") for place, name in enumerate(types)])
        return cls(df.withColumn(_WAS, was), types, position)

    def counted(self, kept: DataFrame) -> DataFrame:
        """The rows the step kept, with a counter, as the step left them."""
        from pyspark.sql import functions as F

        now = types_of(kept)
        changed = [self._changed(place, name, now[name]) for place, name in enumerate(self.types)]
        # One flat array, for a sum of hundreds of terms is a tree that deep.
        number = F.size(F.array_remove(F.array(*changed), False))
        self.tally = Tally(kept, f"values changed by step {self.position}", F.sum(number).alias("cells"))
        return self.tally.frame.drop(_WAS)

    def count(self) -> int | None:
        """How many values were changed in the rows that were kept. Waits for the action."""
        return int(self.tally.counts().get("cells") or 0) if self.tally is not None else None

    def _changed(self, place: int, name: str, type_: str) -> Column:
        from pyspark.sql import functions as F

        was, now = F.col(_WAS)[f"c{place}"], F.col(quote(name))
        of = self.types[name]
        if of != type_ and not (is_number(of) and is_number(type_)):
            was, now = was.cast("string"), now.cast("string")
        return ~was.eqNullSafe(now)
