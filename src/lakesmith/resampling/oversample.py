"""Rows of the small classes more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lakesmith.resampling import Drawing, Resampling, Share, by_class, class_counts
from lakesmith.splits import share_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SALT = "oversample"


class Oversample(Resampling):
    """Repeats rows of the smaller classes until each has `share` of the largest's number.

    Every row stands there as often as the whole part of its class's factor says, and once more where a hash of the
    key is below the rest: class sizes are met up to chance, and no row is repeated much more than another.
    """

    kind: Literal["oversample"] = "oversample"
    share: Share = 1.0

    def apply(self, rows: DataFrame, drawing: Drawing) -> DataFrame:
        from pyspark.sql import functions as F

        counts = class_counts(rows)
        if len(counts) < 2:
            return rows
        wanted = max(counts.values()) * self.share
        factor = by_class(counts, lambda count: max(1.0, wanted / count))
        draw = share_of(drawing.key, f"{_SALT}:{drawing.seed}")
        times = (F.floor(factor) + (draw < factor - F.floor(factor)).cast("int")).cast("int")
        copies = F.sequence(F.lit(1), times)
        return rows.withColumn("_lakesmith_copy", F.explode(copies)).drop("_lakesmith_copy")
