"""Regression: the number the label will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from lakesmith.columns import Names, quote
from lakesmith.errors import DataError, TrainingError
from lakesmith.metrics.cells import INVALID, LEFT_OUT, LEVEL, EvaluationTable
from lakesmith.tasks import Answers, Baseline, Outcome, Target, Task, coarser
from lakesmith.tasks.panels import regression_panels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame, Row

LEVELS = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
# Bins of a number whose scale is not known before: equal steps of its logarithm over 24 decades, on both sides of 0.
LOG_LOW = float(np.log(1e-12))
LOG_SPAN = float(np.log(1e24))


class Regression(Task):
    """Predict the label's value."""

    kind: Literal["regression"] = "regression"

    sort: ClassVar = "regression"
    default_metric: ClassVar = "rmse"
    measures: ClassVar = (
        "error",
        "absolute_error",
        "squared_error",
        "relative_error",
        "label_not_zero",
        "label_offset",
        "label_squared",
        "prediction",
    )
    spread_bins: ClassVar = 1_000
    prediction_columns: ClassVar[Mapping[str, str]] = {"prediction": "double"}

    def target(self, train: DataFrame) -> Target:
        from pyspark.sql import functions as F
        from pyspark.sql import types as t

        Names("the training rows", tuple(train.columns)).need(self.label, key="label")
        found = train.schema[self.label].dataType
        if not isinstance(found, t.NumericType | t.BooleanType):
            raise DataError(
                f"label '{self.label}' is of type {found.simpleString()}; a regression needs a number",
                key="label",
                fix="Cast it (`clean`: cast), or use `kind: multiclass` for classes.",
            )
        label = F.col(quote(self.label)).cast("double")
        is_finite = ~F.isnan(label) & (F.abs(label) < float("inf"))
        finite = F.when(is_finite, label)
        row = train.agg(
            F.count(F.lit(1)).alias("rows"),
            F.count(label).alias("labelled"),
            F.count_if(~is_finite).alias("not_finite"),
            F.avg(finite).alias("mean"),
            F.stddev_samp(finite).alias("stddev"),
            F.percentile_approx(finite, list(LEVELS), 10_000).alias("quantiles"),
        ).first()
        return self._learnable(row)

    def _learnable(self, row: Row | None) -> Target:
        if row is None or row["labelled"] == 0:
            found = f"null in all {row['rows']:,} training rows" if row and row["rows"] else "without a training row"
            raise TrainingError(
                f"label '{self.label}' is {found}; a model needs rows with a label",
                key="label",
                fix="Check how the label is derived, and which rows the split gives to training.",
            )
        if row["not_finite"]:
            raise DataError(
                f"label '{self.label}' is NaN or infinite in {row['not_finite']:,} of "
                f"{row['labelled']:,} training rows",
                key="label",
                fix="Make such labels null or drop the rows (`clean`: keep_rows, or `derive`: add_columns).",
            )
        if row["quantiles"][0] == row["quantiles"][-1]:
            raise TrainingError(
                f"label '{self.label}' has one value only ({row['mean']:g}) in {row['labelled']:,} training rows; "
                "there is nothing to learn",
                key="label",
                fix="Check how the label is derived, and which rows the split gives to training.",
            )
        return Target(
            sort=self.sort,
            label=self.label,
            rows=row["labelled"],
            unlabelled=row["rows"] - row["labelled"],
            mean=row["mean"],
            stddev=row["stddev"],
            quantiles=tuple(zip(LEVELS, row["quantiles"], strict=True)),
        )

    def encoded(self, target: Target) -> Column:
        from pyspark.sql import functions as F

        return F.col(quote(self.label)).cast("double")

    def label_number(self, gold: DataFrame) -> Column | None:
        from pyspark.sql import functions as F
        from pyspark.sql import types as t

        is_number = isinstance(gold.schema[self.label].dataType, t.NumericType | t.BooleanType)
        return F.col(quote(self.label)).cast("double") if is_number else None

    def baseline(self, target: Target) -> Baseline:
        return Baseline(f"the mean of the training rows ({target.mean:.6g}) for every row", target.mean)

    def decoded(
        self, target: Target, prediction: Column, probability: Column | None, threshold: float | None
    ) -> dict[str, Column]:
        return {"prediction": prediction}

    def outcome(self, answers: Answers[Column], bins: Mapping[str, int]) -> Outcome[Column]:
        from pyspark.sql import functions as F

        label, prediction = answers.label, answers.prediction
        # A comparison with NaN holds in Spark as if NaN were the greatest number: one test finds NaN and infinity.
        error, absolute, offset = prediction - label, F.abs(prediction - label), label - F.lit(answers.centre)
        is_valid = prediction.isNotNull() & (F.abs(prediction) < float("inf"))
        binned = {"fine": error, "spread": error, "level": prediction}
        return Outcome(
            label=F.when(F.abs(label) < float("inf"), 0),
            predicted=F.lit(0),
            score=prediction,
            bins={g: F.when(is_valid, _log_bin(binned[g], size)).otherwise(INVALID) for g, size in bins.items()},
            measures={
                "error": error,
                "absolute_error": absolute,
                "squared_error": error * error,
                # A label of zero has no relative error: null, so that it counts neither above nor below the line.
                "relative_error": F.try_divide(absolute, F.abs(label)),
                "label_not_zero": (label != 0.0).cast("double"),
                "label_offset": offset,
                "label_squared": offset * offset,
                "prediction": prediction,
            },
        )

    def outcome_of(self, answers: Answers[NDArray[Any]]) -> Outcome[NDArray[Any]]:
        label, prediction = answers.label, answers.prediction
        error, offset = prediction - label, label - answers.centre
        absolute, is_valid, is_not_zero = np.abs(error), np.isfinite(prediction), label != 0
        ranks = np.unique(absolute, return_inverse=True)[1]
        sign = np.nan_to_num(np.sign(error)).astype(np.int64)
        levels = np.unique(prediction, return_inverse=True)[1]
        # An error of zero has bin 0, the others ±1, ±2 …, so that the bin's size orders the absolute errors.
        bins = {"fine": sign * (ranks + 1), "spread": sign * (coarser(ranks) + 1), "level": levels}
        relative = np.divide(absolute, np.abs(label), out=np.zeros_like(label), where=is_not_zero)
        return Outcome(
            label=np.where(np.isfinite(label), 0, LEFT_OUT),
            predicted=np.zeros(len(label), dtype=np.int64),
            score=prediction,
            bins={grain: np.where(is_valid, values, INVALID) for grain, values in bins.items()},
            measures={
                "error": error,
                "absolute_error": absolute,
                "squared_error": error**2,
                "relative_error": relative,
                "label_not_zero": is_not_zero.astype(float),
                "label_offset": offset,
                "label_squared": offset**2,
                "prediction": prediction,
            },
        )

    def curves(self, table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, Any]:
        return regression_panels(table.cells(model, shared=shared), table.cells(model, shared=shared, grain=LEVEL))


def _log_bin(value: Column, size: int) -> Column:
    """The bin of a number: 0 for zero, else ±1 … ±size/2 in the order of the numbers."""
    from pyspark.sql import functions as F

    steps = size // 2
    step = F.floor((F.ln(F.greatest(F.abs(value), F.lit(1e-12))) - LOG_LOW) / LOG_SPAN * steps)
    return (F.signum(value) * (F.least(step, F.lit(steps - 1)) + 1)).cast("int")
