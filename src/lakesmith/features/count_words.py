"""Words as numbers that keep their names: how often each of the commonest occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import Slot
from lakesmith.features.texts import TextFeature

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class CountWords(TextFeature):
    """How often the row has each of the column's commonest words, a slot for each: `<column>=late`.

    Unlike in `tf_idf`, where words share numbered slots, importances tell the words; those not seen in training, and
    those beyond the cap, do not count. Commonest is what most training rows have; of equals the first in the alphabet.
    """

    kind: Literal["count_words"] = "count_words"
    max_words: int = Field(500, ge=1, le=10_000, description="Largest number of words a column keeps.")
    sequences: int = Field(1, ge=1, le=5, description="Count sequences of up to so many words too (n-grams).")
    binary: bool = Field(False, description="1 where the row has the word, however often.")

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.words import LearnVocabulary

        columns = {name: (column, draft.fresh()) for name, column in self.word_columns(draft, self.sequences).items()}
        draft.stages.append(LearnVocabulary(columns, self.max_words, is_binary=self.binary))
        for name, (_, output) in columns.items():
            draft.put(Slot(name, output, name, can_be_missing=False, is_vector=True), key=f"{name} words")
