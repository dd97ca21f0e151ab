"""Categories as places: those seen in like company lie near each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

MOST_CATEGORIES = 5_000


class EmbedCategories(ColumnsFeature):
    """A few numbers for each category, learned from which categories of the listed columns stand in one row.

    Counts of pairs in the training rows become positive pointwise mutual information, max(0, ln(p(a, b) ÷ p(a) p(b))),
    factorised as E Eᵀ by its largest eigenvalues (after Levy and Goldberg, 2014); for two columns that is the truncated
    singular value decomposition of their table, U √(Σ/2) and V √(Σ/2). The largest entry of each dimension is positive.
    Null is a category. Categories not seen in training, and those beyond the cap, have zeros. The slots are
    `<column> embedding 1`, …
    """

    kind: Literal["embed_categories"] = "embed_categories"
    takes = ("text", "boolean", "numeric")
    size: int = Field(8, ge=1, le=100, description="Numbers for each column.")
    max_categories: int = Field(
        1_000, ge=2, le=MOST_CATEGORIES, description="Largest number of categories of all columns together."
    )

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.embeddings import LearnEmbedding

        chosen = self.chosen(draft)
        if not 2 <= len(chosen) <= self.max_categories:
            found, wanted = len(chosen), f"2 to {self.max_categories:,}"
            raise ConfigError(f"{found} columns; an embedding needs {wanted}", key="columns", fix="Name other columns.")
        columns = {each.name: (draft.category(each), [draft.fresh() for _ in range(self.size)]) for each in chosen}
        draft.stages.append(LearnEmbedding(columns, self.size, self.max_categories))
        for name, (_, outputs) in columns.items():
            for number, output in enumerate(outputs, start=1):
                draft.put(Slot(f"{name} embedding {number}", output, name, can_be_missing=False))
