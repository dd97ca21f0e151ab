"""An image made smaller by the mean of neighbouring pixels."""

from __future__ import annotations

from typing import ClassVar, Literal

from lakesmith.layers.pooling import Pooling


class AveragePool(Pooling):
    """The mean of each window of `size` × `size` pixels, channel by channel."""

    module: ClassVar[str] = "AvgPool2d"
    kind: Literal["average_pool"] = "average_pool"
