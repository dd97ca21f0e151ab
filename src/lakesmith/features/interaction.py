"""Products of named pairs of columns, of numbers and of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names
from lakesmith.features import Feature, Input, Slot, Sort
from lakesmith.features.products import product, product_name

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

Pair = tuple[Input, Input]
TAKES: tuple[Sort, ...] = ("numeric", "boolean", "text")


class Interaction(Feature):
    """What two columns say together, for each named pair.

    Number and number: their product `a*b`, missing where one is. Number and category: the number in the slot of the
    row's category, `a*carrier=UA`, with a missing number as 0. Category and category: a slot for each pair of values,
    `carrier*origin=UA*JFK`. Categories have slots `missing` and `other` as in `one_hot`.
    """

    kind: Literal["interaction"] = "interaction"
    columns: Annotated[tuple[tuple[str, str], ...], Field(min_length=1, max_length=50)] = Field(
        description="Pairs of column names; text columns are categories, booleans are 0 and 1."
    )
    max_categories: int = Field(
        100, ge=1, le=10_000, description="Largest number of categories (or pairs of them) kept: the most frequent."
    )

    @model_validator(mode="after")
    def _two_columns(self) -> Self:
        for one, other in self.columns:
            if one == other:
                raise ValueError(f"columns: '{one}' is paired with itself; polynomial makes powers")
        if len({frozenset(pair) for pair in self.columns}) < len(self.columns):
            raise ValueError("columns holds a pair twice")
        return self

    def columns_after(self, names: Names) -> Names:
        for position, pair in enumerate(self.columns):
            names.need_all(pair, key=f"columns[{position}]")
        return names

    def compile(self, draft: Draft) -> None:
        from pyspark.ml.feature import Interaction as Spread

        pairs = [self._pair(draft, position) for position in range(len(self.columns))]
        categories = [pair for pair in pairs if pair[1].sort == "text"]
        vectors = self._encoded(draft, categories) if categories else {}
        rows: dict[str, str] = {}
        # Spark's class takes one pair: a stage for each, and no job.
        spreads: list[Spread] = []
        for one, other in pairs:
            name = product_name([one.name, other.name])
            if one.sort == "text":
                draft.put(Slot(name, vectors[name], name, can_be_missing=False, is_vector=True))
                continue
            column, number = draft.fresh(), draft.number(one)
            if other.sort == "text":
                known = draft.fresh()
                rows[known] = f"coalesce({number}, 0D)"
                spreads.append(Spread(inputCols=[known, vectors[other.name]], outputCol=column))
                draft.put(Slot(name, column, name, can_be_missing=False, is_vector=True))
            else:
                rows[column] = product([number, draft.number(other)])
                missing = not (draft.is_filled(one.name) and draft.is_filled(other.name))
                draft.put(Slot(name, column, name, missing))
        if rows:
            draft.transform(rows)
        draft.stages += spreads

    def _pair(self, draft: Draft, position: int) -> Pair:
        """The two columns; of a number and a category the number first, as the slots have them."""
        names = self.columns[position]
        one, other = (draft.need(name, TAKES, f"columns[{position}][{j}]") for j, name in enumerate(names))
        return (other, one) if one.sort == "text" and other.sort != "text" else (one, other)

    def _encoded(self, draft: Draft, pairs: list[Pair]) -> dict[str, str]:
        """Name of a category, or of a pair of them → its vector; all learned at once."""
        from lakesmith.features.drafts import MISSING
        from lakesmith.features.learning.encodings import LearnIndexes
        from lakesmith.features.statements import text_literal

        columns: dict[str, tuple[str, str]] = {}
        joined: dict[str, str] = {}
        missing = text_literal(MISSING)
        for one, other in pairs:
            value = draft.category(other)
            if one.sort == "text":
                pair, another = draft.fresh(), draft.category(one)
                is_missing = f"{missing} IN ({another}, {value})"
                joined[pair] = f"CASE WHEN {is_missing} THEN {missing} ELSE concat({another}, '*', {value}) END"
                columns[product_name([one.name, other.name])] = (pair, draft.fresh())
            elif other.name not in columns:
                columns[other.name] = (value, draft.fresh())
        if joined:
            draft.transform(joined)
        draft.stages.append(LearnIndexes(columns, self.max_categories, one_hot=True))
        return {name: output for name, (_, output) in columns.items()}
