"""Any number above 0, its logarithm near a mean."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from pydantic import Field

from lakesmith.search import Finite, Positive, Space, Value


class LogNormal(Space):
    """Any number above 0 whose logarithm is normally distributed."""

    kind: Literal["lognormal"] = "lognormal"
    mean: Finite = Field(description="Mean of the parameter's logarithm.")
    stddev: Positive = Field(description="Standard deviation of the parameter's logarithm.")

    def draw(self, rng: Random) -> Value:
        return math.exp(rng.normalvariate(self.mean, self.stddev))

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "lognormal", (self.mean, self.stddev)

    def number(self, value: object) -> float | None:
        number = super().number(value)
        return number if number is not None and number > 0 else None
