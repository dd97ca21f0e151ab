"""Principal components: fewer numbers that carry most of what many say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Pca(ColumnsFeature):
    """The first principal components of the listed columns, learned from the training rows (Spark ML's PCA).

    The columns are centred, and with `scale` divided by their standard deviation (n − 1). The slots are `<name> 1`,
    `<name> 2`, …; the largest loading of each is positive. A missing value counts as the column's mean. Other
    partitions change the thirteenth digit.
    """

    kind: Literal["pca"] = "pca"
    components: int | None = Field(
        None, ge=1, description="How many components. Exactly one of components and share is given."
    )
    share: float | None = Field(
        None, gt=0, le=1, description="As many components as carry this share of the variance, in (0, 1]."
    )
    scale: bool = Field(True, description="Divide each column by its standard deviation first.")
    name: str = Field("pca", min_length=1, description="What the slots are called.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.components is None) == (self.share is None):
            raise ValueError("give exactly one of components and share")
        return self

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.components import LearnComponents

        chosen = self.chosen(draft)
        if self.components is not None and self.components > len(chosen):
            raise ConfigError(
                f"{len(chosen)} columns have no {self.components} components", key="components", fix="Ask for fewer."
            )
        size, output = self.components or len(chosen), draft.fresh()
        columns = {each.name: draft.number(each) for each in chosen}
        draft.stages.append(LearnComponents(columns, output, self.name, size, self.share, scale=self.scale))
        whole = Slot(self.name, output, self.name, can_be_missing=False, is_vector=True, size=size)
        slot = Slot(self.name, output, self.name, can_be_missing=False, is_vector=True, parts=(whole,))
        draft.put(slot, key=f"{self.name} ")
