"""What a notebook says of the task: the label as a number, a model's answers decoded, and the metrics of test rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakesmith.columns import quote
from lakesmith.errors import ConfigError
from lakesmith.notebooks.rendering import call, python, text
from lakesmith.tasks import Target, Task

METRICS = {"binary": "binary_metrics", "multiclass": "multiclass_metrics", "regression": "regression_metrics"}


def column(name: str) -> str:
    """`F.col(…)` of a column of gold, whatever its name."""
    return f"F.col({text(name if name.isidentifier() else quote(name))})"


def check_sort(task: Task) -> None:
    """Raises ConfigError for a sort of task that notebooks do not know."""
    if task.sort not in METRICS:
        raise ConfigError(
            f"a notebook of a {task.sort} task cannot be generated, only of {', '.join(METRICS)}", key="task.kind"
        )


def label_code(target: Target, name: str) -> list[str]:
    """Lines that make `label`, the column to learn from, called `name`."""
    if not target.classes:
        return [f'label = {column(target.label)}.cast("double").alias({text(name)})']
    last = " The last is the positive one." if target.sort == "binary" else ""
    return [
        f"# Classes as text, in the order of their index.{last}",
        f"classes = {python(list(target.classes))}",
        "pairs = [F.lit(part) for index, each in enumerate(classes) for part in (each, float(index))]",
        "# Null where there is no label, or no such class.",
        f'index = F.try_element_at(F.create_map(*pairs), {column(target.label)}.cast("string"))',
        "# Spark ML need not search the rows for the number of classes when the column says it.",
        'nominal = {"ml_attr": {"name": ' + text(name) + ', "type": "nominal", "vals": classes}}',
        f"label = F.when(index.isNotNull(), index).alias({text(name)}, metadata=nominal)",
    ]


def weight_code(weight: str | None, is_balanced: bool, label: str, name: str) -> list[str]:
    """Lines that give `train` the weight of its rows, called `name`; none where rows count alike."""
    lines, factors = list[str](), list[str]()
    if weight is not None:
        lines.append(f"# Rows weigh what {' '.join(weight.split())} says, in training only: test rows count alike.")
        factors.append(f'{column(weight)}.cast("double")')
    if is_balanced:
        lines += [
            "# balance: rows weigh so that all classes count alike, rows ÷ (classes × rows of the own class).",
            f"counted = {{int(row[0]): row[1] for row in train.groupBy({text(label)}).count().collect()}}",
            "balance = [sum(counted.values()) / (len(classes) * counted[each]) for each in range(len(classes))]",
        ]
        factors.append(f'F.get(F.array(*[F.lit(each) for each in balance]), F.col({text(label)}).cast("int"))')
    return [*lines, f"train = train.withColumn({text(name)}, {' * '.join(factors)})"] if factors else []


def prediction_code(target: Target, threshold: float | None, label: str, key: tuple[str, ...]) -> list[str]:
    """Lines that make `predictions` (decoded, one row a test row) and `scored` (what metrics read) of `answered`."""
    keys = [column(each) for each in key]
    truth = f'F.col({text(label)}).alias("label")'
    if not target.classes:
        return [
            _select("predictions", [*keys, '"prediction"']),
            _select("scored", [truth, '"prediction"']),
        ]
    predicted, named = (
        'F.col("prediction")',
        'F.get(F.array(*[F.lit(each) for each in classes]), predicted.cast("int"))',
    )
    lines = [f"predicted = {predicted}", 'probability = vector_to_array("probability")']
    probability, measured = 'F.get(probability, predicted.cast("int"))', 'probability.alias("probability")'
    if target.sort == "binary":
        lines, probability, measured = _score(threshold), "score", 'score.alias("score")'
    return [
        *lines,
        _select("predictions", [*keys, f'{named}.alias("prediction")', f'{probability}.alias("probability")']),
        _select("scored", [truth, 'predicted.alias("predicted")', measured]),
    ]


def _score(threshold: float | None) -> list[str]:
    score = 'score = F.get(vector_to_array("probability"), F.lit(1))  # of the positive class'
    if threshold is None:
        return [score, 'predicted = F.col("prediction").cast("int")']
    return [
        "# From this score on a row is predicted positive: the best one on validation rows, or the one declared.",
        f"THRESHOLD = {threshold!r}",
        score,
        'predicted = (score >= THRESHOLD).cast("int")',
    ]


def _select(name: str, columns: Sequence[str]) -> str:
    return f"{name} = {call('answered.select', [('', each) for each in columns])}"


def metrics_call(target: Target) -> str:
    """The call of the plain function that gives the metrics of `scored`."""
    centre = f", centre={target.mean!r}" if target.sort == "regression" else ""
    return f"{METRICS[target.sort]}(scored{centre})"


def comparison_code(version: int, expected: dict[str, Any]) -> list[str]:
    """Lines that print the metrics beside those of the registered version, and raise where they differ."""
    values = [f"    {text(name)}: {value!r}," for name, value in expected.items()]
    return [
        f"# What version {version} has. Delete `expected`, or this cell, to go your own way.",
        "expected = {",
        *values,
        "}",
        f"print(f\"{{'metric':<18}} {{'here':>24}} {{'version {version}':>24}}\")",
        "for name, value in expected.items():",
        '    print(f"{name:<18} {metrics[name]!r:>24} {value!r:>24}")',
        "for name, value in expected.items():",
        "    if not math.isclose(metrics[name], value, rel_tol=1e-9, abs_tol=1e-9):",
        f'        raise AssertionError(f"{{name}} is {{metrics[name]!r}} here and {{value!r}} in version {version}")',
    ]
