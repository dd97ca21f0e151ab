"""Numbers standardized by the batch they come in."""

from __future__ import annotations

from typing import Literal

from lakesmith.layers import Activation, Layer, Module, Shape


class BatchNorm(Layer):
    """Each number (of an image: each channel) standardized over its batch, then scaled and shifted by what is learned;
    when the network answers, by the averages met while it learned (Ioffe and Szegedy, 2015)."""

    kind: Literal["batch_norm"] = "batch_norm"

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        return [("BatchNorm2d" if len(shape) == 3 else "BatchNorm1d", {"num_features": shape[0]})]
