"""An image made smaller by the largest of neighbouring pixels."""

from __future__ import annotations

from typing import ClassVar, Literal

from lakesmith.layers.pooling import Pooling


class MaxPool(Pooling):
    """The largest value of each window of `size` × `size` pixels, channel by channel."""

    module: ClassVar[str] = "MaxPool2d"
    kind: Literal["max_pool"] = "max_pool"
