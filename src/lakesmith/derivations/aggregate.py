"""One row per group instead of one per record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names, quote
from lakesmith.derivations import Derivation, entry
from lakesmith.errors import ConfigError
from lakesmith.expressions import AggregateExpression, columns_in, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Aggregate(Derivation):
    """One row per combination of the group columns, with aggregates over its rows; all other columns end here.

    Rows whose group column is null form a group of their own. What the aggregates make of nulls is Spark's rule:
    they leave them out, and `count(*)` counts rows.
    """

    changes_rows = True
    scope = "group"
    kind: Literal["aggregate"] = "aggregate"
    by: tuple[str, ...] = Field(min_length=1, description="Group columns; they stay.")
    columns: dict[str, AggregateExpression] = Field(
        min_length=1, description="New column → SQL expression over aggregates: 'avg(delay)', 'sum(a) / count(*)'."
    )

    def uses(self) -> dict[str, tuple[str, ...]]:
        groups = {f"by[{position}]": (name,) for position, name in enumerate(self.by)}
        made = {entry("columns", n): columns_in(sql, allow_aggregates=True) for n, sql in self.columns.items()}
        return {**groups, **made}

    def writes(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        names.need_all(self.by, key="by")
        left = Names(names.table, tuple(dict.fromkeys(self.by)))
        for name, sql in self.columns.items():
            compiled(sql, names, entry("columns", name), allow_aggregates=True)
            left.free([name], key=entry("columns", name))
            left = left.plus([name])
        return left

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.errors import AnalysisException
        from pyspark.sql import functions as F

        names = Names("the frame", tuple(df.columns))
        made = [
            F.expr(compiled(sql, names, entry("columns", name), allow_aggregates=True)).alias(name)
            for name, sql in self.columns.items()
        ]
        try:
            return df.groupBy(*[F.col(quote(name)) for name in dict.fromkeys(self.by)]).agg(*made)
        except AnalysisException as error:
            raise ConfigError(
                f"Spark refuses the aggregates: {str(error).splitlines()[0]}",
                key="columns",
                fix="Cast the columns in clean, or correct the expressions.",
            ) from None
