"""Words as numbers: how often each occurs, and how few other rows have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import Slot
from lakesmith.features.texts import TextFeature, put_parts

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class TfIdf(TextFeature):
    """Count of a word in the row × ln((rows + 1) ÷ (rows that have it + 1)), the latter of the training rows.

    Words are hashed to a fixed number of slots (Spark's HashingTF), so that words not seen in training count too and
    several may share a slot: `<column> tfidf 17`. All columns are learned in one job. A row without words has zeros.
    """

    kind: Literal["tf_idf"] = "tf_idf"
    slots: int = Field(1_000, ge=2, le=262_144, description="Slots for each column that its words are hashed to.")
    sequences: int = Field(1, ge=1, le=5, description="Count sequences of up to so many words too (n-grams).")
    min_rows: int = Field(0, ge=0, description="A slot that fewer training rows use is 0 everywhere.")

    def compile(self, draft: Draft) -> None:
        from pyspark.ml.feature import HashingTF, VectorAssembler

        from lakesmith.features.learning.words import LearnRarity

        columns = {name: (column, draft.fresh()) for name, column in self.word_columns(draft, self.sequences).items()}
        # Spark's class takes one column: a stage for each, and no job.
        draft.stages += [
            HashingTF(inputCol=words, outputCol=counts, numFeatures=self.slots) for words, counts in columns.values()
        ]
        whole, output = draft.fresh(), draft.fresh()
        draft.stages.append(VectorAssembler(inputCols=[counts for _, counts in columns.values()], outputCol=whole))
        draft.stages.append(LearnRarity(whole, output, self.min_rows))
        parts = [Slot(f"{n} tfidf", output, n, can_be_missing=False, is_vector=True, size=self.slots) for n in columns]
        put_parts(draft, output, tuple(parts))
