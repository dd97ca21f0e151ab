"""A multiple of a step, its logarithm evenly spread."""

from __future__ import annotations

import math
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.search import FEW, Positive, Space, Value, multiples_between, steps


class QLogUniform(Space):
    """A multiple of q in [low, high] with evenly spread logarithm."""

    kind: Literal["qloguniform"] = "qloguniform"
    low: Positive = Field(description="No value is below it; above 0.")
    high: Positive = Field(description="No value is above it.")
    q: Positive = Field(1.0, description="The step. Where it is an integer, so are the values.")

    @model_validator(mode="after")
    def _two_multiples(self) -> Self:
        first, last = self._steps
        if first >= last:
            raise ValueError(f"there must be two multiples of {self.q:g} between {self.low:g} and {self.high:g}")
        return self

    @property
    def _steps(self) -> tuple[int, int]:
        return multiples_between(self.low, self.high, self.q)

    def grid(self) -> tuple[Value, ...]:
        first, last = self._steps
        if last - first >= FEW:
            return super().grid()
        return tuple(steps(0.0, self.q, step) for step in range(first, last + 1))

    def draw(self, rng: Random) -> Value:
        return self.value(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "qloguniform", (math.log(self.low), math.log(self.high), self.q)

    def value(self, number: float) -> Value:
        first, last = self._steps
        return steps(0.0, self.q, min(max(number / self.q, first), last))

    def number(self, value: object) -> float | None:
        number = super().number(value)
        return number if number is not None and self.low <= number <= self.high else None
