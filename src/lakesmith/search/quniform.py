"""A number of a range in equal steps."""

from __future__ import annotations

from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.search import FEW, Finite, Positive, Space, Value, steps, steps_between


class QUniform(Space):
    """low, low + q, low + 2q, … up to high, each as likely as the others.

    The steps are counted from `low`, so every value lies in the range (hyperopt's own `quniform` takes multiples of
    q and may leave it).
    """

    kind: Literal["quniform"] = "quniform"
    low: Finite = Field(description="Smallest value.")
    high: Finite = Field(description="No value is above it; at least one step above low.")
    q: Positive = Field(1.0, description="The step. Where low and q are integers, so are the values.")

    @model_validator(mode="after")
    def _room_for_a_step(self) -> Self:
        if self._last_step < 1:
            raise ValueError(f"high ({self.high:g}) must be at least one step of {self.q:g} above low ({self.low:g})")
        return self

    @property
    def _last_step(self) -> int:
        return steps_between(self.low, self.high, self.q)

    def grid(self) -> tuple[Value, ...]:
        if self._last_step >= FEW:
            return super().grid()
        return tuple(steps(self.low, self.q, step) for step in range(self._last_step + 1))

    def draw(self, rng: Random) -> Value:
        return steps(self.low, self.q, rng.randint(0, self._last_step))

    def form(self) -> tuple[str, tuple[float, ...]]:
        # Half a step beyond either end: the first and last value are as likely as the rest.
        return "quniform", (-0.5, self._last_step + 0.5, 1.0)

    def value(self, number: float) -> Value:
        return steps(self.low, self.q, min(max(number, 0.0), self._last_step))

    def number(self, value: object) -> float | None:
        number = super().number(value)
        step = None if number is None else float(round((number - self.low) / self.q))
        return step if step is not None and 0 <= step <= self._last_step else None
