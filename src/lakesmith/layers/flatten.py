"""From an image to numbers."""

from __future__ import annotations

from math import prod
from typing import Literal

from lakesmith.layers import Activation, Layer, Module, Shape, need_image


class Flatten(Layer):
    """All pixels of all channels in one row of numbers; the other features of the row join them here."""

    kind: Literal["flatten"] = "flatten"

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        need_image(shape)
        return [("Flatten", {})]

    def shape_after(self, shape: Shape) -> Shape:
        return (prod(shape),)
