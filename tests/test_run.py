"""The whole flow on a small project: what a run makes, what a second run leaves alone, what it costs, what it hides."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from builders import count_jobs
from lakesmith import api, places, project
from lakesmith.errors import DataError, EnvironmentFault
from lakesmith.progress import Progress
from lakesmith.splits import SPLIT
from lakesmith.stages.order import STAGES, selected
from lakesmith.stages.stage import Outcome
from lakesmith.stages.train import TrainResult
from lakesmith.summary import RunSummary
from lakesmith.workspace import Workspace, opened
from small_projects import visits, write_project, write_rows

pytestmark = pytest.mark.usefixtures("spark")


def run(path: Path, select: str | None = None, sets: tuple[str, ...] = ()) -> RunSummary:
    return api.run(path, select=select, sets=sets, progress=Progress.silent())


@contextmanager
def at_work(path: Path, sets: tuple[str, ...] = ()) -> Iterator[Workspace]:
    with opened(project.load(path, sets), places.load(path), Progress.silent()) as workspace:
        yield workspace


def versions(workspace: Workspace) -> dict[str, int]:
    names = [each.name for each in (workspace.folder / "tables").iterdir()]
    return {name: workspace.tables._latest(name) for name in names}


@dataclass(frozen=True)
class Chapter:
    """One run of the project whose life the first tests follow: its summary and what the workspace held after it."""

    path: Path
    summary: RunSummary
    versions: dict[str, int]
    parts: dict[int, str]
    predictions: int
    scored_by: set[int]
    champion: int
    challenger: int
    status: dict[str, Any]


def chapter(path: Path, select: str | None = None, sets: tuple[str, ...] = ()) -> Chapter:
    summary = run(path, select, sets)
    with at_work(path) as workspace:
        gold, predictions = workspace.tables.read("gold"), workspace.tables.read("predictions")
        aliases = {alias: workspace.tracking.at(alias) for alias in ("champion", "challenger")}
        return Chapter(
            path,
            summary,
            versions(workspace),
            {row["visit_id"]: row[SPLIT] for row in gold.select("visit_id", SPLIT).collect()},
            predictions.count(),
            {row.model_version for row in predictions.collect()},
            *[each.number if each is not None else 0 for each in aliases.values()],
            json.loads(api.status(workspace=str(path.parent / ".lakesmith")).model_dump_json()),
        )


# A whole run costs half a minute: each chapter goes on where the one before it has ended.
@pytest.fixture(scope="module")
def first(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    return chapter(write_project(tmp_path_factory.mktemp("life")))


@pytest.fixture(scope="module")
def again(first: Chapter) -> Chapter:
    return chapter(first.path)


@pytest.fixture(scope="module")
def later(again: Chapter) -> Chapter:
    row = ["9001", "2025-03-30T10:00:00Z", "A", "", *visits(1)[0][4:]]
    write_rows(again.path.parent, [row], "late.csv")
    run(again.path, "+derive")
    return chapter(again.path, "score")


@pytest.fixture(scope="module")
def refused(later: Chapter) -> Chapter:
    return chapter(later.path, sets=("gates[0].at_least=0.999", "tune.max_trials=1"))


@pytest.fixture(scope="module")
def promoted(refused: Chapter) -> Chapter:
    return chapter(refused.path, "+promote", sets=("tune.max_trials=1",))


def test_a_run_goes_from_raw_files_to_predictions_and_a_report(first: Chapter) -> None:
    summary = first.summary
    assert summary.exit_code == 0
    assert [stage.name for stage in summary.stages] == [stage.name for stage in STAGES]
    assert all(gate.passed for gate in summary.gates)
    assert summary.predictions == 400  # cancelled visits have no label, and are predicted all the same
    assert (first.path.parent / ".lakesmith" / "visits" / "report.html").stat().st_size < 2_000_000
    assert first.status["projects"][0]["champion"]["version"] == "1"
    assert list(first.parts.values()).count("unlabelled") == 50
    assert first.scored_by == {1}


def test_a_second_run_commits_nothing(first: Chapter, again: Chapter) -> None:
    assert all(stage.is_no_op for stage in again.summary.stages)
    assert again.versions == first.versions


def test_new_files_change_nothing_for_rows_that_were_there_and_only_new_rows_are_scored(
    again: Chapter, later: Chapter
) -> None:
    assert later.parts == {**again.parts, 9001: "unlabelled"}
    assert later.summary.predictions == later.predictions == again.predictions + 1 == 401


def test_a_failed_gate_ends_with_4_and_leaves_the_champion(refused: Chapter) -> None:
    assert refused.summary.exit_code == 4
    assert (refused.champion, refused.challenger) == (1, 2)


def test_rollback_moves_the_champion_back_once(promoted: Chapter) -> None:
    assert promoted.summary.exit_code == 0
    assert promoted.champion == 2
    assert api.rollback(promoted.path).champion == 1
    with pytest.raises(DataError, match="nothing to roll back to: version 1 is the first champion"):
        api.rollback(promoted.path)


def test_two_runs_at_once_are_refused_by_process(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    with at_work(path), pytest.raises(EnvironmentFault, match=r"another run \(process \d+\) is at work"):
        run(path)


def jobs_by_stage(spark: SparkSession, path: Path) -> dict[str, int]:
    found = {}
    with at_work(path) as workspace:
        for stage in STAGES:
            scheduler: Any = spark.sparkContext._jsc.sc().dagScheduler()
            before = scheduler.numTotalJobs()
            outcome: Outcome[Any] = stage.run(workspace)
            found[stage.name] = scheduler.numTotalJobs() - before
            assert not outcome.skipped
    return found


def test_every_stage_runs_as_many_jobs_for_200_columns_as_for_20(spark: SparkSession, tmp_path: Path) -> None:
    # One split of one tree: a solver's own steps, each a job, depend on the numbers and not on how many there are.
    def stump(text: str) -> str:
        return re.sub(r"kind: linear.*", "kind: decision_tree, max_depth: 1, search: {}}", text)

    narrow = write_project(tmp_path / "narrow", visits(160, numbers=20), trials=1, change=stump)
    wide = write_project(tmp_path / "wide", visits(160, numbers=200), trials=1, change=stump)
    assert jobs_by_stage(spark, wide) == jobs_by_stage(spark, narrow)


def test_source_rows_are_scanned_at_most_twice(spark: SparkSession, tmp_path: Path) -> None:
    made = visits(4000)
    made[17][0] = "not a number"
    path = write_project(tmp_path, made)
    store: Any = spark.sparkContext._jsc.sc().statusStore()
    with at_work(path) as workspace, count_jobs(spark) as jobs:
        result = selected("ingest")[0].run(workspace).result
    assert result.sources[0].rows.quarantined == 1
    stages = {each for job in jobs.ids for each in spark.sparkContext.statusTracker().getJobInfo(job).stageIds}  # type: ignore[union-attr]
    known = [stage for stage in stages if spark.sparkContext.statusTracker().getStageInfo(stage) is not None]
    read = sum(int(store.lastStageAttempt(stage).inputRecords()) for stage in known)  # skipped ones may be forgotten
    delta_log = 300  # actions and checkpoints that Delta reads of its own log
    assert 4001 <= read <= 2 * 4001 + delta_log


def with_all_that_sees_labels(text: str) -> str:
    encoded = text.replace("families:", "  - {kind: target_encode, columns: [city]}\nfamilies:")
    return encoded.replace("families:", "resample:\n  - {kind: smote}\nfamilies:")


@dataclass(frozen=True)
class Trained:
    """What training came to, the model's parameters, and the blocks that it left cached."""

    result: TrainResult
    coefficients: tuple[float, ...]
    left_cached: dict[int, str]


