"""Resampling: training rows drawn anew after their features, in every fold and for the final fit.

Rows that judge (validation, test) and rows that are scored are never resampled. With classes drawn to other shares, a
model's probabilities are those of the resampled rows, not of the world's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.families import LABEL
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Drawing:
    """What resampling is told: the columns that tell rows apart, the seed, and how many classes there are."""

    key: tuple[str, ...]
    seed: int
    classes: int


class Resampling(Piece):
    """Training rows with LABEL (index of the class) and FEATURES, some of them left out, repeated or made."""

    def apply(self, rows: DataFrame, drawing: Drawing) -> DataFrame:
        """The rows to learn from, with the columns FEATURES, LABEL and, where there is one, WEIGHT at least.

        The same rows in whatever order and partitions give the same rows. A fixed number of Spark actions.
        """
        raise NotImplementedError


def check_classes(sort: str) -> None:
    """Raises ConfigError where the label is a number: there are no classes to balance."""
    if sort == "regression":
        raise ConfigError("resampling balances classes; this label is a number", key="kind", fix="Leave it out.")


def class_counts(rows: DataFrame) -> dict[int, int]:
    """Class → rows. One Spark action."""
    return {int(row[LABEL]): row["count"] for row in rows.groupBy(LABEL).count().collect()}


def by_class(counts: Mapping[int, int], value: Callable[[int], float]) -> Column:
    """`value` of the number of rows of the row's class; 1 for a class that is not counted."""
    from pyspark.sql import functions as F

    column = F.lit(1.0)
    for each, count in sorted(counts.items()):
        column = F.when(F.col(LABEL) == each, F.lit(float(value(count)))).otherwise(column)
    return column


RESAMPLINGS: Catalogue[Resampling] = Catalogue(Resampling)
AnyResampling = Annotated[Resampling, RESAMPLINGS]
Share = Annotated[
    float, Field(gt=0, le=1, description="Rows of each smaller class, as a share of the largest's; 1: all alike.")
]
