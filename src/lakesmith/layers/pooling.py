"""What both kinds of pooling share."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lakesmith.layers import Activation, Layer, Module, Shape, need_image, slid


class Pooling(Layer):
    """An image made smaller: one pixel for each window of `size` × `size` pixels, channel by channel."""

    module: ClassVar[str]
    size: int = Field(2, ge=1, le=64, description="Height and width of the window, in pixels.")
    stride: int | None = Field(None, ge=1, description="Pixels from window to window. Left out: its size.")

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        need_image(shape)
        return [(self.module, {"kernel_size": self.size, "stride": self.stride or self.size})]

    def shape_after(self, shape: Shape) -> Shape:
        channels, height, width = need_image(shape)
        return (channels, *(slid(each, self.size, self.stride or self.size, 0, "size") for each in (height, width)))
