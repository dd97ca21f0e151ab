"""Splits: which rows a model may learn from, and which judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SPLIT = "_lakesmith_split"  # gold's column: train, validation, test or unlabelled; never null
DIGEST = "_lakesmith_digest"  # gold's column: bigint, the same as long as the row's other values are the same
Part = Literal["train", "validation", "test", "unlabelled"]
SPLIT_SALT = "split"
FOLD_SALT = "fold"


@dataclass(frozen=True)
class RowFacts:
    """What a split or a fold plan may look at: names of gold columns. `time` and `group` are None when undeclared."""

    key: tuple[str, ...]
    label: str | None
    time: str | None = None
    group: str | None = None


class Split(Piece):
    """Assigns each labelled row to train, validation or test by what the row itself says, so that membership does
    not move under repartition, other core counts, restart or the arrival of new rows."""

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        """Raises ConfigError where the split cannot work: no time column declared, an unknown column."""

    def needs_value(self, facts: RowFacts) -> tuple[str, ...]:
        """The columns that every labelled row must have a value in, the key aside (that one is never null): the derive
        stage refuses null ones before it writes."""
        return ()

    def freeze(self, labelled: DataFrame, facts: RowFacts, frozen: Mapping[str, Any]) -> dict[str, Any]:
        """What must be remembered for later runs (JSON values); `frozen` is what an earlier run remembered, {} at
        first. Most splits remember nothing and run no job."""
        return {}

    def part(self, facts: RowFacts, frozen: Mapping[str, Any]) -> Column:
        """'train', 'validation' or 'test' for a labelled row. (The derive stage makes it 'unlabelled' where the
        label is null.)"""
        raise NotImplementedError


def share_of(columns: Sequence[str], salt: str) -> Column:
    """A double in [0, 1) drawn from the row's own values: the same for int and bigint, for any partitioning.

    The hash is xxhash64 over the values cast to string and the salt; null values hash as their own value, so refuse
    them before.
    """
    from pyspark.sql import functions as F

    from lakesmith.columns import quote

    values = [F.col(quote(each)).cast("string") for each in columns]
    hashed = F.xxhash64(*values, F.lit(salt))
    # 53 bits: every value is exact in a double, so the threshold test has no rounding in it.
    return F.shiftrightunsigned(hashed, 11).cast("double") / F.lit(float(2**53))


SPLITS: Catalogue[Split] = Catalogue(Split)
AnySplit = Annotated[Split, SPLITS]
