"""Numbers on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.features import ColumnsFeature

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Standardize(ColumnsFeature):
    """(value − mean) ÷ standard deviation (n − 1), both of the training rows; replaces the column's slot.

    Missing values are left out when learning and stay missing. A column that is constant in training is centred only.
    Mean and deviation are rounded to ten significant digits.
    """

    kind: Literal["standardize"] = "standardize"
    center: bool = Field(True, description="Subtract the mean.")
    scale: bool = Field(True, description="Divide by the standard deviation.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.center or self.scale):
            raise ValueError("with center and scale both off nothing is done")
        return self

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.scales import LearnScale

        chosen = self.chosen(draft)
        columns = {each.name: (draft.number(each), draft.fresh()) for each in chosen}
        draft.stages.append(LearnScale(columns, center=self.center, scale=self.scale))
        for each in chosen:
            draft.replace_number(each, columns[each.name][1])
