"""Rows divided by a hash of their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import model_validator

from lakesmith.splits import RowFacts, Split, share_of
from lakesmith.splits.shares import Seed, TestShare, ValidationShare, check_shares, part_of, salt

if TYPE_CHECKING:
    from pyspark.sql import Column


class HashSplit(Split):
    """Each row by the hash of its key: about the given shares, and a row never moves."""

    kind: Literal["hash"] = "hash"
    validation: ValidationShare = 0.0
    test: TestShare = 0.2
    seed: Seed = 0

    @model_validator(mode="after")
    def _rows_left(self) -> Self:
        check_shares(self.validation, self.test)
        return self

    def part(self, facts: RowFacts, frozen: Mapping[str, Any]) -> Column:
        return part_of(share_of(facts.key, salt(self.seed)), self.validation, self.test)
