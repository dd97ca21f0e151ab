"""What every feature that fills columns from one another does: learn in one stage, put the results in the slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft
    from lakesmith.features.learning.fills import Filled

MOST_COLUMNS = 100  # what is learned grows with the square of the columns


class Filling(ColumnsFeature):
    """Each column's missing values replaced by what the row's other columns suggest."""

    flag: bool = Field(False, description="Add a slot `<column> missing`: 1 where the value was missing, else 0.")

    def learner(self, filled: tuple[Filled, ...], names: tuple[str, ...]) -> object:
        """The Learner for the columns; `names` are three free internal names."""
        raise NotImplementedError

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.fills import Filled

        chosen = self.chosen(draft)
        if not 2 <= len(chosen) <= MOST_COLUMNS:
            raise ConfigError(
                f"columns are filled from one another, 2 to {MOST_COLUMNS} of them; found {len(chosen)}",
                key="columns",
                fix="Use impute for single columns, or several of this feature.",
            )
        filled = tuple(
            Filled(each.name, draft.number(each), draft.fresh(), draft.fresh() if self.flag else None)
            for each in chosen
        )
        draft.stages.append(self.learner(filled, (draft.fresh(), draft.fresh(), draft.fresh())))
        for each, fill in zip(chosen, filled, strict=True):
            draft.replace_number(each, fill.output, filled=True)
            if fill.flag:
                draft.put(Slot(f"{each.name} missing", fill.flag, each.name, can_be_missing=False))
