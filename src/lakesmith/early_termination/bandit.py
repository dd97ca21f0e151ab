"""Bandit: ends a trial that is too far behind the best one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.early_termination import EarlyTermination, Reports, Scale
from lakesmith.wording import decimal


class Bandit(EarlyTermination):
    """Ends a trial whose best metric up to the interval is worse than the best of all trials less some slack.

    With `best` the best metric of any trial up to the same interval, the limit is best − slack_amount, or
    best / (1 + slack_factor); where less is better, best + slack_amount, or best × (1 + slack_factor).

    Azure ML does not say what a ratio of a negative `best` is: by the formula the best trial itself would end. Here
    multiplying and dividing then change places, so that slack always allows something: a best R² of −0.5 and a
    slack_factor of 0.2 allow −0.6. Of a `best` of 0 there is no ratio, and nothing ends. For a metric that may come
    near 0, slack_amount is the better choice.

    Source: Azure Machine Learning, "Hyperparameter tuning a model", bandit policy.
    """

    kind: Literal["bandit"] = "bandit"
    slack_factor: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="How far behind the best a trial may be, as a ratio."
    )
    slack_amount: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="How far behind the best a trial may be, in the metric's units."
    )

    @model_validator(mode="after")
    def _one_slack(self) -> Self:
        if (self.slack_factor is None) == (self.slack_amount is None):
            raise ValueError("bandit needs exactly one of 'slack_factor' and 'slack_amount'")
        return self

    def _reason(self, own: Sequence[float], others: Sequence[Reports], scale: Scale) -> str | None:
        mine = scale.best(own)
        best = max(mine, *(scale.best(each.metrics[: len(own)]) for each in others), -math.inf)
        limit = self._limit(best)
        if mine >= limit:
            return None
        slack = "slack_factor" if self.slack_amount is None else "slack_amount"
        return (
            f"its best, {decimal(scale.metric(mine))}, is worse than {decimal(scale.metric(limit))} (the best of all "
            f"trials is {decimal(scale.metric(best))}, {slack} {getattr(self, slack):g})"
        )

    def _limit(self, best: float) -> float:
        """The goodness below which a trial ends; −∞ where none does."""
        if self.slack_amount is not None:
            return best - self.slack_amount
        if best == 0:
            return -math.inf
        ratio = 1 + (self.slack_factor or 0.0)
        # A loss has a negative goodness: more of it is what is allowed.
        return best / ratio if best > 0 else best * ratio
