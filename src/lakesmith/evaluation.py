"""Evaluation: all models' answers over all test rows, read off the one small table that one action brought.

table = evaluation_table(task, scored, ["challenger", "champion"], target=target, cluster=["tailnum"])
metrics(table, "challenger")                  # name → value, over all its test rows
metrics(table, "champion", shared=True)       # over the rows that were test rows for both
curves(task, table, "challenger")             # the report's panels
bootstrap(table, ["challenger", "champion"], ["roc_auc"])
compared(table, "challenger", "champion")     # what gates judge
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakesmith.bootstrap import REPLICATES, Intervals, bootstrap
from lakesmith.evaluation_table import BASELINE, evaluation_table, evaluation_table_of
from lakesmith.gates import Compared
from lakesmith.metrics import Metric, metrics_for
from lakesmith.metrics.cells import EvaluationTable, FloatArray
from lakesmith.tasks import Target, Task

__all__ = [
    "BASELINE",
    "EvaluationTable",
    "Intervals",
    "Judge",
    "bin_errors",
    "bootstrap",
    "compared",
    "curves",
    "evaluation_table",
    "evaluation_table_of",
    "metrics",
]


@dataclass(frozen=True)
class Judge:
    """A metric of arrays, for what is measured outside Spark: `judge(label, prediction, probability)`, with the label
    as a number or the index of its class, gives its value; NaN where it is undefined."""

    task: Task
    metric: Metric
    target: Target

    def __call__(self, label: FloatArray, prediction: FloatArray, probability: FloatArray | None) -> float:
        """The metric over all rows."""
        probabilities = {} if probability is None else {"it": probability}
        table = evaluation_table_of(self.task, label.astype(float), {"it": prediction}, probabilities)
        return self.metric.value(table, "it")


def metrics(table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, float]:
    """Every metric of the table's task, by name; NaN where undefined (`Metric.undefined` says when)."""
    cells = table.cells(model, shared=shared)
    return {name: float(metric.measured(cells)[0]) for name, metric in metrics_for(table.sort).items()}


def bin_errors(table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, float]:
    """By how much binning can have moved each metric at most; only metrics that carry such an error are named."""
    cells = table.cells(model, shared=shared)
    if not cells.is_valid:
        return {}
    errors = {name: metric.bin_error(cells) for name, metric in metrics_for(table.sort).items()}
    return {name: error for name, error in errors.items() if error > 0}


def curves(task: Task, table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, Any]:
    """The report's panels for one model: JSON-able, at most 200 points a curve."""
    return task.curves(table, model, shared=shared)


def compared(
    table: EvaluationTable, challenger: str, champion: str | None, *, replicates: int = REPLICATES, seed: int = 0
) -> Compared:
    """What gates judge: all metrics of challenger, naive baseline and champion, with the intervals of differences."""
    known = metrics_for(table.sort)
    others = [each for each in (BASELINE, champion) if each in table.models]
    intervals = bootstrap(table, [challenger, *others], list(known), replicates=replicates, seed=seed)

    def differences(other: str) -> dict[str, tuple[float, float]]:
        return {name: each.differences[other] for name, each in intervals.items() if other in each.differences}

    def shared(model: str) -> dict[str, tuple[float, float]]:
        return {name: each.shared[model] for name, each in intervals.items()}

    is_met = champion is not None
    return Compared(
        challenger=metrics(table, challenger),
        baseline=metrics(table, BASELINE) if BASELINE in table.models else {},
        greater_is_better={name: metric.greater_is_better for name, metric in known.items()},
        challenger_shared=metrics(table, challenger, shared=True) if is_met else None,
        champion_shared=metrics(table, champion, shared=True) if champion is not None else None,
        difference=differences(champion) if champion is not None else None,
        difference_to_baseline=differences(BASELINE),
        shared_rows=table.rows(challenger, shared=True) if is_met else None,
        intervals={name: each.models[challenger] for name, each in intervals.items()},
        challenger_shared_intervals=shared(challenger) if is_met else None,
        champion_shared_intervals=shared(champion) if champion is not None else None,
    )
