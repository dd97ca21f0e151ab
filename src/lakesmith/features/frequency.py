"""One number for a category: how common it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Frequency(ColumnsFeature):
    """The share of training rows, in [0, 1], that have the row's category; null counts as a category.

    A category not seen has 0. Where a column has more than `max_categories`, the rest and the unseen have the mean
    share of the rest. The slot is `<column> frequency`.
    """

    kind: Literal["frequency"] = "frequency"
    takes = ("text", "boolean", "numeric")
    max_categories: int = Field(5_000, ge=1, le=5_000, description="Largest number of categories a column keeps.")

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.encodings import LearnFrequencies

        columns = {each.name: (draft.category(each), draft.fresh()) for each in self.chosen(draft)}
        draft.stages.append(LearnFrequencies(columns, self.max_categories))
        for name, (_, output) in columns.items():
            draft.put(Slot(f"{name} frequency", output, name, can_be_missing=False))
