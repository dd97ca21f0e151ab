"""Why a row got its score: what each column's value adds to it, against the values that other rows have there.

For each input column, the score of the row minus the mean score of the same row with that column's value taken from
each of a sample of training rows (Robnik-Šikonja and Kononenko 2008, "Explaining classifications for individual
instances": prediction difference analysis). Needs nothing of the model but its predictions. Columns that act only
together are told apart by no method of this kind; the differences do not add up to the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from lakesmith.columns import quote
from lakesmith.facts import Plain, Shown
from lakesmith.summary import aligned
from lakesmith.wording import decimal, signed

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import Column, DataFrame

MOST_TOLD = 8
CHANGED, BASE, CLASS, BEFORE = "__changed", "__base", "__class", "__value"


class Addition(Plain):
    """What one column's value adds to the score of its row."""

    column: str
    value: str | None
    difference: float


class RowExplanation(Plain):
    """One row's score and its columns, those that add or take most first. `key` is the row's key in words."""

    key: str
    score: float
    additions: tuple[Addition, ...]


class Explanations(Shown):
    """The explained rows, in the order of their keys; `of` says what the score is."""

    of: str
    background_rows: int
    rows: tuple[RowExplanation, ...]

    def text(self, width: int = 100, colour: bool = False) -> str:
        """A line a row, and under it a line a column."""
        lines = [f"{self.of}; differences against {self.background_rows} training rows"]
        for row in self.rows:
            told = [(each.column, each.value or "null", signed(each.difference)) for each in row.additions[:MOST_TOLD]]
            lines += [f"{row.key}: {decimal(row.score)}", *(f"  {line}" for line in aligned(told, right=(2,)))]
        return "\n".join(lines) + "\n"

    def _repr_html_(self) -> str:
        blocks = []
        for row in self.rows:
            cells = "".join(
                f"<tr><td>{escape(each.column)}</td><td>{escape(each.value or 'null')}</td>"
                f"<td style='text-align:right'>{signed(each.difference)}</td></tr>"
                for each in row.additions[:MOST_TOLD]
            )
            blocks.append(f"<p><b>{escape(row.key)}</b>: {decimal(row.score)}</p><table>{cells}</table>")
        return f"<p>{escape(self.of)}; differences against {self.background_rows} training rows</p>{''.join(blocks)}"


def explained(
    model: PipelineModel, rows: DataFrame, background: DataFrame, inputs: Sequence[str], key: Sequence[str], of: str
) -> Explanations:
    """The explanations of `rows` (few, gold-shaped) against the rows of `background`; two Spark actions, the second
    scores rows × background × inputs."""
    from pyspark.sql import functions as F

    scored = model.transform(rows)
    based = scored.select(
        *[F.col(quote(each)) for each in dict.fromkeys((*key, *inputs))],
        F.col("prediction").alias(CLASS),
        _score(scored, F.col("prediction")).alias(BASE),
    )
    others = background.select(*[F.col(quote(name)).alias(f"__other{i}") for i, name in enumerate(inputs)])
    drawn = based.crossJoin(F.broadcast(others)).withColumn(
        CHANGED, F.explode(F.array(*map(F.lit, range(len(inputs)))))
    )
    mixed = [
        F.when(F.col(CHANGED) == i, F.col(f"__other{i}")).otherwise(F.col(quote(name))).alias(name)
        for i, name in enumerate(inputs)
    ]
    told = F.to_json(F.struct(*[F.col(quote(each)) for each in key]))
    shown = F.element_at(F.array(*[F.col(quote(name)).cast("string") for name in inputs]), F.col(CHANGED) + 1)
    changed = model.transform(drawn.select(told.alias("__key"), CHANGED, CLASS, BASE, shown.alias(BEFORE), *mixed))
    found = (
        changed.groupBy("__key", CHANGED)
        .agg(
            F.first(BASE).alias("base"),
            F.first(BEFORE).alias("value"),
            F.avg(F.col(BASE) - _score(changed, F.col(CLASS))).alias("difference"),
        )
        .collect()
    )
    by_key: dict[str, list[Addition]] = {}
    scores: dict[str, float] = {}
    for row in found:
        addition = Addition(column=inputs[row[CHANGED]], value=row["value"], difference=row["difference"])
        by_key.setdefault(row["__key"], []).append(addition)
        scores[row["__key"]] = row["base"]
    ordered = {
        name: tuple(sorted(by_key[name], key=lambda each: (-abs(each.difference), each.column)))
        for name in sorted(by_key)
    }
    return Explanations(
        of=of,
        background_rows=background.count(),
        rows=tuple(RowExplanation(key=name, score=scores[name], additions=added) for name, added in ordered.items()),
    )


def _score(scored: DataFrame, chosen: Column) -> Column:
    """What is explained: the number predicted, or the probability of a class: the second of two, else the chosen."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    if "probability" not in scored.columns:
        return F.col("prediction")
    shares = vector_to_array(F.col("probability"))
    return F.when(F.size(shares) == 2, F.element_at(shares, 2)).otherwise(F.element_at(shares, chosen.cast("int") + 1))
