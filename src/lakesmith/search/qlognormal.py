"""A multiple of a step, its logarithm near a mean."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from pydantic import Field

from lakesmith.search import Finite, Positive, Space, Value, multiple


class QLogNormal(Space):
    """A multiple of q, 0 or more, whose logarithm is normally distributed before it is rounded."""

    kind: Literal["qlognormal"] = "qlognormal"
    mean: Finite = Field(description="Mean of the parameter's logarithm.")
    stddev: Positive = Field(description="Standard deviation of the parameter's logarithm.")
    q: Positive = Field(1.0, description="The step. Where it is an integer, so are the values.")

    def draw(self, rng: Random) -> Value:
        return self.value(math.exp(rng.normalvariate(self.mean, self.stddev)))

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "qlognormal", (self.mean, self.stddev, self.q)

    def value(self, number: float) -> Value:
        return multiple(number, self.q)

    def number(self, value: object) -> float | None:
        number = super().number(value)
        return number if number is not None and number >= 0 else None
