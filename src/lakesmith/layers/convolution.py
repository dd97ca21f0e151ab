"""Small filters slid over an image."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.layers import Activation, Layer, Module, Shape, activated, need_image, slid


class Convolution(Layer):
    """`filters` small windows of weights slid over the image: each gives a new channel that says where it fits."""

    kind: Literal["convolution"] = "convolution"
    filters: int = Field(ge=1, le=4096, description="How many channels come out.")
    size: int = Field(3, ge=1, le=31, description="Height and width of the window, in pixels.")
    stride: int = Field(1, ge=1, description="Pixels from one place of the window to the next.")
    padding: Literal["same", "none"] = Field(
        "same", description="same: zeros around the image, so that with stride 1 it keeps its size; none."
    )
    activation: Activation | None = Field(None, description="Left out: the family's.")

    @model_validator(mode="after")
    def _middle(self) -> Self:
        if self.padding == "same" and self.size % 2 == 0:
            raise ValueError(f"size is {self.size}; with padding `same` the window needs a middle: an odd size")
        return self

    @property
    def _padding(self) -> int:
        return self.size // 2 if self.padding == "same" else 0

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        channels, _, _ = need_image(shape)
        told = {"in_channels": channels, "out_channels": self.filters, "kernel_size": self.size}
        convolution = ("Conv2d", {**told, "stride": self.stride, "padding": self._padding})
        return [convolution, *activated(self.activation or activation)]

    def shape_after(self, shape: Shape) -> Shape:
        _, height, width = need_image(shape)
        places = (slid(each, self.size, self.stride, self._padding, "size") for each in (height, width))
        return (self.filters, *places)
