"""Of two slots that say the same, one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features.selections import Selection

if TYPE_CHECKING:
    from lakesmith.features.learning.selections import Choice


class SelectCorrelation(Selection):
    """Of two slots with |r| above a limit in the training rows, drops the one that goes less with the label.

    That is measured by the share of the slot's variance that goes with the label (η² over classes, else r²); of equals
    the first stays. From the best slot downwards, a dropped slot throws out no other. A missing value counts as the
    slot's mean. At most 4,000 slots; row weights are not used.
    """

    kind: Literal["select_correlation"] = "select_correlation"
    limit: float = Field(0.95, gt=0, lt=1, description="Largest |correlation| that two slots may have.")

    def choice(self) -> Choice:
        from lakesmith.features.learning.selections import by_correlation

        return partial(by_correlation, limit=self.limit)

    def told(self) -> str:
        return f"select_correlation (|r| above {self.limit:g})"
