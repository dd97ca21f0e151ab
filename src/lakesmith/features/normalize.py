"""Rows of length one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature
from lakesmith.features.statements import number_literal

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Normalize(ColumnsFeature):
    """Each value ÷ the Lp norm of the row's listed columns; replaces the columns' slots. Nothing is learned.

    Missing values count as 0 in the norm and stay missing; a row whose norm is 0 stays as it is.
    """

    kind: Literal["normalize"] = "normalize"
    p: float = Field(2.0, ge=1, allow_inf_nan=False, description="The norm: 1 sum of sizes, 2 Euclidean length.")

    def compile(self, draft: Draft) -> None:
        chosen = self.chosen(draft)
        numbers = [draft.number(each) for each in chosen]
        norm, outputs = draft.fresh(), [draft.fresh() for _ in chosen]
        draft.transform({norm: self._norm(numbers)})
        draft.transform(
            {o: f"CASE WHEN {norm} > 0D THEN {n} / {norm} ELSE {n} END" for o, n in zip(outputs, numbers, strict=True)}
        )
        for each, output in zip(chosen, outputs, strict=True):
            draft.replace_number(each, output)

    def _norm(self, numbers: list[str]) -> str:
        # Values are taken relative to the largest, so that no power overflows; array functions keep the expression
        # flat however many columns there are.
        sizes = f"array({', '.join(f'coalesce(abs({each}), 0D)' for each in numbers)})"
        largest, p = f"array_max({sizes})", number_literal(self.p)
        powers = f"aggregate({sizes}, 0D, (sum, size) -> sum + pow(try_divide(size, {largest}), {p}))"
        return f"coalesce({largest} * pow({powers}, 1D / {p}), 0D)"
