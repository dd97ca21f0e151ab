"""Numbers on one scale that outliers do not move."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.features.scaling import Scaling


class Robust(Scaling):
    """(value − median) ÷ interquartile range, both of the training rows; replaces the column's slot.

    Missing values are left out when learning and stay missing. Where the range is 0 the column is centred only. The
    quantiles are exact up to a million rows. As scikit-learn's RobustScaler.
    """

    kind: Literal["robust"] = "robust"
    center: bool = Field(True, description="Subtract the median.")
    scale: bool = Field(True, description="Divide by the range between the two quantiles.")
    low: float = Field(0.25, ge=0, lt=1, description="Share of rows below the range's lower quantile.")
    high: float = Field(0.75, gt=0, le=1, description="Share of rows below the range's upper quantile.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.center or self.scale):
            raise ValueError("with center and scale both off nothing is done")
        if not self.low < self.high:
            raise ValueError("low must be less than high")
        return self

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        from lakesmith.features.learning.affine import LearnAffine, spreads

        return LearnAffine(columns, spreads(self.low, self.high, center=self.center, scale=self.scale))
