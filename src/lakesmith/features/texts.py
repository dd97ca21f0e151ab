"""Texts as words: what the features that read free text share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Slot
from lakesmith.features.statements import text_literal

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

Language = Literal[
    "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese",
    "russian", "spanish", "swedish", "turkish",
]  # fmt: skip


class TextFeature(ColumnsFeature):
    """A feature of text columns, read as words: what the pattern matches, one after another. Null has no words."""

    takes = ("text",)

    words: str = Field(
        r"[\p{L}\p{N}]+", min_length=1, description="Java regular expression of a word; the rest of the text is left."
    )
    lower_case: bool = Field(True, description="Make all letters small first.")
    stop_words: tuple[str, ...] | Language = Field(
        (), description="Words that do not count, or a language whose usual ones do not (`english`, `german`, …)."
    )

    def word_columns(self, draft: Draft, largest: int = 1) -> dict[str, str]:
        """Column → the internal column with its words, and with the sequences of up to `largest` of them."""
        from pyspark.ml.feature import StopWordsRemover

        self._check_pattern()
        chosen = self.chosen(draft)
        columns = {each.name: draft.fresh() for each in chosen}
        draft.transform({columns[each.name]: self._words(draft.text(each)) for each in chosen})
        if self.stop_words:
            left = {name: draft.fresh() for name in columns}
            language = isinstance(self.stop_words, str)
            stop: Any = StopWordsRemover.loadDefaultStopWords(str(self.stop_words)) if language else self.stop_words
            remover = StopWordsRemover(inputCols=list(columns.values()), outputCols=list(left.values()))
            draft.stages.append(remover.setStopWords(list(stop)).setCaseSensitive(not self.lower_case))
            columns = left
        if largest > 1:
            sequences = {name: draft.fresh() for name in columns}
            draft.transform({sequences[name]: _sequences(column, largest) for name, column in columns.items()})
            columns = sequences
        return columns

    def _words(self, column: str) -> str:
        text = f"coalesce({column}, '')"
        return f"regexp_extract_all({f'lower({text})' if self.lower_case else text}, {text_literal(self.words)}, 0)"

    def _check_pattern(self) -> None:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        try:
            # A table of one constant row: evaluated while it is planned, by no job.
            SparkSession.active().sql(f"SELECT regexp_extract_all('a', {text_literal(self.words)}, 0)").collect()
        except PySparkException:
            raise ConfigError(
                f"'{self.words}' is not a regular expression that Java understands", key="words", fix="Correct it."
            ) from None


def put_parts(draft: Draft, output: str, parts: tuple[Slot, ...]) -> None:
    """The slot for one vector of several columns' numbers. Raises ConfigError where a feature above made the same."""
    taken = set(_part_names(draft.slots.values()))
    for part in parts:
        if part.name in taken:
            raise ConfigError(
                f"a feature above already does the same to '{part.of}'", key="columns", fix="Leave one of them out."
            )
    draft.put(Slot(output, output, output, can_be_missing=False, is_vector=True, parts=parts))


def _part_names(slots: Any) -> Iterator[str]:
    for slot in slots:
        yield from _part_names(slot.parts) if slot.parts else [slot.name]


def _sequences(column: str, largest: int) -> str:
    """All sequences of one to `largest` words, the words of each joined by a blank."""
    found = [column]
    for size in range(2, largest + 1):
        # A sequence that ends before it starts counts downwards in Spark.
        starts = f"CASE WHEN size({column}) >= {size} THEN sequence(1, size({column}) - {size - 1}) END"
        joined = f"transform({starts}, start -> array_join(slice({column}, start, {size}), ' '))"
        found.append(f"coalesce({joined}, CAST(array() AS ARRAY<STRING>))")
    return f"concat({', '.join(found)})"
