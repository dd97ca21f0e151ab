"""Estimators that xgboost does not have as they are needed."""

# ruff: noqa: TID253 (imported when a notebook is generated)

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from xgboost.spark import SparkXGBClassifier


class TwoClassSoftmax(SparkXGBClassifier):  # type: ignore[misc]
    """xgboost's Spark estimator takes two classes for a yes-or-no label; this one learns a score for each of them."""

    def _get_distributed_train_params(self, dataset: DataFrame) -> dict[str, Any]:
        params: dict[str, Any] = super()._get_distributed_train_params(dataset)
        return {**params, "objective": "multi:softprob", "num_class": 2}
