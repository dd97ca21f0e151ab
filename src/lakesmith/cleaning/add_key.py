"""A key for rows that come without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import CleaningStep
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.piece import Scope

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SALT = "add_key"


class AddKey(CleaningStep):
    """Adds a text column that is different in every row: a hash of the row's values, and a number where rows repeat.

    The same rows get the same keys in whatever order they come and with whatever rows beside them, except that equal
    rows cannot be told apart: the first of two is always `…-1`. A row whose values change gets another key.
    """

    kind: Literal["add_key"] = "add_key"
    scope: ClassVar[Scope] = "group"
    column: str = Field("row_key", min_length=1, description="Name of the new column.")

    def columns_after(self, names: Names) -> Names:
        names.free([self.column], key="column")
        return names.plus([self.column])

    def apply(self, df: DataFrame) -> DataFrame:
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        # Nested values and maps as text: maps cannot be hashed.
        values = [
            F.col(quote(name)) if "<" not in type_ else F.to_json(F.struct(F.col(quote(name))))
            for name, type_ in df.dtypes
            if not name.startswith(RESERVED)
        ]
        # A hash passes over nulls; with these it sees which columns they stand in.
        values += [value.isNull() for value in values]
        one, other = F.xxhash64(*values), F.xxhash64(F.lit(_SALT), *values)
        # Rows that only share a hash are told apart by the second one.
        number = F.row_number().over(Window.partitionBy(one).orderBy(other))
        return df.withColumn(self.column, F.concat_ws("-", F.lower(F.hex(one)), number.cast("string")))
