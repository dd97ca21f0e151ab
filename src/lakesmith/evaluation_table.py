"""Making the evaluation table: from a scored frame, by one action with one exchange, or from numpy arrays.

Each row becomes one cell a model and grain; cells with equal keys are added up before and after the one shuffle, which
therefore carries at most about two million cells, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lakesmith.columns import Names, quote
from lakesmith.metrics.cells import GRAINS, KEYS, LEFT_OUT, LOW, ROWS, WEIGHT, EvaluationTable, FloatArray, grouped
from lakesmith.splits import share_of
from lakesmith.tasks import LABEL, Answers, Baseline, Outcome, Target, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

BASELINE = "baseline"
FINE_BINS = 50_000
BUCKETS = 200
BOOTSTRAP_SALT = "bootstrap"
_CELL = "_lakesmith_cell"


def evaluation_table(
    task: Task,
    scored: DataFrame,
    models: Sequence[str],
    *,
    target: Target | None = None,
    cluster: str | Sequence[str] | None = None,
    thresholds: Mapping[str, float] | None = None,
    weight: str | None = None,
    bins: int = FINE_BINS,
) -> EvaluationTable:
    """The evaluation table of `models` over `scored` (one row per test row), from one action with one exchange.

    Columns needed: LABEL (double) and, for a model m, `m_prediction` (double), for classification also `m_probability`
    (ML vector or array of double), and, where some rows are test rows of one model only, `m_is_test` (boolean).
    Rows without LABEL (null, NaN, infinite) are counted (`left_out`) and not measured.

    `target` adds the naive model, as BASELINE, over the test rows of the first model.
    `cluster` names the columns whose equal values are drawn together by the bootstrap: the declared group, or the key
    where rows are independent. Without it the table has no intervals, and is cheaper: what tuning wants.
    `thresholds` gives the score from which model m predicts positive; without one `m_prediction` says it.
    `weight` names the column of row weights; null counts as 0.
    """
    from pyspark.sql import functions as F

    clusters = [cluster] if isinstance(cluster, str) else list(cluster or ())
    _need_columns(scored, [*(f"{model}_prediction" for model in models), *clusters, *([weight] if weight else [])])
    thresholds, centre = thresholds or {}, target.mean if target is not None else 0.0
    sizes = {"fine": bins, "level": bins} | ({"spread": task.spread_bins} if clusters else {})
    outcomes, label = {}, F.col(LABEL)
    for model in models:
        prediction, probability = _answers(scored, model)
        answers = Answers(label, prediction, probability, thresholds.get(model), centre)
        outcomes[model] = task.outcome(answers, sizes)
    if target is not None:
        prediction, probability = _same_for_all(task.baseline(target))
        outcomes[BASELINE] = task.outcome(Answers(label, prediction, probability, None, centre), sizes)
    columns = _collected(_cells(scored, outcomes, models, clusters, weight, task.measures), task.measures)
    return EvaluationTable(task.sort, tuple(outcomes), task.measures, columns, _classes(target))


def evaluation_table_of(
    task: Task,
    label: FloatArray,
    predictions: Mapping[str, FloatArray],
    probabilities: Mapping[str, FloatArray] | None = None,
    *,
    target: Target | None = None,
    clusters: Sequence[object] | None = None,
    is_test: Mapping[str, NDArray[np.bool_]] | None = None,
    thresholds: Mapping[str, float] | None = None,
    weight: FloatArray | None = None,
) -> EvaluationTable:
    """The same table from arrays with one entry a row, and bins that are distinct scores, so without bin error.

    `label` is NaN for rows without one; `probabilities` are (rows, classes). Without `clusters` each row is its own.
    """
    size, answers = len(label), dict(predictions)
    proba: dict[str, FloatArray] = dict(probabilities or {})
    tested = {model: np.ones(size, dtype=bool) for model in answers} | dict(is_test or {})
    if target is not None:
        naive = task.baseline(target)
        answers[BASELINE] = np.full(size, naive.prediction)
        tested[BASELINE] = tested[next(iter(predictions))]
        if naive.probability:
            proba[BASELINE] = np.tile(naive.probability, (size, 1))
    centre = target.mean if target is not None else 0.0
    shared = np.logical_and.reduce(list(tested.values()))
    units = np.arange(size) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    parts = []
    for position, (model, prediction) in enumerate(answers.items()):
        limit = (thresholds or {}).get(model)
        outcome = task.outcome_of(Answers(label, prediction, proba.get(model), limit, centre))
        rows = {"model": np.full(size, position), "shared": shared, "bucket": units % BUCKETS, WEIGHT: weight}
        parts += _array_cells(outcome, rows, tested[model])
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return EvaluationTable(task.sort, tuple(answers), task.measures, columns, _classes(target), is_exact=True)


def _array_cells(
    outcome: Outcome[NDArray[Any]], rows: Mapping[str, NDArray[Any] | None], taken: NDArray[np.bool_]
) -> list[dict[str, NDArray[Any]]]:
    """The cells of one model, one dict a grain."""
    given = rows[WEIGHT]
    weight = np.ones(len(taken)) if given is None else given
    parts = []
    for grain, bins in outcome.bins.items():
        keys = {
            "model": rows["model"],
            "grain": np.full(len(taken), GRAINS[grain]),
            "shared": rows["shared"],
            "bucket": rows["bucket"] if grain == "spread" else np.full(len(taken), -1),
            "label": outcome.label,
            "predicted": outcome.predicted,
            "bin": bins,
        }
        sums = {ROWS: np.ones(len(taken)), WEIGHT: weight}
        sums |= {name: values * weight for name, values in outcome.measures.items()}
        number, added = grouped(
            {name: np.asarray(values)[taken] for name, values in keys.items()},
            {name: values[taken] for name, values in sums.items()},
            outcome.score[taken],
        )
        parts.append({**number, **added})
    return parts


def _classes(target: Target | None) -> tuple[str, ...]:
    return target.classes if target is not None else ()


def _need_columns(scored: DataFrame, needed: Sequence[str]) -> None:
    names = Names("the scored rows", tuple(scored.columns))
    for name in (LABEL, *needed):
        names.need(name)


def _answers(scored: DataFrame, model: str) -> tuple[Column, Column | None]:
    """A model's prediction and, where it has one, its probabilities as an array."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F
    from pyspark.sql import types as t

    prediction, name = F.col(quote(f"{model}_prediction")), f"{model}_probability"
    if name not in scored.columns:
        return prediction, None
    is_array = isinstance(scored.schema[name].dataType, t.ArrayType)
    return prediction, F.col(quote(name)) if is_array else vector_to_array(F.col(quote(name)))


