"""Stages that a notebook learns from its training rows: each gives back stock transformers, as lakesmith's own do."""

# ruff: noqa: TID253 (imported when a notebook is generated)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.ml import Estimator, PipelineModel, Transformer
from pyspark.ml.feature import SQLTransformer, StringIndexerModel, Word2Vec
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


class Learn(Estimator):  # type: ignore[type-arg]
    """An estimator made of a function: training rows in, fitted stock transformer out."""

    def __init__(self, learn: Callable[[DataFrame], Transformer]) -> None:
        super().__init__()
        self.learn = learn

    def _fit(self, dataset: DataFrame) -> Transformer:
        return self.learn(dataset)


def adding(columns: dict[str, str]) -> SQLTransformer:
    """Adds `columns` (name → SQL) to every row."""
    listed = ", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())
    return SQLTransformer(statement=f"SELECT *, {listed} FROM __THIS__")


def number(sql: str) -> str:
    """A value as a double; null where it is missing, NaN, infinite, or larger than a 32-bit float can hold."""
    return f"CASE WHEN abs(CAST({sql} AS DOUBLE)) <= 3.4028234E38D THEN CAST({sql} AS DOUBLE) END"


def category(sql: str, missing: str = "_lakesmith_missing") -> str:
    """A text, with a category of its own for null."""
    return f"coalesce({sql}, '{missing}')"


def literal(value: float | str) -> str:
    """A SQL literal: a double that reads back as the same double, or a text."""
    if isinstance(value, str):
        return "'" + "".join(c if c.isalnum() or c in " .,:;-/+()" else f"\\U{ord(c):08x}" for c in value) + "'"
    return f"({value!r}D)"


def ten_digits(value: float | None) -> float | None:
    """The value at ten significant digits, so that the order in which rows were summed does not show; None for NaN."""
    return None if value is None or value != value else float(f"{value:.10g}")


def means(rows: DataFrame, columns: list[str]) -> dict[str, float | None]:
    """The mean of each column."""
    found = rows.agg(*[F.avg(each).alias(each) for each in columns]).collect()[0]
    return {each: ten_digits(found[each]) for each in columns}


def medians(rows: DataFrame, columns: list[str]) -> dict[str, float | None]:
    """The exact median of each column, linear between neighbours."""
    found = rows.agg(*[F.percentile(each, F.lit(0.5)).alias(each) for each in columns]).collect()[0]
    return {each: found[each] for each in columns}


def modes(rows: DataFrame, columns: list[str]) -> dict[str, Any]:
    """The most frequent value of each column; of equally frequent ones the least."""
    found = rows.agg(*[F.mode(each, True).alias(each) for each in columns]).collect()[0]
    return {each: found[each] for each in columns}


def filled(
    statistic: Callable[[DataFrame, list[str]], dict[str, Any]],
    columns: dict[str, str],
    flags: dict[str, str] | None = None,
) -> Learn:
    """`columns` (column → result) with what is missing replaced by a statistic of the training rows, 0 where they have
    no value; `flags` (column → result) say with 1 and 0 where it was missing."""

    def learn(rows: DataFrame) -> Transformer:
        found = statistic(rows, list(columns))
        values = {each: 0.0 if value is None else value for each, value in found.items()}
        added = {new: f"coalesce({old}, {literal(values[old])})" for old, new in columns.items()}
        missing = {new: f"CASE WHEN {old} IS NULL THEN 1D ELSE 0D END" for old, new in (flags or {}).items()}
        return adding({**added, **missing})

    return Learn(learn)


def standardized(columns: dict[str, str], center: bool, scale: bool) -> Learn:
    """`columns` (column → result): (value − mean) ÷ standard deviation (n − 1) of the training rows."""

    def learn(rows: DataFrame) -> Transformer:
        mean = means(rows, list(columns))
        found = rows.agg(*[F.stddev_samp(each).alias(each) for each in columns]).collect()[0]
        added = {}
        for old, new in columns.items():
            value, deviation = old, ten_digits(found[old])
            if center and mean[old] is not None:
                value = f"({value} - {literal(mean[old])})"  # type: ignore[arg-type]
            # A column that is constant in the training rows is centred only.
            if scale and deviation is not None and deviation > 1e-200:
                value = f"{value} / {literal(deviation)}"
            added[new] = value
        return adding(added)

    return Learn(learn)


def frequent(rows: DataFrame, column: str) -> list[tuple[str, int]]:
    """The column's categories and their rows, most frequent first; of equals the lesser number or text."""
    order = [F.desc("count"), F.expr(f"try_cast(`{column}` AS DOUBLE)"), F.col(column)]
    return [(row[0], row[1]) for row in rows.groupBy(column).count().orderBy(*order).collect()]


def indexed(columns: dict[str, str], most: int, by_value: bool = False, missing: str = "_lakesmith_missing") -> Learn:
    """`columns` (column → result): the position of the category among the `most` most frequent ones; after them comes
    `missing`, and then the position of all others, rare or never seen."""

    def learn(rows: DataFrame) -> Transformer:
        models = []
        for old, new in columns.items():
            labels = [value for value, _ in frequent(rows, old) if value != missing][:most]
            if by_value:
                labels = in_order(labels)
            model = StringIndexerModel.from_labels([*labels, missing], old, new, handleInvalid="keep")
            models.append(model)
        return PipelineModel(models)  # type: ignore[arg-type]

    return Learn(learn)


def in_order(values: list[str]) -> list[str]:
    """The values in their own order: as numbers where all of them are, else as text."""
    try:
        return sorted(values, key=lambda each: (float(each), each))
    except ValueError:
        return sorted(values)


def frequencies(columns: dict[str, str], most: int, missing: str = "_lakesmith_missing") -> Learn:
    """`columns` (column → result): the share of training rows with the row's category. One not seen has 0; those beyond
    the `most` most frequent have the mean share of all of these."""

    def learn(rows: DataFrame) -> Transformer:
        added, count = {}, rows.count()
        for old, new in columns.items():
            found = frequent(rows, old)
            known = [each for each in found if each[0] != missing]
            kept, rest = known[:most], known[most:]
            shares = {missing: 0, **dict(kept), **dict(each for each in found if each[0] == missing)}
            entries = ", ".join(f"{literal(value)}, {literal(size / count)}" for value, size in shares.items())
            other = sum(size for _, size in rest) / len(rest) / count if rest else 0.0
            added[new] = f"coalesce(try_element_at(map({entries}), {old}), {literal(other)})"
        return adding(added)

    return Learn(learn)


def word_vectors(columns: dict[str, str], word2vec: Word2Vec) -> Learn:
    """`columns` (column of words → result): the mean of the words' vectors, learned from all columns' words together.

    In one partition and in the order of a hash: the same rows then give the same vectors.
    """

    def learn(rows: DataFrame) -> Transformer:
        texts = rows.select(F.explode(F.array(*columns)).alias("words")).where(F.size("words") > 0)
        ordered = texts.repartition(1).sortWithinPartitions(F.xxhash64("words"), "words")
        model = word2vec.copy().setInputCol("words").fit(ordered)
        return PipelineModel([model.copy().setInputCol(old).setOutputCol(new) for old, new in columns.items()])

    return Learn(learn)
