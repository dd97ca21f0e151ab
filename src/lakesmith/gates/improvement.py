"""Improvement gate: the challenger beats the present champion, on the rows that were test rows for both."""

from __future__ import annotations

from math import nan
from typing import Literal

from pydantic import Field

from lakesmith.gates import Compared, Gate, Range, Verdict, gain, gain_range, shown


class Improvement(Gate):
    """The challenger's metric is better than the champion's, on the rows that were test rows for both.

    While there is no champion the naive baseline takes its place, on all test rows of the challenger.
    """

    kind: Literal["improvement"] = "improvement"
    by: float = Field(
        0.0,
        allow_inf_nan=False,
        description="By how much at least, in the metric's units; 0: not worse; below 0: so much worse is allowed.",
    )
    confident: bool = Field(
        False, description="Also ask that the 95 % bootstrap interval of the improvement lies above 0."
    )

    def judge(self, compared: Compared) -> Verdict:
        if compared.champion_shared is None:
            value, other = compared.challenger.get(self.metric, nan), compared.baseline.get(self.metric, nan)
            between = gain_range(self.metric, compared.difference_to_baseline, compared)
            against = "no champion yet: the naive baseline's"
        elif compared.shared_rows == 0:
            return Verdict(self.kind, False, "no row was a test row for both champion and challenger: nothing compares")
        else:
            value = (compared.challenger_shared or {}).get(self.metric, nan)
            other = compared.champion_shared.get(self.metric, nan)
            between = gain_range(self.metric, compared.difference, compared)
            rows = "the" if compared.shared_rows is None else f"{compared.shared_rows:,}"
            against = f"on {rows} rows that were test rows for both; the champion's"
        return self._verdict(value, other, gain(self.metric, value, other, compared), between, against)

    def _verdict(self, value: float, other: float, better: float, between: Range, against: str) -> Verdict:
        low, high = between
        told = f"{self.metric} is {shown(value)} ({against} {shown(other)}): better by {shown(better)}"
        interval = f", 95 % interval {shown(low)} to {shown(high)}" if low == low else ", without an interval"
        asked = f"by {self.by:g} or more" + (", with the interval above 0" if self.confident else "")
        passed = better >= self.by and (not self.confident or low > 0)
        return Verdict(self.kind, passed, f"{told}{interval}; asked: {asked}")
