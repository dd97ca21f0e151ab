"""Learners that a notebook learns again by functions of its own, so that they follow when its training rows change.

Those that are not here are written with what they have learned (`features.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakesmith.notebooks.rendering import call, constructor, mapping, python
from lakesmith.notebooks.statements import renamed

WIDEST = 200  # columns; with more, one aggregate of all of them takes longer to plan than to run
Names = dict[str, str]
Uses = Callable[..., None]


def plain_call(learner: Any, names: Names, uses: Uses, *, is_sampled: bool) -> list[str] | None:
    """Calls of plain functions (`plain/learning.py`), one a stage, that learn what the learner does, to the last
    digit; None where there are none. `names`: internal column → its name; `is_sampled`: medians are of a sample."""
    writers: dict[str, Callable[..., list[str] | None]] = {
        "LearnFill": _fill, "LearnScale": _scale, "LearnIndexes": _indexes, "LearnFrequencies": _frequencies,
        "LearnCompany": _company,
    }  # fmt: skip
    writer = writers.get(type(learner).__name__)
    if writer is None or len(learner.columns) > WIDEST or (is_sampled and getattr(learner, "strategy", "") == "median"):
        return None
    return writer(learner, names, uses)


def _fill(learner: Any, names: Names, uses: Uses) -> list[str] | None:
    if any(each.is_text for each in learner.columns):
        return None
    columns = {names[each.column]: names[each.output] for each in learner.columns}
    flags = {names[each.column]: names[each.flag] for each in learner.columns if each.flag}
    statistic = {"mean": "means", "median": "medians", "mode": "modes"}[learner.strategy]
    flagged = [("flags", mapping(flags))] if flags else []
    return [call("filled", [("", statistic), ("", mapping(columns)), *flagged])]


def _scale(learner: Any, names: Names, uses: Uses) -> list[str]:
    settings = [("center", python(learner.center)), ("scale", python(learner.scale))]
    return [call("standardized", [("", mapping(_pairs(learner.columns, names))), *settings])]


def _indexes(learner: Any, names: Names, uses: Uses) -> list[str]:
    from pyspark.ml.feature import OneHotEncoder

    indexes = {column: f"{output}i" for column, output in learner.columns.values()}
    named = {names[column]: names[index] for column, index in indexes.items()}
    by_value = [("by_value", "True")] if learner.order == "value" else []
    settings = [("most", python(learner.max_categories)), *by_value]
    index = call("indexed", [("", mapping(named)), *settings])
    outputs = [output for _, output in learner.columns.values()]
    if not learner.one_hot:
        ranks = {names[output]: f"{renamed(f'{output}i', names)} + 0D" for output in outputs}
        return [index, f"{call('adding', [('', mapping(ranks))])}  # + 0: a rank, no category"]
    encoder = OneHotEncoder(
        inputCols=[names[each] for each in indexes.values()],
        outputCols=[names[each] for each in outputs],
        dropLast=False,
    )
    return [index, constructor(encoder, lambda value: value, uses)]


def _frequencies(learner: Any, names: Names, uses: Uses) -> list[str]:
    settings = [("most", python(learner.max_categories))]
    return [call("frequencies", [("", mapping(_pairs(learner.columns, names))), *settings])]


def _company(learner: Any, names: Names, uses: Uses) -> list[str]:
    made = constructor(learner.estimator, lambda value: value, uses)
    return [call("word_vectors", [("", mapping(_pairs(learner.columns, names))), ("", made)])]


def _pairs(columns: dict[str, tuple[str, str]], names: Names) -> dict[str, str]:
    return {names[column]: names[output] for column, output in columns.values()}
