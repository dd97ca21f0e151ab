"""One number for a category: what the label is on average where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class TargetEncode(ColumnsFeature):
    """The label's mean over the training rows of the row's category, drawn towards the mean over all of them.

    (sum of the category + smoothing × overall mean) / (rows of the category + smoothing), as scikit-learn's
    TargetEncoder has it; for two classes the label is 1 for the positive one. Null is a category; one not seen, or
    beyond the `max_categories` most frequent, has the overall mean. Training rows get it from the other folds alone:
    a row's own label never tells of it, else a model would trust rare categories. The slot is `<column> target`.
    Learning raises ConfigError for a label of three classes or more.
    """

    kind: Literal["target_encode"] = "target_encode"
    takes = ("text", "boolean", "numeric")
    smoothing: float = Field(10.0, ge=0, description="Rows' worth of the overall mean that each category is given.")
    folds: int = Field(5, ge=2, le=20, description="Parts that training rows are divided into by a hash of the key.")
    max_categories: int = Field(5_000, ge=1, le=5_000, description="Largest number of categories a column keeps.")

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.targets import LearnTargets

        columns = {each.name: (draft.category(each), draft.fresh()) for each in self.chosen(draft)}
        draft.stages.append(LearnTargets(columns, draft.key, self.smoothing, self.folds, self.max_categories))
        for name, (_, output) in columns.items():
            draft.put(Slot(f"{name} target", output, name, can_be_missing=False))
