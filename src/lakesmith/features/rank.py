"""Numbers spread evenly between 0 and 1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.features.scaling import Scaling


class Rank(Scaling):
    """The share of training rows with a smaller value, in [0, 1]; replaces the column's slot.

    Taken from learned quantiles and linear between them: 0 at the least training value and below, 1 at the largest and
    above. Of equal training values it is the share below the first of them. Missing values are left out when learning
    and stay missing; a column without values in training becomes 0. Where no values are equal this is scikit-learn's
    QuantileTransformer (uniform).
    """

    kind: Literal["rank"] = "rank"
    takes = ("numeric",)
    quantiles: int = Field(100, ge=1, le=1_000, description="Number of steps; a share is exact to 1 ÷ this number.")

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        from lakesmith.features.learning.ranks import LearnRanks

        return LearnRanks(columns, self.quantiles)
