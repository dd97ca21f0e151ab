"""Numbers left out by chance while a network learns."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.layers import Activation, Layer, Module, Rate, Shape


class Dropout(Layer):
    """Each number is set to 0 with probability `rate` while the network learns, and the others are scaled up to make
    up for it; when it answers, all are there (Srivastava et al., 2014)."""

    kind: Literal["dropout"] = "dropout"
    rate: Rate = Field(0.5, description="Share of the numbers that are left out, in [0, 1).")

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        return [("Dropout", {"p": self.rate})]
