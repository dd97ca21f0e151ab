"""A learning rate that falls along half a cosine."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.schedules import Schedule


class Cosine(Schedule):
    """From the configured rate to nothing along half a cosine (Loshchilov and Hutter, 2017), with a linear rise over
    the first `warmup_epochs`."""

    kind: Literal["cosine"] = "cosine"
    warmup_epochs: float = Field(0.0, ge=0, description="Epochs over which the rate rises from 0.")

    def check(self, epochs: int) -> None:
        if self.warmup_epochs >= epochs:
            raise ConfigError(
                f"the rate rises over {self.warmup_epochs:g} of {epochs} epochs",
                key="schedule",
                fix="Lower warmup_epochs.",
            )

    def factor(self, at: float, epochs: int) -> float:
        if at < self.warmup_epochs:
            return at / self.warmup_epochs
        left = max(epochs - self.warmup_epochs, 1e-9)
        return (1 + math.cos(math.pi * min((at - self.warmup_epochs) / left, 1.0))) / 2
