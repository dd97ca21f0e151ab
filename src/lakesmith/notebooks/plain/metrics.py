"""Metrics of scored test rows, from one aggregate in Spark and a few lines of numpy."""

# ruff: noqa: TID253 (imported when a notebook is generated)

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def ratio(dividend: float, divisor: float) -> float:
    """dividend ÷ divisor; NaN where the divisor is 0, that is where the metric is not defined."""
    return float(dividend / divisor) if divisor else float("nan")


def binary_metrics(scored: DataFrame) -> dict[str, float]:
    """The metrics of rows with `label` and `predicted` (1 positive, 0 negative) and `score` (probability of 1)."""
    # Metrics that rank rows are read off 50,000 bins of the score, as the registered ones are, so that however many
    # rows there are 50,000 numbers reach the driver. Bins are equal steps on the mean of the score and its log-odds,
    # which are fine where the scores of rare events crowd near 0.
    least = float(1 / (1 + np.exp(20.0)))
    inside = F.least(F.greatest(F.col("score"), F.lit(least)), F.lit(1 - least))
    scale = (inside + (F.ln(inside / (1 - inside)) + 20.0) / 40.0) / 2
    # ln 0 is infinite: the probability of the true class is kept off 0 and 1 by 2.2e-16, as scikit-learn does.
    tiny = float(np.finfo(np.float64).eps)
    of_true_class = F.when(F.col("label") == 1, F.col("score")).otherwise(1 - F.col("score"))
    by_bin = (
        scored.groupBy(F.least(F.floor(scale * 50_000), F.lit(49_999)).alias("bin"))
        .agg(
            F.count_if(F.col("label") == 1).alias("positive"),
            F.count_if(F.col("label") == 0).alias("negative"),
            F.count_if((F.col("label") == 1) & (F.col("predicted") == 1)).alias("true_positive"),
            F.count_if((F.col("label") == 0) & (F.col("predicted") == 1)).alias("false_positive"),
            F.sum(-F.ln(F.least(F.greatest(of_true_class, F.lit(tiny)), F.lit(1 - tiny)))).alias("log_loss"),
            F.sum((F.col("score") - F.col("label")) ** 2).alias("squared_error"),
        )
        .toPandas()
        .sort_values("bin")
    )
    positive, negative = by_bin["positive"].to_numpy(float), by_bin["negative"].to_numpy(float)
    positives, negatives = positive.sum(), negative.sum()
    rows = positives + negatives
    # From the highest score down: the positive and negative rows at or above each bin.
    hits, alarms = np.cumsum(positive[::-1]), np.cumsum(negative[::-1])
    below = np.cumsum(negative) - negative / 2  # negative rows with a lower score, ties half
    true_positive, false_positive = by_bin["true_positive"].sum(), by_bin["false_positive"].sum()
    false_negative = positives - true_positive
    both = positives * negatives
    return {
        "roc_auc": ratio((positive * below).sum(), both),
        "pr_auc": ratio((positive[::-1] * (hits / (hits + alarms))).sum(), positives),  # average precision
        "ks": float(np.abs(hits / positives - alarms / negatives).max()) if both else float("nan"),
        "accuracy": ratio(true_positive + negatives - false_positive, rows),
        "precision": ratio(true_positive, true_positive + false_positive),
        "recall": ratio(true_positive, positives),
        "f1": ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative),
        "log_loss": ratio(by_bin["log_loss"].sum(), rows),
        "brier": ratio(by_bin["squared_error"].sum(), rows),
    }


def multiclass_metrics(scored: DataFrame) -> dict[str, float]:
    """The metrics of rows with `label` and `predicted` (indices of classes) and `probability` (array, by class)."""
    # ln 0 is infinite: the probability of the true class is kept off 0 and 1 by 2.2e-16, as scikit-learn does.
    tiny = float(np.finfo(np.float64).eps)
    of_true_class = F.get(F.col("probability"), F.col("label").cast("int"))
    counted = (
        scored.groupBy(F.col("label").cast("int").alias("label"), F.col("predicted").cast("int").alias("predicted"))
        .agg(
            F.count("*").alias("rows"),
            F.sum(-F.ln(F.least(F.greatest(of_true_class, F.lit(tiny)), F.lit(1 - tiny)))).alias("log_loss"),
        )
        .toPandas()
    )
    size = int(counted[["label", "predicted"]].to_numpy().max()) + 1
    confusion = np.zeros((size, size))
    confusion[counted["label"], counted["predicted"]] = counted["rows"]
    hits, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    # The mean is over classes that occur; a class that is never hit counts as 0.
    present = int(((true + predicted) > 0).sum())
    precision = np.divide(hits, predicted, out=np.zeros(size), where=predicted > 0)
    recall = np.divide(hits, true, out=np.zeros(size), where=true > 0)
    f1 = np.divide(2 * hits, true + predicted, out=np.zeros(size), where=(true + predicted) > 0)
    return {
        "accuracy": ratio(hits.sum(), confusion.sum()),
        "macro_precision": ratio(precision.sum(), present),
        "macro_recall": ratio(recall.sum(), present),
        "macro_f1": ratio(f1.sum(), present),
        "log_loss": ratio(counted["log_loss"].sum(), confusion.sum()),
    }


def regression_metrics(scored: DataFrame, centre: float) -> dict[str, float]:
    """The metrics of rows with `label` and `prediction`; `centre` is a number near the labels' mean."""
    error = F.col("prediction") - F.col("label")
    # Labels are summed as distances from the centre, so that the variance keeps its digits.
    offset = F.col("label") - F.lit(centre)
    # The median of the errors is read off 25,000 bins of their size, as the registered one is: equal steps of the
    # logarithm from 1e-12 to 1e12, and a bin for 0.
    low, span = float(np.log(1e-12)), float(np.log(1e24))
    step = F.floor((F.ln(F.greatest(F.abs(error), F.lit(1e-12))) - low) / span * 25_000)
    by_size = (
        scored.groupBy(F.when(error == 0, F.lit(0)).otherwise(F.least(step, F.lit(24_999)) + 1).alias("bin"))
        .agg(
            F.count("*").alias("rows"),
            F.sum(F.abs(error)).alias("absolute"),
            F.sum(error * error).alias("squared"),
            # A label of 0 has no relative error.
            F.sum(F.try_divide(F.abs(error), F.abs(F.col("label")))).alias("relative"),
            F.count_if(F.col("label") != 0).alias("not_zero"),
            F.sum(offset).alias("offset"),
            F.sum(offset * offset).alias("offset_squared"),
        )
        .toPandas()
        .sort_values("bin")
    )
    rows = by_size["rows"].to_numpy(float)
    sums = by_size.sum()
    variation = sums["offset_squared"] - ratio(sums["offset"] ** 2, sums["rows"])
    middle = np.cumsum(rows) - rows / 2  # each bin's mean error stands in the middle of its rows
    median = np.interp(rows.sum() / 2, middle, by_size["absolute"].to_numpy(float) / rows)
    return {
        "rmse": float(np.sqrt(ratio(sums["squared"], sums["rows"]))),
        "mae": ratio(sums["absolute"], sums["rows"]),
        "r2": 1 - ratio(sums["squared"], variation if variation > 1e-12 * sums["offset_squared"] else 0.0),
        "mape": ratio(sums["relative"], sums["not_zero"]),
        "median_abs_error": float(median),
    }
