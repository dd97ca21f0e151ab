"""Slots that hardly vary left out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.selections import Selection

if TYPE_CHECKING:
    from lakesmith.features.learning.selections import Choice


class SelectVariance(Selection):
    """Drops the slots whose variance (n − 1) in the training rows is at most a limit; missing values are left out."""

    kind: Literal["select_variance"] = "select_variance"
    limit: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Largest variance that is dropped; 0 drops what is constant."
    )

    def choice(self) -> Choice:
        from lakesmith.features.learning.selections import by_variance

        return partial(by_variance, limit=self.limit)

    def told(self) -> str:
        return f"select_variance (at most {self.limit:g})"
