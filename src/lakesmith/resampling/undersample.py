"""Fewer rows of the large classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lakesmith.families import LABEL
from lakesmith.resampling import Drawing, Resampling, Share, class_counts
from lakesmith.splits import share_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SALT = "undersample"


class Undersample(Resampling):
    """Leaves rows of the larger classes out until the smallest has `share` of their number, by a hash of the key.

    Class sizes are met up to chance (a threshold on the hash, not an exact count).
    """

    kind: Literal["undersample"] = "undersample"
    share: Share = 1.0

    def apply(self, rows: DataFrame, drawing: Drawing) -> DataFrame:
        from pyspark.sql import functions as F

        counts = class_counts(rows)
        if len(counts) < 2:
            return rows
        most = min(counts.values()) / self.share
        kept = F.lit(1.0)
        for each, count in sorted(counts.items()):
            kept = F.when(F.col(LABEL) == each, F.lit(min(1.0, most / count))).otherwise(kept)
        return rows.where(share_of(drawing.key, f"{_SALT}:{drawing.seed}") < kept)
