"""DropDuplicates: one row of several that are the same, or that have the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from lakesmith.cleaning import CleaningStep
from lakesmith.cleaning.conditions import types_of
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_PLACE = "_lakesmith_place"


class DropDuplicates(CleaningStep):
    """One row of every set of duplicates; the others are dropped and counted.

    Without `key`: rows equal in every column, null equal to null. With `key`: of the rows with one key, the newest or
    the oldest by `order_by`, where null is older than everything; between rows of one age a hash of the whole row
    decides, so the same row stays wherever it stood. Rows with a null in the key are no duplicates and all stay.
    """

    changes_rows: ClassVar[bool] = True

    kind: Literal["drop_duplicates"] = "drop_duplicates"
    key: tuple[str, ...] = Field((), description="Columns that identify a row; left out: all columns.")
    order_by: str | None = Field(None, description="The column that says which row is newer; needed with `key`.")
    keep: Literal["newest", "oldest"] = Field("newest", description="Which row of one key stays.")

    @model_validator(mode="after")
    def _ordered(self) -> DropDuplicates:
        if bool(self.key) != (self.order_by is not None):
            raise ValueError(
                "`key` and `order_by` go together: the one says which rows are the same, the other which stays"
            )
        return self

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        names.need_all(self.key, key="key")
        if self.order_by is not None:
            names.need(self.order_by, key="order_by")
        return names

    def apply(self, df: DataFrame) -> DataFrame:
        """One exchange of the rows."""
        return self._newest(df) if self.key else _distinct(df)

    def _newest(self, df: DataFrame) -> DataFrame:
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        order = F.col(quote(str(self.order_by)))
        aged = order.desc_nulls_last() if self.keep == "newest" else order.asc_nulls_first()
        hashed = F.xxhash64(*[F.col(quote(name)) for name in _comparable(df)])
        of_key = Window.partitionBy(*[quote(name) for name in self.key]).orderBy(aged, hashed)
        has_null = F.greatest(*[F.col(quote(name)).isNull() for name in self.key], F.lit(False))
        placed = df.withColumn(_PLACE, F.row_number().over(of_key))
        return placed.filter((F.col(_PLACE) == 1) | has_null).drop(_PLACE)


def _comparable(df: DataFrame) -> list[str]:
    return [name for name, type_ in types_of(df).items() if "map<" not in type_]


def _distinct(df: DataFrame) -> DataFrame:
    """Equal rows as one, whichever file they came from: of the file names, the first stays."""
    from pyspark.sql import functions as F

    own = [name for name in df.columns if not name.startswith(RESERVED)]
    if odd := [name for name in own if name not in _comparable(df)]:
        raise DataError(
            f"'{odd[0]}' is a map, and maps cannot be compared", key="key", fix="Give `key` and `order_by`."
        )
    ours = [F.min(quote(name)).alias(name) for name in df.columns if name.startswith(RESERVED)]
    if not ours:
        return df.dropDuplicates()
    grouped = df.groupBy(*[F.col(quote(name)) for name in own]).agg(*ours)
    return grouped.select(*[F.col(quote(name)) for name in df.columns])
