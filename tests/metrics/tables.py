"""Evaluation tables from a few numbers, without Spark."""

from __future__ import annotations

from typing import Any

import numpy as np

from lakesmith.evaluation_table import evaluation_table_of
from lakesmith.metrics.cells import EvaluationTable
from lakesmith.tasks.binary import Binary
from lakesmith.tasks.multiclass import Multiclass
from lakesmith.tasks.regression import Regression


def floats(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(values, dtype=np.float64)


def binary(label: Any, score: Any, **options: Any) -> EvaluationTable:
    """The table of one model 'm' with the given scores, positive from 0.5."""
    scores = floats(score)
    return evaluation_table_of(
        Binary(label="y"),
        floats(label),
        {"m": (scores >= 0.5).astype(float)},
        {"m": np.column_stack([1 - scores, scores])},
        **options,
    )


def multiclass(label: Any, probability: Any, **options: Any) -> EvaluationTable:
    """The table of one model 'm' that predicts the likeliest class."""
    shares = floats(probability)
    predicted = shares.argmax(axis=1).astype(float)
    return evaluation_table_of(Multiclass(label="y"), floats(label), {"m": predicted}, {"m": shares}, **options)


def regression(label: Any, prediction: Any, **options: Any) -> EvaluationTable:
    """The table of one model 'm' with the given predictions."""
    return evaluation_table_of(Regression(label="y"), floats(label), {"m": floats(prediction)}, **options)
