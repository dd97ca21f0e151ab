"""Any number of a range, its logarithm evenly spread."""

from __future__ import annotations

import math
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.search import Positive, Space, Value


class LogUniform(Space):
    """Any number of [low, high] with evenly spread logarithm: as many below as above their geometric mean."""

    kind: Literal["loguniform"] = "loguniform"
    low: Positive = Field(description="Smallest value of the parameter itself, above 0.")
    high: Positive = Field(description="Largest value of the parameter itself; above low.")

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    def draw(self, rng: Random) -> Value:
        return self.value(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "loguniform", (math.log(self.low), math.log(self.high))

    def value(self, number: float) -> Value:
        # exp(log(0.3)) is a hair above 0.3.
        return min(max(float(number), self.low), self.high)

    def number(self, value: object) -> float | None:
        number = super().number(value)
        return number if number is not None and self.low <= number <= self.high else None
