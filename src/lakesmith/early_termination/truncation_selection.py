"""Truncation selection: ends the lowest share of the trials at each interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from lakesmith.early_termination import EarlyTermination, Reports, Scale
from lakesmith.errors import ConfigError
from lakesmith.wording import decimal


class TruncationSelection(EarlyTermination):
    """Ends a trial whose metric at interval n is in the lowest `truncation_percentage` of all trials at interval n.

    All trials are those with at least n reports, the trial itself being one. Of 10 trials the lowest 20 % are 2, of 9
    they are 1: a trial is among them when no more than so many, itself included, are no better than it. Where several
    are equally bad and not all of them would have room, none is.

    Source: Azure Machine Learning, "Hyperparameter tuning a model", truncation selection policy.
    """

    kind: Literal["truncation_selection"] = "truncation_selection"
    truncation_percentage: int = Field(ge=1, le=99, description="Share of the trials that is ended, in percent.")
    exclude_finished_jobs: bool = Field(
        False, description="Compare with trials that still run only; needs several that run at once."
    )

    def check(self, max_concurrent_trials: int) -> None:
        if self.exclude_finished_jobs and max_concurrent_trials == 1:
            raise ConfigError(
                "with one trial at a time no other one is still running, and nothing can be compared",
                key="exclude_finished_jobs",
                fix="Leave it out, or let several trials run at once with tune.max_concurrent_trials.",
            )

    def _reason(self, own: Sequence[float], others: Sequence[Reports], scale: Scale) -> str | None:
        count, mine = len(own), scale.good(own[-1])
        compared = [
            scale.good(each.metrics[count - 1])
            for each in others
            if len(each.metrics) >= count and not (self.exclude_finished_jobs and each.is_over)
        ]
        everyone = len(compared) + 1
        lowest = everyone * self.truncation_percentage // 100
        if 1 + sum(each <= mine for each in compared) > lowest:
            return None
        value = decimal(scale.metric(mine))
        return f"its metric, {value}, is in the lowest {self.truncation_percentage} % of {everyone} trials"
