"""A boosted model that is fitted in steps, as a search with early termination does."""

# ruff: noqa: TID253 (imported when a notebook is generated)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame


def fitted_in_steps(estimator: Any, vectors: DataFrame, trees: Sequence[int]) -> Any:
    """The model after steps of so many trees, each of which goes on from the trees before, with a seed of its own."""
    model, seed = None, estimator.getOrDefault(estimator.random_state)
    for position, size in enumerate(trees):
        changed = {estimator.n_estimators: size, estimator.random_state: seed + sum(trees[:position])}
        if model is not None:
            changed[estimator.xgb_model] = model.get_booster()
        model = estimator.fit(vectors, changed)
        model.clear(model.xgb_model)
    return model
