"""A multiple of a step, most of them near a mean."""

from __future__ import annotations

from random import Random
from typing import Literal

from pydantic import Field

from lakesmith.search import Finite, Positive, Space, Value, multiple


class QNormal(Space):
    """A multiple of q, normally distributed before it is rounded; no bounds."""

    kind: Literal["qnormal"] = "qnormal"
    mean: Finite = Field(description="Mean of the parameter.")
    stddev: Positive = Field(description="Standard deviation of the parameter.")
    q: Positive = Field(1.0, description="The step. Where it is an integer, so are the values.")

    def draw(self, rng: Random) -> Value:
        return self.value(rng.normalvariate(self.mean, self.stddev))

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "qnormal", (self.mean, self.stddev, self.q)

    def value(self, number: float) -> Value:
        return multiple(number, self.q)
