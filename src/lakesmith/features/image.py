"""An image in a column of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.columns import Names
from lakesmith.features import Feature, Slot
from lakesmith.features.statements import finite

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Image(Feature):
    """The pixels of an image, one number each: an array with the rows from top to bottom, in each the pixels from left
    to right, in each its channels.

    Missing pixels (NaN and infinite ones too), and those of a missing image, are 0. An array of another length is an
    error where it is met. `cnn` sees the image as one; for other families each pixel is a number.
    """

    kind: Literal["image"] = "image"
    column: str = Field(min_length=1, description="Column with an array of numbers.")
    height: int = Field(ge=1, le=4096, description="Pixels from top to bottom.")
    width: int = Field(ge=1, le=4096, description="Pixels from left to right.")
    channels: int = Field(1, ge=1, le=16, description="Numbers of a pixel: 1 for grey, 3 for red, green and blue.")

    def columns_after(self, names: Names) -> Names:
        names.need(self.column, key="column")
        return names

    def image(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    def compile(self, draft: Draft) -> None:
        from lakesmith_stages.transformers import ArrayToVector

        chosen = draft.need(self.column, ("array",), "column")
        size = self.height * self.width * self.channels
        pixel = f"coalesce({finite('x')}, 0D)"
        pixels = draft.row(f"transform(coalesce({chosen.sql}, array_repeat(0, {size})), x -> {pixel})", chosen.reads)
        vector = draft.fresh()
        draft.stages.append(ArrayToVector(inputCol=pixels, outputCol=vector, size=size))
        draft.put(Slot(chosen.name, vector, chosen.name, False, is_vector=True, size=size, shape=self.image()))
