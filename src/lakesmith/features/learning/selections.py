"""Learned choices among the numbers of one vector; what stays is a stock `VectorSlicer`."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.classification import RandomForestClassifier
from pyspark.ml.feature import VectorSlicer
from pyspark.ml.regression import RandomForestRegressor
from pyspark.sql import DataFrame

from lakesmith.families import LABEL
from lakesmith.features import Slot
from lakesmith.features.learning.learner import Learner, Note, listed
from lakesmith.features.learning.slot_statistics import (
    VECTOR,
    Numbers,
    chi_squared,
    correlations,
    explained,
    f_values,
    mutual_information,
    rounded,
    slot_rows,
    variances,
)
from lakesmith.features.slot_names import named_slots

# Up to 10,000 rows Spark's trees look at every value when they place their splits; with more at a sample, which
# follows the partitions.
FOREST_ROWS = 9_500

Choice = Callable[[DataFrame, Slot], Iterable[int]]


@dataclass(frozen=True)
class Most:
    """How many stay: `count` of them, or a `share` in (0, 1], rounded up."""

    count: int | None = None
    share: float | None = None

    def of(self, size: int) -> int:
        """The number that stays of `size`."""
        return min(size, self.count if self.count is not None else int(np.ceil(size * (self.share or 1.0))))

    def best(self, scores: Numbers) -> list[int]:
        """The positions with the highest scores; of equals the first."""
        return [int(each) for each in np.argsort(-scores, kind="stable")[: self.of(len(scores))]]


class LearnSelection(Learner):
    """Leaves of a vector the numbers that `choice` chooses, in their order; all of them where it chooses none."""

    def __init__(self, whole: Slot, output: str, choice: Choice, told: str) -> None:
        super().__init__()
        self.whole = whole
        self.output = output
        self.choice = choice
        self.told = told

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        size = int(dataset.schema[self.whole.column].metadata["ml_attr"]["num_attrs"])
        kept = sorted(self.choice(dataset, self.whole))
        slicer = VectorSlicer(inputCol=self.whole.column, outputCol=self.output, indices=kept or list(range(size)))
        if not kept:
            return [slicer], [f"{self.told}: nothing would be left, so all {size:,} slots stay"]
        gone = sorted(set(range(size)).difference(kept))
        return [slicer], [self._note(gone, size)] if gone else []

    def _note(self, gone: list[int], size: int) -> Note:
        def told(model: PipelineModel) -> str:
            names = [each.name for each in named_slots([self.whole], model)]
            return f"{self.told}: {len(gone):,} of {size:,} slots dropped: {listed([names[each] for each in gone])}"

        return told


def by_variance(frame: DataFrame, whole: Slot, *, limit: float) -> list[int]:
    """Those whose variance is above the limit."""
    return [int(each) for each in np.flatnonzero(variances(frame, whole.column, whole.can_be_missing) > limit)]


def by_score(frame: DataFrame, whole: Slot, *, score: str, most: Most, bins: int) -> list[int]:
    """Those that go most with the label, each looked at alone."""
    slots = slot_rows(frame, whole.column, whole.can_be_missing)
    if score == "mutual_information":
        return most.best(mutual_information(slots, bins))
    return most.best(chi_squared(slots) if score == "chi_squared" else f_values(slots))


def by_correlation(frame: DataFrame, whole: Slot, *, limit: float) -> list[int]:
    """Those that stay when, from the slot that goes most with the label downwards, each throws out the ones below it
    that it correlates with."""
    slots = slot_rows(frame, whole.column, whole.can_be_missing)
    if slots.rows.limit(2).count() < 2:
        return list(range(slots.size))
    correlated = np.abs(correlations(slots)) > limit
    worth = np.zeros(slots.size) if slots.classes is None else explained(slots)[0]
    kept: list[int] = []
    for each in np.argsort(-worth, kind="stable"):
        if not correlated[each, kept].any():
            kept.append(int(each))
    return kept


def by_importance(frame: DataFrame, whole: Slot, *, most: Most, num_trees: int, max_depth: int, seed: int) -> list[int]:
    """Those that matter most to a small random forest (mean decrease of impurity)."""
    slots = slot_rows(frame, whole.column, whole.can_be_missing, FOREST_ROWS)
    kind = RandomForestClassifier if slots.need_label() else RandomForestRegressor
    if slots.rows.isEmpty():
        return list(range(slots.size))
    forest = kind(
        featuresCol=VECTOR,
        labelCol=LABEL,
        numTrees=num_trees,
        maxDepth=max_depth,
        seed=seed,
        # Bootstrap samples follow the partitions; random slots at each split make the trees differ enough.
        bootstrap=False,
        featureSubsetStrategy="sqrt" if slots.classes else "onethird",
    )
    return most.best(rounded(forest.fit(slots.rows).featureImportances.toArray()))
