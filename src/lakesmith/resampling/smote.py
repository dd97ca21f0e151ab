"""Made rows of the small classes, each between two real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.errors import DataError
from lakesmith.families import FEATURES, LABEL, WEIGHT
from lakesmith.resampling import Drawing, Resampling, Share, class_counts
from lakesmith.resampling.neighbours import categorical_groups, made_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MOST_CELLS = 50_000_000  # of the small classes' vectors, which are brought together: 400 MB


class Smote(Resampling):
    """Adds made rows to the smaller classes until each has `share` of the largest's number.

    Each lies on the segment between a row of the class and one of its `neighbours` nearest ones of the same class, at
    a random place (Chawla et al. 2002, SMOTE). One-hot slots are categories: a made row has the most frequent one
    among the neighbours (SMOTE-NC), and two rows of different categories are apart by the median deviation of the
    numeric slots. The rows of the smaller classes are brought to the driver. Made rows weigh what the row they start
    from weighs. Raises DataError for missing values (add `impute`), for a class with fewer than two rows, and for
    more than 50 million cells.
    """

    kind: Literal["smote"] = "smote"
    share: Share = 1.0
    neighbours: int = Field(5, ge=1, le=100, description="Nearest rows of the same class that one is drawn from.")

    def apply(self, rows: DataFrame, drawing: Drawing) -> DataFrame:
        import numpy as np
        from pyspark.ml.functions import array_to_vector, vector_to_array
        from pyspark.sql import functions as F

        counts = class_counts(rows)
        wanted = round(max(counts.values(), default=0) * self.share)
        small = {each: wanted - count for each, count in sorted(counts.items()) if count < wanted}
        columns = [name for name in (FEATURES, LABEL, WEIGHT) if name in rows.columns]
        kept = rows.select(*columns)
        if len(counts) < 2 or not small:
            return kept
        groups = categorical_groups(rows.schema[FEATURES].metadata)
        few = kept.where(F.col(LABEL).isin([float(each) for each in small]))
        table = few.withColumn(FEATURES, vector_to_array(F.col(FEATURES))).toArrow()
        vectors = np.asarray(table[FEATURES].combine_chunks().flatten(), dtype=float).reshape(table.num_rows, -1)
        self._check(vectors, counts, small)
        labels, weights = table[LABEL].to_numpy(), table[WEIGHT].to_numpy() if WEIGHT in columns else None
        made = [
            made_rows(vectors, labels == each, weights, more, self.neighbours, groups, (drawing.seed, each))
            for each, more in small.items()
        ]
        frame = rows.sparkSession.createDataFrame(_arrow(made, list(small), columns))
        back = frame.withColumn(FEATURES, array_to_vector(F.col(FEATURES)))
        # The label's metadata says how many classes there are; a union keeps that of its first side.
        return kept.unionByName(back.select(*columns))

    def _check(self, vectors: object, counts: dict[int, int], small: dict[int, int]) -> None:
        import numpy as np

        values = np.asarray(vectors)
        if values.size > MOST_CELLS:
            raise DataError(
                f"smote would bring {values.shape[0]:,} rows of {values.shape[1]:,} numbers together",
                key="resample", fix="Use undersample, oversample or the task's `balance`.",
            )  # fmt: skip
        if not np.isfinite(values).all():
            raise DataError(
                "smote measures distances, and some slots of the training rows are missing",
                key="resample", fix="Add an impute feature for every column with missing values.",
            )  # fmt: skip
        lonely = [each for each in small if counts[each] < 2]
        if lonely:
            raise DataError(
                f"class {lonely[0]} has one row in a part that is learned from: it has no neighbour",
                key="resample", fix="Use fewer folds, or oversample.",
            )  # fmt: skip


def _arrow(made: Sequence[tuple[object, object]], classes: list[int], columns: list[str]) -> object:
    import numpy as np
    import pyarrow as pa

    parts = [(np.asarray(vectors), weights, each) for (vectors, weights), each in zip(made, classes, strict=True)]
    whole = np.concatenate([vectors for vectors, _, _ in parts])
    width = whole.shape[1]
    offsets = np.arange(0, whole.size + 1, width, dtype=np.int32)
    arrays: dict[str, object] = {
        FEATURES: pa.ListArray.from_arrays(pa.array(offsets), pa.array(whole.ravel())),
        LABEL: pa.array(np.concatenate([np.full(len(vectors), float(each)) for vectors, _, each in parts])),
    }
    if WEIGHT in columns:
        arrays[WEIGHT] = pa.array(np.concatenate([np.asarray(weights) for _, weights, _ in parts]))
    return pa.table(arrays)
