"""A learning rate that falls by the same share every epoch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.schedules import Schedule


class Exponential(Schedule):
    """Multiplied by `factor_each` after every epoch."""

    kind: Literal["exponential"] = "exponential"
    factor_each: float = Field(0.95, gt=0, le=1, description="What each epoch multiplies the rate by.")

    def factor(self, at: float, epochs: int) -> float:
        return float(self.factor_each ** int(at))
