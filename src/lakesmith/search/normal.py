"""Any number, most of them near a mean."""

from __future__ import annotations

from random import Random
from typing import Literal

from pydantic import Field

from lakesmith.search import Finite, Positive, Space, Value


class Normal(Space):
    """Any number, normally distributed; no bounds."""

    kind: Literal["normal"] = "normal"
    mean: Finite = Field(description="Mean of the parameter.")
    stddev: Positive = Field(description="Standard deviation of the parameter.")

    def draw(self, rng: Random) -> Value:
        return rng.normalvariate(self.mean, self.stddev)

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "normal", (self.mean, self.stddev)
