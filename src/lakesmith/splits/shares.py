"""The fields and the threshold that all hashed splits share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lakesmith.splits import SPLIT_SALT

if TYPE_CHECKING:
    from pyspark.sql import Column

ValidationShare = Annotated[float, Field(ge=0, lt=1, description="Share of rows to validate on, in [0, 1).")]
TestShare = Annotated[
    float, Field(gt=0, lt=1, description="Share of rows to test on, in (0, 1); what is left over trains.")
]
Seed = Annotated[int, Field(ge=0, lt=2**31, description="Another seed draws another membership.")]


def check_shares(validation: float, test: float) -> None:
    """Raises ValueError when no row is left to train on."""
    if validation + test >= 1:
        raise ValueError(f"validation ({validation}) and test ({test}) leave no row to train on")


def salt(seed: int) -> str:
    """What the hash of a split is salted with: never what folds are salted with."""
    return f"{SPLIT_SALT}:{seed}"


def part_of(share: Column, validation: float, test: float) -> Column:
    """test below `test`, validation in the stretch after it, else train: a larger test share keeps its old rows."""
    from pyspark.sql import functions as F

    return F.when(share < test, "test").when(share < test + validation, "validation").otherwise("train")
