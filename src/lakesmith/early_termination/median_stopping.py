"""Median stopping: ends a trial that is worse than the typical one was on its way."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Literal

from lakesmith.early_termination import EarlyTermination, Reports, Scale
from lakesmith.wording import decimal


class MedianStopping(EarlyTermination):
    """Ends a trial whose best metric up to interval n is worse than the median of the running averages of all trials.

    A trial's running average is the mean of its reports over intervals 1 … n; trials with fewer than n reports have
    none, and the trial itself is one of all. Reports that are no numbers are left out of an average.

    Source: Azure Machine Learning, "Hyperparameter tuning a model", median stopping policy.
    """

    kind: Literal["median_stopping"] = "median_stopping"

    def _reason(self, own: Sequence[float], others: Sequence[Reports], scale: Scale) -> str | None:
        count, mine = len(own), scale.best(own)
        reached = [own, *(each.metrics[:count] for each in others if len(each.metrics) >= count)]
        averages = [fmean(numbers) for each in reached if (numbers := scale.numbers(each))]
        if not averages or mine >= median(averages):
            return None
        return (
            f"its best, {decimal(scale.metric(mine))}, is worse than {decimal(scale.metric(median(averages)))}, the "
            f"median of the running averages of {len(averages)} trials"
        )
