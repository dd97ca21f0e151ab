"""Baseline gate: the challenger beats the naive model."""

from __future__ import annotations

from math import nan
from typing import Literal

from pydantic import Field

from lakesmith.gates import Compared, Gate, Verdict, gain, shown


class BeatsBaseline(Gate):
    """The challenger's metric is better than the naive model's, on all test rows of the challenger."""

    kind: Literal["baseline"] = "baseline"
    by: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="By how much at least, in the metric's units; 0: by anything."
    )

    def judge(self, compared: Compared) -> Verdict:
        value, naive = (side.get(self.metric, nan) for side in (compared.challenger, compared.baseline))
        better = gain(self.metric, value, naive, compared)
        asked = f"by {self.by:g} or more" if self.by else "by anything above 0"
        return Verdict(
            self.kind,
            better > 0 and better >= self.by,
            f"{self.metric} is {shown(value)}, the naive baseline's {shown(naive)}: better by {shown(better)}; "
            f"asked: {asked}",
        )