def trained(spark: SparkSession, folder: Path, rows: list[list[str]]) -> Trained:
    def cached() -> dict[int, str]:
        blocks = spark.sparkContext._jsc.getPersistentRDDs()  # of the whole JVM: other tests may hold some
        return {number: rdd.name() for number, rdd in blocks.items() if "Delta Table State" not in str(rdd.name())}

    before, path = cached(), write_project(folder, rows, trials=2, change=with_all_that_sees_labels)
    run(path, "+train")
    left = {number: name for number, name in cached().items() if number not in before}
    with at_work(path) as workspace:
        result = workspace.previous("train", TrainResult)
        assert result is not None
        stages = workspace.tracking.load(workspace.tracking.version(1)).stages
        coefficients = next(stage.coefficients for stage in stages if hasattr(stage, "coefficients"))
    return Trained(result, tuple(coefficients), left)


@pytest.fixture(scope="module")
def calm(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(spark, tmp_path_factory.mktemp("calm"), visits(240))


def test_no_block_stays_cached_after_train(calm: Trained) -> None:
    assert calm.left_cached == {}


def test_test_rows_change_neither_the_chosen_trial_nor_the_model(
    calm: Trained, spark: SparkSession, tmp_path: Path
) -> None:
    poisoned = [[*row[:2], "Z", "true", *["999"] * 3] if row[1] >= "2025-03-01" else row for row in visits(240)]
    other = trained(spark, tmp_path, poisoned)
    assert calm.result.chosen == other.result.chosen
    assert [t.metric for t in calm.result.trials] == [t.metric for t in other.result.trials]
    assert calm.coefficients == other.coefficients
    assert calm.result.threshold == other.result.threshold


LOAD = """
import sys
sys.modules["lakesmith"] = None  # as where it is not installed: any import of it raises
import mlflow, mlflow.spark
from pyspark.sql import SparkSession
uri, model, gold = sys.argv[1:]
mlflow.set_tracking_uri(uri); mlflow.set_registry_uri(uri)
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
scored = mlflow.spark.load_model(f"models:/{model}@champion").transform(spark.read.parquet(gold))
print("PREDICTED", scored.where("probability is not null and predicted_label is not null").count())
"""


def test_the_registered_model_opens_where_lakesmith_is_not_installed(first: Chapter, tmp_path: Path) -> None:
    with at_work(first.path) as workspace:
        gold = workspace.tables.read("gold")
        gold.write.parquet(str(tmp_path / "gold"))
        arguments = [workspace.tracking.uri, workspace.tracking.model, str(tmp_path / "gold")]
    told = subprocess.run([sys.executable, "-c", LOAD, *arguments], capture_output=True, text=True, check=False)
    assert f"PREDICTED {gold.count()}" in told.stdout, told.stderr[-2000:]


def test_a_run_leaves_the_session_it_was_started_in_as_it_was(spark: SparkSession, tmp_path: Path) -> None:
    mine = spark.newSession()
    mine.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    with at_work(write_project(tmp_path, visits(40))) as workspace:
        selected("ingest")[0].run(workspace)
        assert workspace.spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert mine.conf.get("spark.sql.session.timeZone") == "Europe/Berlin"
