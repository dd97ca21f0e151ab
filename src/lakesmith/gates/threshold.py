"""Threshold gate: a metric on the test rows stays within limits."""

from __future__ import annotations

from math import nan
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.gates import Compared, Gate, Verdict, shown


class Threshold(Gate):
    """The challenger's metric over all its test rows is at least, or at most, a number."""

    kind: Literal["threshold"] = "threshold"
    at_least: float | None = Field(None, allow_inf_nan=False, description="The least value that passes.")
    at_most: float | None = Field(None, allow_inf_nan=False, description="The greatest value that passes.")

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a threshold gate needs 'at_least' or 'at_most'")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"'at_least' ({self.at_least:g}) is above 'at_most' ({self.at_most:g}): nothing can pass")
        return self

    def judge(self, compared: Compared) -> Verdict:
        value = compared.challenger.get(self.metric, nan)
        # NaN compares false with everything, so it passes neither limit.
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        limits = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        limits += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return Verdict(
            self.kind, low and high, f"{self.metric} is {shown(value)} on the test rows; asked: {', '.join(limits)}"
        )
