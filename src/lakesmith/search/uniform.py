"""Any number of a range."""

from __future__ import annotations

from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.search import Finite, Space, Value


class Uniform(Space):
    """Any number of [low, high], each as likely as the others."""

    kind: Literal["uniform"] = "uniform"
    low: Finite = Field(description="Smallest value.")
    high: Finite = Field(description="Largest value; above low.")

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    def draw(self, rng: Random) -> Value:
        return rng.uniform(self.low, self.high)

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "uniform", (self.low, self.high)

    def number(self, value: object) -> float | None:
        number = super().number(value)
        return number if number is not None and self.low <= number <= self.high else None
