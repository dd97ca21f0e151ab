"""Learned categories: kept values in order of frequency, everything else in one bucket, missing in its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from lakesmith.features.drafts import MISSING
from lakesmith.features.learning.indexers import indexer
from lakesmith.features.learning.learner import Learner, adding
from lakesmith.features.learning.statistics import Categories, categories
from lakesmith.features.statements import number_literal, text_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Order = Literal["frequency", "value"]
LARGEST_MAP = 5_000  # entries of a map literal; the rest is 'other'


class LearnIndexes(Learner):
    """A `StringIndexerModel` for all columns; with `one_hot` a `OneHotEncoderModel` behind it.

    Positions: the kept categories, then missing, then other (rare at training, or not seen there).
    """

    def __init__(
        self, columns: dict[str, tuple[str, str]], max_categories: int, *, one_hot: bool, order: Order = "frequency"
    ) -> None:
        """`columns`: name for people → (column with MISSING for null, output)."""
        super().__init__()
        self.columns = columns
        self.max_categories = max_categories
        self.one_hot = one_hot
        self.order = order

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        from pyspark.ml.feature import OneHotEncoder

        found = categories(dataset, [c for c, _ in self.columns.values()], self.max_categories)
        kept = [[value for value, _ in each.values] for each in found]
        labels = [[*(values if self.order == "frequency" else by_value(values)), MISSING] for values in kept]
        outputs = [output for _, output in self.columns.values()]
        indexes = [f"{output}i" for output in outputs]
        index = indexer(labels, [c for c, _ in self.columns.values()], indexes)
        told = told_of_caps(self.columns, found, self.max_categories)
        if self.one_hot:
            # The indexer's metadata says how many there are: fitting this runs no job.
            encoder = OneHotEncoder(inputCols=indexes, outputCols=outputs, dropLast=False)
            return [index, encoder.fit(index.transform(dataset))], told
        # Adding 0 drops the metadata by which Spark's trees would take the rank for an unordered category.
        return [index, adding({o: f"{i} + 0D" for o, i in zip(outputs, indexes, strict=True)})], told


class LearnFrequencies(Learner):
    """The share of training rows that hold the row's value: a map literal for each column.

    A value not seen has 0; beyond LARGEST_MAP values the rest, seen or not, have the mean share of the rest.
    """

    def __init__(self, columns: dict[str, tuple[str, str]], max_categories: int) -> None:
        """`columns`: name for people → (column with MISSING for null, output)."""
        super().__init__()
        self.columns = columns
        self.max_categories = min(max_categories, LARGEST_MAP)

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[str]]:
        found = categories(dataset, [c for c, _ in self.columns.values()], self.max_categories)
        added = {
            output: self._share(column, each)
            for (column, output), each in zip(self.columns.values(), found, strict=True)
        }
        return [adding(added)], told_of_caps(self.columns, found, self.max_categories)

    def _share(self, column: str, found: Categories) -> str:
        if not found.rows:
            return "0D"
        kept = found.values
        entries = [f"{text_literal(MISSING)}, {number_literal(found.nulls / found.rows)}"]
        entries += [f"{text_literal(value)}, {number_literal(rows / found.rows)}" for value, rows in kept]
        left = found.distinct - len(kept)
        left_rows = found.rows - found.nulls - found.kept_rows
        other = left_rows / left / found.rows if left else 0.0
        return f"coalesce(try_element_at(map({', '.join(entries)}), {column}), {number_literal(other)})"


def by_value(values: Sequence[str]) -> list[str]:
    """The values in their own order: as numbers where all of them are, else as text."""
    try:
        return sorted(values, key=lambda each: (float(each), each))
    except ValueError:
        return sorted(values)


def told_of_caps(names: Iterable[str], found: Sequence[Categories], most: int) -> list[str]:
    """A note for each column whose categories were capped, and for each that looks like an identifier."""
    told = []
    for name, each in zip(names, found, strict=True):
        known = each.rows - each.nulls
        if each.distinct > most:
            told.append(
                f"{name}: the {most:,} most frequent of {each.distinct:,} values are kept "
                f"({each.kept_rows / known:.1%} of the rows that have one), the others count as other; "
                "max_categories changes that"
            )
        if known >= 100 and each.distinct > 0.9 * known:
            told.append(
                f"{name}: {each.distinct:,} different values in {known:,} rows; it looks like an identifier, "
                "of which a model learns nothing about new rows"
            )
        if not known:
            told.append(f"{name}: no value in the training rows")
    return told
