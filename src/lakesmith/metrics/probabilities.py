"""How good predicted probabilities are: log loss and Brier score, from exact sums."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from lakesmith.metrics import Metric
from lakesmith.metrics.cells import Cells, FloatArray


class LogLoss(Metric):
    """The mean of −ln p(true class), with p clipped to [2.2e-16, 1 − 2.2e-16]; equals scikit-learn's `log_loss`."""

    kind: Literal["log_loss"] = "log_loss"
    sorts: ClassVar = frozenset({"binary", "multiclass"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, np.inf)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return cells.mean("log_loss")


class Brier(Metric):
    """The mean of (p(positive) − y)², y being 1 or 0 (Brier 1950); equals scikit-learn's `brier_score_loss`."""

    kind: Literal["brier"] = "brier"
    title: ClassVar = "Brier score"
    sorts: ClassVar = frozenset({"binary"})
    greater_is_better: ClassVar = False
    bounds: ClassVar = (0.0, 1.0)
    undefined: ClassVar = "there is no test row"

    def of(self, cells: Cells) -> FloatArray:
        return cells.mean("squared_error")
