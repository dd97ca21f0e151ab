"""Powers and products of columns."""

from __future__ import annotations

from itertools import chain, combinations, combinations_with_replacement
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Input, Slot
from lakesmith.features.products import MOST_PRODUCTS, product, product_name

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Polynomial(ColumnsFeature):
    """A slot for each power and product of the listed columns up to a degree: `a^2`, `a*b`, `a^2*b`.

    The columns themselves are not among them: name them in `keep` or `standardize`. A product is missing where one of
    its columns is, and is cut off at the largest 32-bit float. Nothing is learned.
    """

    kind: Literal["polynomial"] = "polynomial"
    degree: Literal[2, 3] = Field(2, description="Largest number of factors.")
    interactions_only: bool = Field(False, description="Leave out products that hold a column twice.")

    def compile(self, draft: Draft) -> None:
        products = self._products(self.chosen(draft))
        added = {}
        for factors in products:
            column, name = draft.fresh(), product_name([each.name for each in factors])
            added[column] = product([draft.number(each) for each in factors])
            missing = not all(draft.is_filled(each.name) for each in factors)
            draft.put(Slot(name, column, name, missing))
        draft.transform(added)

    def _products(self, chosen: tuple[Input, ...]) -> list[tuple[Input, ...]]:
        drawn = combinations if self.interactions_only else combinations_with_replacement
        found = list(chain.from_iterable(drawn(chosen, size) for size in range(2, self.degree + 1)))
        if not found:
            raise ConfigError("one column has no interaction", key="columns", fix="Name another column.")
        if len(found) > MOST_PRODUCTS:
            raise ConfigError(
                f"{len(chosen)} columns make {len(found):,} products, more than {MOST_PRODUCTS:,}",
                key="columns",
                fix="Name fewer columns.",
            )
        return found
