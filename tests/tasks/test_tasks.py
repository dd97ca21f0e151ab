from __future__ import annotations

import pytest
from pydantic import TypeAdapter
from tests.examples.tasks import EXAMPLES

from lakesmith.metrics import metrics_for
from lakesmith.tasks import TASKS, AnyTask, Task


def test_every_task_has_an_example() -> None:
    assert set(TASKS.kinds) == set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_task_measures_by_a_metric_that_it_has(kind: str) -> None:
    task: Task = TypeAdapter(AnyTask).validate_python(EXAMPLES[kind])
    assert task.default_metric in metrics_for(task.sort)
    assert task.prediction_columns
