"""One number for a category: its rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Ordinal(ColumnsFeature):
    """The rank of a row's category, counted from 0; after the last one come missing, then other.

    `other` are categories beyond the cap and those not seen in training. The slot is `<column> rank`, a
    plain number; a network takes it for a category, unless the order is that of the value.
    """

    kind: Literal["ordinal"] = "ordinal"
    takes = ("text", "boolean", "numeric")
    max_categories: int = Field(
        1_000, ge=1, le=100_000, description="Largest number of categories a column keeps: the most frequent ones."
    )
    order: Literal["frequency", "value"] = Field(
        "frequency", description="Rank by frequency, most frequent first, or by the value (numbers as numbers)."
    )

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.encodings import LearnIndexes

        columns = {each.name: (draft.category(each), draft.fresh()) for each in self.chosen(draft)}
        draft.stages.append(LearnIndexes(columns, self.max_categories, one_hot=False, order=self.order))
        for name, (_, output) in columns.items():
            is_category = self.order == "frequency"
            draft.put(Slot(f"{name} rank", output, name, can_be_missing=False, is_category=is_category))
