"""A learning rate that drops every few epochs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.schedules import Schedule


class Step(Schedule):
    """Multiplied by `factor_each` after every `every` epochs."""

    kind: Literal["step"] = "step"
    every: int = Field(10, ge=1, description="Epochs from drop to drop.")
    factor_each: float = Field(0.1, gt=0, le=1, description="What each drop multiplies the rate by.")

    def factor(self, at: float, epochs: int) -> float:
        return float(self.factor_each ** (int(at) // self.every))
