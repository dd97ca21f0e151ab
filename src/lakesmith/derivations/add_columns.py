"""Columns computed from the columns of the same row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.derivations import Derivation, entry
from lakesmith.errors import ConfigError
from lakesmith.expressions import Expression, columns_in, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class AddColumns(Derivation):
    """Columns computed by expressions over the same row.

    All of them are evaluated together over the columns that were there before the step: an expression that needs
    another new column goes into a step of its own after it. A name that exists already is replaced in its place.
    """

    kind: Literal["add_columns"] = "add_columns"
    columns: dict[str, Expression] = Field(min_length=1, description="New column → SQL expression over the row.")

    def uses(self) -> dict[str, tuple[str, ...]]:
        return {entry("columns", name): columns_in(sql) for name, sql in self.columns.items()}

    def writes(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        for name, sql in self.columns.items():
            key = entry("columns", name)
            self._refuse_sibling(name, names)
            compiled(sql, names, key)
            if name not in names:
                names.free([name], key=key)
        _refuse_case_twins(self.columns)
        return names.plus(self.columns)

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.errors import AnalysisException
        from pyspark.sql import functions as F

        names = Names("the frame", tuple(df.columns))
        texts = {name: compiled(sql, names, entry("columns", name)) for name, sql in self.columns.items()}
        try:
            return df.withColumns({name: F.expr(text) for name, text in texts.items()})
        except AnalysisException:
            for name, text in texts.items():
                _analysed(df, name, text)
            raise

    def _refuse_sibling(self, name: str, names: Names) -> None:
        for column in columns_in(self.columns[name]):
            if column not in names and column in self.columns:
                raise ConfigError(
                    f"'{column}' is made by this very step, and its columns are evaluated together",
                    key=entry("columns", name),
                    fix=f"Make '{column}' in an add_columns step before this one.",
                )


def _analysed(df: DataFrame, name: str, text: str) -> None:
    """Raises ConfigError naming the column whose expression Spark refuses: types that do not fit, a wrong count of
    arguments."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as F

    try:
        _ = df.select(F.expr(text)).schema
    except AnalysisException as error:
        raise ConfigError(
            f"Spark refuses the expression: {str(error).splitlines()[0]}",
            key=entry("columns", name),
            fix="Cast its columns in clean, or correct the expression.",
        ) from None


def _refuse_case_twins(columns: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ConfigError(
                f"'{name}' and '{other}' differ only in case, which Spark does not tell apart",
                key=entry("columns", name),
                fix="Rename one of them.",
            )
