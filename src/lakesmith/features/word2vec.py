"""Words as places: texts that use words of like company lie near each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import Slot
from lakesmith.features.texts import TextFeature, put_parts

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Word2Vec(TextFeature):
    """The mean of the vectors of the row's words, learned from which words stand together (Spark's Word2Vec).

    The columns share one vocabulary, learned from the training rows of all of them. So that the same rows and seed
    give the same vectors, all words are learned in one partition, in the order of a hash: one core does the work. A
    row without known words has zeros. The slots are `<column> vector 1`, …
    """

    kind: Literal["word2vec"] = "word2vec"
    size: int = Field(20, ge=1, le=500, description="Numbers for each column.")
    min_count: int = Field(5, ge=1, description="Words that occur less often in training are left out.")
    window: int = Field(5, ge=1, le=50, description="Words on each side that count as company.")
    passes: int = Field(1, ge=1, le=100, description="Times that the training rows are gone through.")
    seed: int = Field(0, description="Seed of the first vectors.")

    def compile(self, draft: Draft) -> None:
        from pyspark.ml.feature import VectorAssembler
        from pyspark.ml.feature import Word2Vec as Estimator

        from lakesmith.features.learning.words import LearnCompany

        columns = {name: (column, draft.fresh()) for name, column in self.word_columns(draft).items()}
        estimator = Estimator(
            vectorSize=self.size,
            minCount=self.min_count,
            windowSize=self.window,
            maxIter=self.passes,
            seed=self.seed,
            numPartitions=1,
        )
        draft.stages.append(LearnCompany(columns, estimator))
        output = draft.fresh()
        draft.stages.append(VectorAssembler(inputCols=[each for _, each in columns.values()], outputCol=output))
        parts = [Slot(f"{n} vector", output, n, can_be_missing=False, is_vector=True, size=self.size) for n in columns]
        put_parts(draft, output, tuple(parts))