def _same_for_all(naive: Baseline) -> tuple[Column, Column | None]:
    from pyspark.sql import functions as F

    probability = F.array(*[F.lit(share) for share in naive.probability]) if naive.probability else None
    return F.lit(naive.prediction), probability


def _cells(
    scored: DataFrame,
    outcomes: Mapping[str, Outcome[Column]],
    models: Sequence[str],
    clusters: Sequence[str],
    weight: str | None,
    measures: Sequence[str],
) -> DataFrame:
    """One row per cell; lazy, one exchange."""
    from pyspark.sql import functions as F

    tested = {model: _is_test(scored, model) for model in models}
    shared = F.lit(True)
    for is_test in tested.values():
        shared = shared & is_test
    bucket = F.floor(share_of(clusters, BOOTSTRAP_SALT) * BUCKETS).cast("int") if clusters else F.lit(-1)
    entries = [
        F.when(tested.get(model, tested[models[0]]), _entry(position, grain, outcome, bucket))
        for position, (model, outcome) in enumerate(outcomes.items())
        for grain in outcome.bins
    ]
    weights = F.coalesce(F.col(quote(weight)).cast("double"), F.lit(0.0)) if weight else F.lit(1.0)
    cells = scored.select(
        shared.cast("int").alias("shared"), weights.alias(WEIGHT), F.explode(F.array(*entries)).alias(_CELL)
    ).where(F.col(_CELL).isNotNull())
    return cells.groupBy(*[F.col("shared") if key == "shared" else F.col(f"{_CELL}.{key}") for key in KEYS]).agg(
        F.count(F.lit(1)).alias(ROWS),
        F.sum(WEIGHT).alias(WEIGHT),
        F.min(f"{_CELL}.score").alias(LOW),
        *[F.sum(F.col(WEIGHT) * F.col(f"{_CELL}.m_{name}")).alias(name) for name in measures],
    )


def _entry(position: int, grain: str, outcome: Outcome[Column], bucket: Column) -> Column:
    from pyspark.sql import functions as F

    return F.struct(
        F.lit(position).alias("model"),
        F.lit(GRAINS[grain]).alias("grain"),
        (bucket if grain == "spread" else F.lit(-1)).alias("bucket"),
        F.coalesce(outcome.label, F.lit(LEFT_OUT)).alias("label"),
        outcome.predicted.alias("predicted"),
        # Without a label there may be no bin, and its arithmetic would fail on NaN.
        F.when(outcome.label.isNotNull(), outcome.bins[grain]).otherwise(0).cast("int").alias("bin"),
        outcome.score.alias("score"),
        # A prefix, since a measure may be called like a key.
        *[measure.alias(f"m_{name}") for name, measure in outcome.measures.items()],
    )


def _is_test(scored: DataFrame, model: str) -> Column:
    from pyspark.sql import functions as F

    name = f"{model}_is_test"
    return F.coalesce(F.col(quote(name)), F.lit(False)) if name in scored.columns else F.lit(True)


def _collected(cells: DataFrame, measures: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The cells on the driver, as arrays; in no particular order."""
    arrow = cells.toArrow()
    columns = {name: arrow.column(name).to_numpy() for name in (*KEYS, ROWS, WEIGHT, LOW, *measures)}
    columns = {name: values.astype(np.int64 if name in KEYS else np.float64) for name, values in columns.items()}
    # A cell of invalid scores has no sum; it is known by its bin, and zero keeps the other cells' sums whole.
    return {name: values if name in (*KEYS, LOW) else np.nan_to_num(values) for name, values in columns.items()}
