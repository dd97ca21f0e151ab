"""Bootstrap intervals from the evaluation table: buckets of rows are drawn anew, for all models alike.

The rows lie in up to 200 buckets by a hash of their cluster (the declared group), or of their key where rows are
independent. A replicate draws as many buckets as there are, with replacement (Efron and Tibshirani 1993, ch. 8: the
units drawn are the independent ones); since both models see the same draw, their difference is a paired one. With 200
buckets an interval's width is itself known to about 5 %.

Replicates are computed from coarser bins than the value; each interval is moved by the difference of the two, so that
it lies around the value that is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lakesmith.metrics import metric_named
from lakesmith.metrics.cells import EvaluationTable, FloatArray, IntArray

REPLICATES = 500
CONFIDENCE = 0.95
FEWEST_BUCKETS = 2
Range = tuple[float, float]
UNKNOWN: Range = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Intervals:
    """95 % intervals of one metric: each model's over its own test rows (`models`) and over the rows that were test
    rows for every model (`shared`), and those of first − other over the latter. (NaN, NaN) where nothing can be drawn
    or the metric is undefined."""

    metric: str
    models: Mapping[str, Range]
    shared: Mapping[str, Range]
    differences: Mapping[str, Range]


def bootstrap(
    table: EvaluationTable,
    models: Sequence[str],
    metrics: Sequence[str],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> dict[str, Intervals]:
    """Metric → intervals for `models`, the first of which the others are subtracted from."""
    draws = _draws(table, models, replicates, seed)
    own = {model: _replicated(table, model, metrics, draws, shared=False) for model in models}
    shared = {model: _replicated(table, model, metrics, draws, shared=True) for model in models}
    found = {}
    for position, metric in enumerate(metrics):
        bounds = metric_named(metric, table.sort).bounds
        differences = {
            other: _percentiles(shared[models[0]][position] - shared[other][position]) for other in models[1:]
        }
        found[metric] = Intervals(
            metric,
            models={model: _clipped(_percentiles(own[model][position]), bounds) for model in models},
            shared={model: _clipped(_percentiles(shared[model][position]), bounds) for model in models},
            differences=differences,
        )
    return found


def _draws(table: EvaluationTable, models: Sequence[str], replicates: int, seed: int) -> FloatArray | None:
    """How often each bucket is drawn, (replicates, buckets), None with fewer than two buckets that hold rows."""
    held: IntArray = np.unique(np.concatenate([table.buckets(model) for model in models]))
    if len(held) < FEWEST_BUCKETS:
        return None
    generator = np.random.default_rng(seed)
    draws = np.zeros((replicates, int(held.max()) + 1))
    draws[:, held] = generator.multinomial(len(held), np.full(len(held), 1 / len(held)), size=replicates)
    return draws


def _replicated(
    table: EvaluationTable, model: str, metrics: Sequence[str], draws: FloatArray | None, *, shared: bool
) -> list[FloatArray]:
    """The replicates of each metric, moved to lie around the value from the fine bins."""
    if draws is None or not len(table.buckets(model, shared=shared)):
        return [np.array([np.nan])] * len(metrics)
    fine = table.cells(model, shared=shared)
    coarse = table.replicates(model, np.ones((1, draws.shape[1])), shared=shared)
    cells = table.replicates(model, draws, shared=shared)
    found = []
    for name in metrics:
        metric = metric_named(name, table.sort)
        found.append(metric.measured(cells) + (metric.measured(fine)[0] - metric.measured(coarse)[0]))
    return found


def _clipped(interval: Range, bounds: Range) -> Range:
    """The interval within what the metric can be: moving it may have pushed an end beyond."""
    low, high = interval
    return (max(low, bounds[0]), min(high, bounds[1])) if low == low else UNKNOWN


def _percentiles(values: FloatArray) -> Range:
    """The central 95 % of the replicates in which the metric is defined; unknown when it is so in fewer than 95 %."""
    defined = values[~np.isnan(values)]
    if len(defined) < CONFIDENCE * len(values) or len(defined) < 2:
        return UNKNOWN
    low, high = np.percentile(defined, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return float(low), float(high)
