"""A column of which only examples are given: the expression is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from lakesmith.by_example.answers import answer, check
from lakesmith.columns import Names, quote
from lakesmith.derivations import Derivation, Fact
from lakesmith.derivations.examples import told
from lakesmith.errors import ConfigError
from lakesmith.expressions import Expression, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Input = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Output = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class DeriveByExample(Derivation):
    """One text column made of another by the simplest expression that gives all examples: `{"+49 30 1234": "030"}`.

    Found when the file is read, without Spark: concatenations of constants and of pieces of the input, which are parts
    between delimiters, tokens (runs of digits, letters, capitals, numbers), ends, counted characters, parts of dates,
    with characters dropped or replaced, case changed, numbers padded or written anew. Simplest is: the fewest pieces;
    then the fewest letters and digits copied from the outputs; then tokens and parts near an end rather than counted
    characters; then the fewest changes of a piece (the points are in `by_example.steps`). The expression is written
    into the resolved project; given beside the examples, it is checked against them instead of searched again, so it
    stays the same whatever a later version would find.

    Null stays null; a text unlike the examples (no such part, no such date) gives null, never an error, and is counted;
    a text without the delimiter is its own first and last part, as in SQL. Raises ConfigError when examples contradict,
    when nothing is found, and when the only example leaves open what is meant: two expressions of a like cost give
    different texts for an input like it, or letters of its output are not in its input. Where several examples leave
    two readings, a note of the derive result names an input on which they differ. After the version-space search of
    FlashFill: Gulwani, Automating String Processing in Spreadsheets Using Input-Output Examples, POPL 2011.
    """

    model_config = ConfigDict(serialize_by_alias=True)
    kind: Literal["derive_by_example"] = "derive_by_example"
    column: str = Field(min_length=1, max_length=255, description="The text column it is made of.")
    as_: str = Field(alias="as", min_length=1, max_length=255, description="Name of the new column.")
    expression: Expression | None = Field(
        None, description="The SQL expression over the column; left out: found, and written into the resolved project."
    )
    examples: dict[Input, Output] = Field(
        min_length=1, max_length=30, description="Text of the column → what is to be made of it; two or three will do."
    )

    @field_validator("examples")
    @classmethod
    def _are_given(cls, examples: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        """By the expression, given or found: the errors of both are told at `examples`."""
        column, expression = info.data.get("column"), info.data.get("expression")
        if column is not None and expression is not None:
            check(expression, column, examples)
        elif column is not None and "expression" in info.data:
            answer(column, examples)
        return examples

    @model_validator(mode="after")
    def _resolved(self) -> DeriveByExample:
        if self.expression is None:
            self.__dict__["expression"] = answer(self.column, self.examples).expression
        return self

    def uses(self) -> dict[str, tuple[str, ...]]:
        return {"column": (self.column,)}

    def writes(self) -> tuple[str, ...]:
        return (self.as_,)

    def columns_after(self, names: Names, tables: Mapping[str, Names]) -> Names:
        names.need(self.column, key="column")
        if self.as_ not in names:
            names.free([self.as_], key="as")
        return names.plus([self.as_])

    def apply(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.sql import functions as F

        return df.withColumns({self.as_: F.expr(self._sql(df))})

    def facts(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """Texts, and those of which nothing was made: they are unlike the examples."""
        from pyspark.sql import functions as F

        given, made = F.col(quote(self.column)).isNotNull(), F.expr(self._sql(df)).isNotNull()
        return told(df.agg(F.count_if(given).alias("texts"), F.count_if(given & ~made).alias("unlike")))

    def judged(self, facts: Sequence[Fact]) -> dict[str, Any]:
        numbers = {fact.fact: fact.number for fact in facts}
        counted = {"column": self.as_, "texts": numbers.get("texts", 0), "unlike": numbers.get("unlike", 0)}
        note = self._note()
        return {**counted, "note": note} if note else counted

    def _note(self) -> str:
        """What the examples leave open; '' when nothing is, or the expression was given."""
        return "" if "expression" in self.model_fields_set else answer(self.column, self.examples).note

    def _sql(self, df: DataFrame) -> str:
        names = Names("the frame", tuple(df.columns))
        names.need(self.column, key="column")
        found = df.schema[self.column].dataType
        if found.typeName() not in ("string", "varchar", "char"):
            raise ConfigError(
                f"'{self.column}' is {found.simpleString()}, and examples are of texts",
                key="column",
                fix="Cast it to string in clean or with add_columns.",
            )
        return compiled(self.expression or "", names, "expression")
