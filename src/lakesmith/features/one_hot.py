"""One slot for each category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class OneHot(ColumnsFeature):
    """One slot for each category: 1 where the row has it, else 0.

    Two slots more: `<column> missing` for null, and `<column> other` for categories beyond the cap and for those not
    seen in training. Numbers and booleans count by their text: 1, 1.0 and a bigint 1 are one category.
    """

    kind: Literal["one_hot"] = "one_hot"
    takes = ("text", "boolean", "numeric")
    max_categories: int = Field(
        100, ge=1, le=10_000, description="Largest number of categories a column keeps: the most frequent ones."
    )

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.encodings import LearnIndexes

        chosen = self.chosen(draft)
        columns = {each.name: (draft.category(each), draft.fresh()) for each in chosen}
        draft.stages.append(LearnIndexes(columns, self.max_categories, one_hot=True))
        for name, (_, output) in columns.items():
            draft.put(Slot(name, output, name, can_be_missing=False, is_vector=True), key=f"{name}=")
