"""Columns as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lakesmith.features import ColumnsFeature

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Keep(ColumnsFeature):
    """Takes numeric and boolean columns as they are, as doubles; true is 1. Missing stays missing."""

    kind: Literal["keep"] = "keep"

    def compile(self, draft: Draft) -> None:
        for each in self.chosen(draft):
            draft.keep(each)
