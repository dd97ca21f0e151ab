"""A small project on disk: 400 visits with a time, some cancelled, a label that its numbers tell something about."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from mlflow import MlflowClient

Row = list[str]
START = datetime(2025, 1, 1, tzinfo=UTC)
YAML = """\
name: visits
sources:
  visits:
    kind: csv
    path: raw
    columns: {{visit_id: int, at: timestamp, city: string, late: boolean{declared}}}
clean:
  visits:
    - {{kind: drop_duplicates, key: [visit_id], order_by: at}}
    - {{kind: expect, rule: visit_id >= 0, otherwise: quarantine}}
derive:
  steps:
    - {{kind: add_columns, columns: {{known_at: at + INTERVAL 2 DAYS}}}}
    - {{kind: history, by: [city], over: 30 days, time: at, known_at: known_at, columns: {{late_share: avg(late)}}}}
key: [visit_id]
time: at
task: {{kind: binary, label: late}}
split: {{kind: time, test_from: "2025-03-01"}}
features:
  - {{kind: impute, columns: [{numbers}], flag: true}}
  - {{kind: one_hot, columns: [city]}}
  - {{kind: keep, columns: [late_share]}}
families:
  - {{kind: linear, max_iter: 20, search: {{reg_param: {{kind: loguniform, low: 0.0001, high: 0.1}}}}}}
tune: {{algorithm: random, max_trials: {trials}, folds: {{kind: expanding, windows: 2}}}}
gates:
  - {{kind: threshold, metric: roc_auc, at_least: {least}}}
seed: 3
"""


def visits(count: int = 400, numbers: int = 3, seed: int = 5) -> list[Row]:
    """One row per visit over 90 days; x0 tells of the label, every eighth visit has none, some numbers are missing."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        at = START + timedelta(days=90) * number / count
        values = [draw.gauss(0, 1) for _ in range(numbers)]
        late = draw.random() < 1 / (1 + math.exp(-2 * values[0]))
        shown = ["" if draw.random() < 0.05 else f"{value:.4f}" for value in values]
        label = "" if number % 8 == 7 else str(late).lower()
        made.append([str(number), at.strftime("%Y-%m-%dT%H:%M:%SZ"), draw.choice("ABC"), label, *shown])
    return made


def write_rows(folder: Path, rows: Sequence[Row], name: str = "visits.csv") -> Path:
    """A CSV file of the project's raw data."""
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    header = ["visit_id", "at", "city", "late", *(f"x{n}" for n in range(len(rows[0]) - 4))]
    (raw / name).write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    return raw / name


@cache
def empty_store() -> bytes:
    """MLflow's sqlite file before the first experiment: making one takes 50 migrations and two seconds."""
    with tempfile.TemporaryDirectory() as folder:
        MlflowClient(f"sqlite:///{folder}/mlflow.db").search_experiments()
        return (Path(folder) / "mlflow.db").read_bytes()


def write_project(
    folder: Path, rows: Sequence[Row] | None = None, *, trials: int = 2, least: float = 0.5,
    change: Callable[[str], str] = lambda text: text, with_store: bool = True,
) -> Path:  # fmt: skip
    """The project file; its raw data lies in `raw/` beside it and its workspace in `.lakesmith/`, where MLflow's store
    is there as another project would have left it, unless a test says otherwise."""
    rows = visits() if rows is None else rows
    if with_store:
        (folder / ".lakesmith").mkdir(parents=True, exist_ok=True)
        (folder / ".lakesmith" / "mlflow.db").write_bytes(empty_store())
    write_rows(folder, rows)
    names = [f"x{n}" for n in range(len(rows[0]) - 4)]
    declared = "".join(f", {name}: double" for name in names)
    path = folder / "visits.yml"
    path.write_text(change(YAML.format(declared=declared, numbers=", ".join(names), trials=trials, least=least)))
    return path
