"""What every feature that rescales columns does: learn in one stage, put the result in the column's slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.features import ColumnsFeature

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Scaling(ColumnsFeature):
    """Each column's number replaced by a function of itself that the training rows decide."""

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        """The stage for `columns` (name for people → column, output): a Learner or a stock transformer."""
        raise NotImplementedError

    def compile(self, draft: Draft) -> None:
        chosen = self.chosen(draft)
        columns = {each.name: (draft.number(each), draft.fresh()) for each in chosen}
        draft.stages.append(self.learner(columns))
        for each in chosen:
            draft.replace_number(each, columns[each.name][1])
