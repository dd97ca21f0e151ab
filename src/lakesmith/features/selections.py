"""Selection: features that choose among the slots of the features above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from lakesmith.features import Feature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft
    from lakesmith.features.learning.selections import Choice, Most


class Selection(Feature):
    """Chooses among the slots of all features above; those of features below are not looked at.

    What was dropped is a note of the model. Where nothing would be left, everything stays. A column whose slot was
    above can no longer be changed below.
    """

    def choice(self) -> Choice:
        """The positions to keep, from the training rows."""
        raise NotImplementedError

    def told(self) -> str:
        """The piece and its limit, for the note."""
        raise NotImplementedError

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.selections import LearnSelection

        whole, output = draft.gather(), draft.fresh()
        draft.stages.append(LearnSelection(whole, output, self.choice(), self.told()))
        draft.put(Slot(output, output, output, whole.can_be_missing, is_vector=True, parts=whole.parts))


class TopSelection(Selection):
    """A selection that keeps a number of slots, or a share of them."""

    count: int | None = Field(None, ge=1, description="How many slots stay. Exactly one of count and share is given.")
    share: float | None = Field(None, gt=0, le=1, description="The share of slots that stays, in (0, 1], rounded up.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.count is None) == (self.share is None):
            raise ValueError("give exactly one of count and share")
        return self

    def most(self) -> Most:
        """How many stay."""
        from lakesmith.features.learning.selections import Most

        return Most(self.count, self.share)

    def told(self) -> str:
        amount: Any = self.count if self.count is not None else f"{self.share:.0%}"
        return f"{type(self).model_fields['kind'].default} (best {amount})"
