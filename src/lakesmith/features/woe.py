"""One number for a bin or a category: how much it speaks for the positive class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Woe(ColumnsFeature):
    """The weight of evidence of the row's bin or category for a binary label, as slot `<column> woe`:
    ln( (p + s) ÷ (P + 2s) ÷ ((n + s) ÷ (N + 2s)) ) with p of all P positive and n of all N negative training rows in
    it, and s = `smoothing`.

    Numbers are cut into bins, text and booleans go by category; missing values are a bin or a category of their own.
    Categories beyond the cap share one weight, which unseen ones have too. What no training row had has 0: no evidence.
    Rows count once whatever their weight. Learned from the label of training rows only; a category with few rows still
    tells of their labels, so keep `max_categories` low or `smoothing` high. Raises ConfigError for a label that is not
    binary. Source: Siddiqi, Credit Risk Scorecards (2006); smoothing as in category_encoders.
    """

    kind: Literal["woe"] = "woe"
    takes = ("numeric", "boolean", "text")
    method: Literal["quantile", "tree"] = Field("tree", description="How numbers are cut into bins; see `bin`.")
    bins: int = Field(10, ge=2, le=64, description="The most bins a numeric column is cut into.")
    min_share: float = Field(
        0.05, ge=0, lt=1, description="Smallest share of the training rows with a value in a bin of `tree`, in [0, 1)."
    )
    max_categories: int = Field(
        100, ge=1, le=5_000, description="Largest number of categories a column keeps: the most frequent ones."
    )
    smoothing: float = Field(0.5, gt=0, allow_inf_nan=False, description="Rows added to each count.")

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.evidence import LearnEvidence

        chosen = self.chosen(draft)
        numbers = {e.name: (draft.number(e), draft.fresh()) for e in chosen if e.sort == "numeric"}
        texts = {e.name: (draft.category(e), draft.fresh()) for e in chosen if e.sort != "numeric"}
        draft.stages.append(LearnEvidence(numbers, texts, self))
        for each in chosen:
            _, output = (numbers | texts)[each.name]
            draft.put(Slot(f"{each.name} woe", output, each.name, can_be_missing=False))
