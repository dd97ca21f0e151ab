"""Early termination: policies that end a trial whose reports are too far behind those of others, as in Azure ML.

Source of all definitions: Azure Machine Learning, "Hyperparameter tuning a model", section "Specify early termination
policy". There a run is what a trial is here, and every report of the primary metric is one interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from lakesmith.piece import Catalogue, Piece


@dataclass(frozen=True)
class Reports:
    """The metrics that one trial has reported, interval after interval."""

    metrics: Sequence[float]
    is_over: bool = False  # whether the trial has ended, in whatever way


class EarlyTermination(Piece):
    """A policy that looks at a trial at every interval that is a multiple of `evaluation_interval` and not before
    `delay_evaluation`. Intervals are counted from 1.

    A report that is not a finite number is worse than any number: it wins nothing, and moves no best and no average.
    """

    evaluation_interval: int = Field(1, ge=1, description="The policy is applied at every so many intervals.")
    delay_evaluation: int = Field(0, ge=0, description="The policy is not applied before this interval.")

    def is_applied(self, interval: int) -> bool:
        """Whether the policy looks at a trial at its so-many-th report."""
        return interval > 0 and interval % self.evaluation_interval == 0 and interval >= self.delay_evaluation

    def check(self, max_concurrent_trials: int) -> None:
        """Raises ConfigError when the policy can never end a trial of such a search."""

    def reason(self, own: Sequence[float], others: Sequence[Reports], *, greater_is_better: bool) -> str | None:
        """Why the trial that has reported `own` so far ends now, in words that follow on its interval; None when it
        goes on. `others` are the other trials, running or over, each with all that it has reported."""
        if not self.is_applied(len(own)):
            return None
        return self._reason(own, others, Scale(1.0 if greater_is_better else -1.0))

    def _reason(self, own: Sequence[float], others: Sequence[Reports], scale: Scale) -> str | None:
        """The same at an interval at which the policy is applied."""
        raise NotImplementedError


@dataclass(frozen=True)
class Scale:
    """Metrics as goodness: greater is better whatever the metric, and what is no finite number is −∞."""

    sign: float

    def good(self, metric: float) -> float:
        """The goodness of one metric."""
        return self.sign * metric if math.isfinite(metric) else -math.inf

    def numbers(self, metrics: Sequence[float]) -> list[float]:
        """The goodness of those that are finite numbers."""
        return [self.sign * each for each in metrics if math.isfinite(each)]

    def best(self, metrics: Sequence[float]) -> float:
        """The goodness of the best of them; −∞ where none is a number."""
        return max((self.good(each) for each in metrics), default=-math.inf)

    def metric(self, goodness: float) -> float:
        """The metric of a goodness; NaN where there was no number."""
        return self.sign * goodness if math.isfinite(goodness) else math.nan


POLICIES: Catalogue[EarlyTermination] = Catalogue(EarlyTermination)
AnyEarlyTermination = Annotated[EarlyTermination, POLICIES]
