"""Fewer rows of the large classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lakesmith.resampling import Drawing, Resampling, Share, by_class, class_counts
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
        counts = class_counts(rows)
        if len(counts) < 2:
            return rows
        most = min(counts.values()) / self.share
        kept = by_class(counts, lambda count: min(1.0, most / count))
        return rows.where(share_of(drawing.key, f"{_SALT}:{drawing.seed}") < kept)
