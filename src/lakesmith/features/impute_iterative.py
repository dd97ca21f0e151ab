"""Missing values replaced by what the other columns predict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.filling import Filling

if TYPE_CHECKING:
    from lakesmith.features.learning.fills import Filled


class ImputeIterative(Filling):
    """Each missing value predicted by linear regression of its column on the other listed columns; replaces the slots.

    Missing values begin as the training mean; then, `rounds` times, column after column (fewest missing first) is
    regressed on the others as they stand and its missing values are predicted anew. Scoring goes through the same
    regressions and learns nothing. As scikit-learn's IterativeImputer with LinearRegression and no early stop, to about
    1e-6 deviations where no column is a combination of others. Learned from the columns' products, summed for each
    pattern of missing values in a fixed number of jobs; with very many patterns from the most frequent ones. A column
    without any value at training becomes 0. Source: van Buuren, Groothuis-Oudshoorn, mice (2011).
    """

    kind: Literal["impute_iterative"] = "impute_iterative"
    rounds: int = Field(10, ge=1, le=100, description="How often each column is predicted anew.")

    def learner(self, filled: tuple[Filled, ...], names: tuple[str, ...]) -> object:
        from lakesmith.features.learning.chained import LearnChained

        return LearnChained(filled, self.rounds, names)
