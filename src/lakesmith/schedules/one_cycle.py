"""A learning rate that rises first and falls then."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from lakesmith.schedules import Schedule

LOWEST = 1 / 25  # where the rise begins


class OneCycle(Schedule):
    """From a 25th of the configured rate up to it, and down to nothing, both along half a cosine (Smith, 2018)."""

    kind: Literal["one_cycle"] = "one_cycle"
    rising_share: float = Field(0.3, gt=0, lt=1, description="Share of the epochs in which the rate rises.")

    def factor(self, at: float, epochs: int) -> float:
        place = min(at / epochs, 1.0)
        if place < self.rising_share:
            return LOWEST + (1 - LOWEST) * (1 - math.cos(math.pi * place / self.rising_share)) / 2
        return (1 + math.cos(math.pi * (place - self.rising_share) / (1 - self.rising_share))) / 2
