"""Rows divided so that all rows of an entity are on one side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import model_validator

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.splits import RowFacts, Split, share_of
from lakesmith.splits.shares import Seed, TestShare, ValidationShare, check_shares, part_of, salt

if TYPE_CHECKING:
    from pyspark.sql import Column


class GroupSplit(Split):
    """Each row by the hash of the project's `group` column: the shares are of groups, not of rows.

    A labelled row without a group is refused, since nothing would keep it from its relatives.
    """

    scope = "group"
    kind: Literal["group"] = "group"
    validation: ValidationShare = 0.0
    test: TestShare = 0.2
    seed: Seed = 0

    @model_validator(mode="after")
    def _rows_left(self) -> Self:
        check_shares(self.validation, self.test)
        return self

    def columns_needed(self, facts: RowFacts, names: Names) -> None:
        names.need(_declared(facts), key="kind")

    def needs_value(self, facts: RowFacts) -> tuple[str, ...]:
        return (_declared(facts),)

    def part(self, facts: RowFacts, frozen: Mapping[str, Any]) -> Column:
        return part_of(share_of([_declared(facts)], salt(self.seed)), self.validation, self.test)


def _declared(facts: RowFacts) -> str:
    if facts.group is None:
        raise ConfigError(
            "a split by group needs a group column",
            key="kind",
            fix="Declare `group:` in the project, or choose another split.",
        )
    return facts.group
