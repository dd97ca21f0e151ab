"""Learned from words: how rare they are, which are common, and which stand together."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pyspark.ml import Transformer
from pyspark.ml.feature import IDF, CountVectorizerModel, Word2Vec
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakesmith.features.learning.learner import Learner, Note, listed

NO_WORD = "\ufffc"  # a vocabulary may not be empty; the pattern of a word seldom matches this


class LearnRarity(Learner):
    """An `IDFModel` for one vector of counts."""

    def __init__(self, column: str, output: str, min_rows: int) -> None:
        super().__init__()
        self.column = column
        self.output = output
        self.min_rows = min_rows

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        rows, told = dataset.select(self.column), list[str]()
        if rows.isEmpty():
            told = ["no training row, so that all words count as equally rare"]
            size = int(dataset.schema[self.column].metadata["ml_attr"]["num_attrs"])
            nothing = array_to_vector(F.array_repeat(F.lit(0.0), size))
            rows = dataset.sparkSession.range(1, numPartitions=1).select(nothing.alias(self.column))
        return [IDF(inputCol=self.column, outputCol=self.output, minDocFreq=self.min_rows).fit(rows)], told


class LearnVocabulary(Learner):
    """A `CountVectorizerModel` for each column; the words of all columns are counted at once."""

    def __init__(self, columns: dict[str, tuple[str, str]], max_words: int, *, is_binary: bool) -> None:
        """`columns`: name for people → (column of words, output)."""
        super().__init__()
        self.columns = columns
        self.max_words = max_words
        self.is_binary = is_binary

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        found = self._commonest(dataset)
        stages = [
            CountVectorizerModel.from_vocabulary(each or [NO_WORD], words, output).setBinary(self.is_binary)
            for each, (words, output) in zip(found, self.columns.values(), strict=True)
        ]
        empty = [name for name, each in zip(self.columns, found, strict=True) if not each]
        return stages, [f"no word in the training rows: {listed(empty)}"] if empty else []

    def _commonest(self, dataset: DataFrame) -> list[list[str]]:
        own = [_words_at(position, column) for position, (column, _) in enumerate(self.columns.values())]
        counts = dataset.select(F.explode(F.flatten(F.array(*own))).alias("of")).groupBy("of.at", "of.word").count()
        order = Window.partitionBy("at").orderBy(F.desc("count"), "word")
        ranked = counts.withColumn("rank", F.row_number().over(order)).where(F.col("rank") <= self.max_words)
        found: list[list[str]] = [[] for _ in self.columns]
        for row in ranked.orderBy("at", "rank").collect():
            found[row["at"]].append(row["word"])
        return found


class LearnCompany(Learner):
    """One `Word2VecModel` from the words of all columns, applied to each of them."""

    def __init__(self, columns: dict[str, tuple[str, str]], estimator: Word2Vec) -> None:
        """`columns`: name for people → (column of words, output)."""
        super().__init__()
        self.columns = columns
        self.estimator = estimator

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        words = F.array(*[column for column, _ in self.columns.values()])
        texts = dataset.select(F.explode(words).alias("words")).where(F.size("words") > 0)
        counts = texts.select(F.explode("words").alias("word")).groupBy("word").count()
        most = cast("Any", counts.agg(F.max("count")).first())[0] or 0
        least, told = self.estimator.getMinCount(), list[str]()
        if most < least:
            told = [f"no word occurs {least} times in the training rows, so that every text has zeros"]
            lone = F.array_repeat(F.lit(NO_WORD), least)
            texts = dataset.sparkSession.range(1, numPartitions=1).select(lone.alias("words"))
        # The first words seen move the vectors most: by hash, not in the order of the alphabet.
        ordered = texts.repartition(1).sortWithinPartitions(F.xxhash64("words"), "words")
        model = self.estimator.copy().setInputCol("words").fit(ordered)
        return [model.copy().setInputCol(column).setOutputCol(output) for column, output in self.columns.values()], told


def _words_at(position: int, column: str) -> Column:
    """Each word of the row once, with the column's position."""
    words = F.array_distinct(column)
    return F.transform(words, lambda word: F.struct(F.lit(position).alias("at"), word.alias("word")))
