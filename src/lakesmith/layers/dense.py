"""Every number of one layer with every number of the next."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.layers import Activation, Layer, Module, Shape, activated, need_numbers


class Dense(Layer):
    """`units` weighted sums of all numbers of the layer before, and the activation of each."""

    kind: Literal["dense"] = "dense"
    units: int = Field(ge=1, le=65_536, description="How many numbers come out.")
    activation: Activation | None = Field(None, description="Left out: the family's.")

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        linear = ("Linear", {"in_features": need_numbers(shape), "out_features": self.units})
        return [linear, *activated(self.activation or activation)]

    def shape_after(self, shape: Shape) -> Shape:
        return (self.units,)
