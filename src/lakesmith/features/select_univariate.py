"""The slots that go most with the label, each looked at alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.selections import TopSelection

if TYPE_CHECKING:
    from lakesmith.features.learning.selections import Choice


class SelectUnivariate(TopSelection):
    """Keeps the slots with the highest score against the label in the training rows; of equals the first.

    `f_test`: one-way analysis of variance over the classes, or of a regression on the one slot. `chi_squared`: slots
    as amounts by class, none of them negative (words, counts, categories). `mutual_information`: from joint counts
    in quantile bins; dearer, as each number of each row is a row of its own. They are scikit-learn's `f_classif`,
    `f_regression`, `chi2` and, on binned data, `mutual_info_score`. A missing value counts as the slot's mean. Row
    weights are not used.
    """

    kind: Literal["select_univariate"] = "select_univariate"
    score: Literal["f_test", "chi_squared", "mutual_information"] = Field(
        "f_test", description="What slots are ranked by; `chi_squared` needs a label of classes."
    )
    bins: int = Field(
        10, ge=2, le=100, description="Quantile bins of slots and of a number as label, for `mutual_information`."
    )

    def choice(self) -> Choice:
        from lakesmith.features.learning.selections import by_score

        return partial(by_score, score=self.score, most=self.most(), bins=self.bins)
