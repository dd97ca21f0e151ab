"""Numbers between two limits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.features.scaling import Scaling


class MinMax(Scaling):
    """(value − least) ÷ (largest − least), both of the training rows, stretched to [lower, upper]; replaces the slot.

    Missing values stay missing. A column that is constant in training is moved to `lower` and not divided. Values
    beyond those of the training rows leave the limits unless `clip`. As scikit-learn's MinMaxScaler.
    """

    kind: Literal["min_max"] = "min_max"
    lower: float = Field(0.0, allow_inf_nan=False, description="What the least training value becomes.")
    upper: float = Field(1.0, allow_inf_nan=False, description="What the largest training value becomes.")
    clip: bool = Field(False, description="Cut values beyond those of the training rows to the limits.")

    @model_validator(mode="after")
    def _lower_is_below_upper(self) -> Self:
        if not self.lower < self.upper:
            raise ValueError("lower must be less than upper")
        return self

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        from lakesmith.features.learning.affine import LearnAffine, ranges

        limits = (self.lower, self.upper)
        return LearnAffine(columns, ranges(*limits), limits if self.clip else None)
