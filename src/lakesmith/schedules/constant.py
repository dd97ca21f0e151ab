"""The same learning rate throughout."""

from __future__ import annotations

from typing import Literal

from lakesmith.schedules import Schedule


class Constant(Schedule):
    """The learning rate as it is configured."""

    kind: Literal["constant"] = "constant"

    def factor(self, at: float, epochs: int) -> float:
        return 1.0
