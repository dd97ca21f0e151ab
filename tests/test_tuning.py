from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

from lakesmith.errors import ConfigError, EnvironmentFault, TrainingError
from lakesmith.proposals import Proposer
from lakesmith.search import Space
from lakesmith.search.choice import Choice
from lakesmith.search.loguniform import LogUniform
from lakesmith.search.quniform import QUniform
from lakesmith.search.uniform import Uniform
from lakesmith.session import cancellable
from lakesmith.trial_runs import Stoppable, TrialStopped
from lakesmith.trials import MemoryLedger, TrialRecord, identity
from lakesmith.tuning import TuningResult, tune
from lakesmith.tuning_settings import Tuning
from tests.builders import frame
from tests.examples.spaces import EXAMPLES
from tests.search.test_spaces import space

SECOND = 1 / 60


@dataclass(frozen=True)
class Tree:
    """A family that needs no library."""

    kind: str = "tree"
    values: Mapping[str, Any] = field(default_factory=lambda: {"depth": 6, "rate": 0.1})
    searched: Mapping[str, Space] = field(
        default_factory=lambda: {"depth": QUniform(low=1, high=40), "rate": LogUniform(low=0.001, high=1.0)}
    )

    def space(self) -> dict[str, Space]:
        return dict(self.searched)

    def params(self) -> dict[str, Any]:
        return dict(self.values)

    def with_params(self, params: Mapping[str, Any]) -> Tree:
        if params.get("depth") == 13:
            raise ConfigError("depth must not be 13", key="depth")
        return replace(self, values={**self.values, **params})


FIXED = Tree("fixed", {"depth": 2}, {})
SMALL = Tree("small", {"depth": 1}, {"depth": QUniform(low=1, high=4)})


def depth_near_20(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
    """Greatest, 0, at depth 20 and rate 0.03."""
    score = -abs(family.values["depth"] - 20) - abs(math.log(family.values.get("rate", 0.03) / 0.03))
    return [score, score]


def run(
    *families: Tree,
    objective: Callable[..., Sequence[float]] = depth_near_20,
    ledger: MemoryLedger | None = None,
    seed: int = 1,
    greater_is_better: bool = True,
    **settings: Any,
) -> TuningResult[Tree]:
    return tune(
        families or (Tree(),),
        objective,
        Tuning(**settings),
        ledger if ledger is not None else MemoryLedger(),
        seed=seed,
        greater_is_better=greater_is_better,
        key="k",
    )


def tried(result: TuningResult[Tree]) -> list[tuple[int, dict[str, Any]]]:
    return [(each.candidate, each.params) for each in result.records]


@pytest.mark.parametrize("algorithm", ["tpe", "rand", "random"])
def test_the_same_seed_gives_the_same_sequence(algorithm: str) -> None:
    settings: dict[str, Any] = {"algorithm": algorithm, "max_trials": 12}
    first = run(Tree(), SMALL, **settings)
    assert tried(first) == tried(run(Tree(), SMALL, **settings))
    assert tried(first) != tried(run(Tree(), SMALL, seed=2, **settings))
    assert first.stopped == "max_trials"


def test_the_configured_families_come_first() -> None:
    result = run(Tree(), FIXED, max_trials=4)
    assert tried(result)[:2] == [(0, {"depth": 6, "rate": 0.1}), (1, {})]
    assert [each.family for each in result.records] == ["tree", "fixed", "tree", "tree"]


def test_tpe_learns_where_random_search_does_not() -> None:
    def mean_of_last(algorithm: str) -> float:
        results = [run(algorithm=algorithm, max_trials=40, seed=seed).records[20:] for seed in range(3)]
        return sum(each.metric or 0 for records in results for each in records) / 60

    assert mean_of_last("tpe") > mean_of_last("rand") + 2


def test_steps_stay_integers_and_the_best_family_carries_its_values() -> None:
    result = run(max_trials=15)
    assert {type(each.params["depth"]) for each in result.records} == {int}
    assert result.family.values == result.best.params
    assert result.best.metric == max(each.metric for each in result.records if each.metric is not None)


def test_every_form_of_space_can_be_searched_by_tpe() -> None:
    spaces = {kind: space(**example) for kind, example in EXAMPLES.items()}
    drawn = {kind: each.draw(random.Random(0)) for kind, each in spaces.items()}
    result = run(
        Tree("all", drawn, spaces),
        objective=lambda family, *_: [float(family.values["uniform"])],
        max_trials=9,
        startup_trials=2,
    )
    assert len(result.records) == 9
    for record in result.records:
        assert all(spaces[kind].number(value) is not None for kind, value in record.params.items())
        assert type(record.params["qnormal"]) is int


def test_less_is_better_where_the_metric_says_so() -> None:
    result = run(objective=lambda *args: [-each for each in depth_near_20(*args)], greater_is_better=False)
    assert result.best.metric == min(each.metric for each in result.records if each.metric is not None)


def test_a_configured_value_outside_the_space_does_not_confuse_the_search() -> None:
    odd = Tree(values={"depth": 400, "rate": None})
    result = run(odd, objective=lambda family, *_: [float(family.values["depth"])], max_trials=8, startup_trials=2)
    assert result.best.number == 0
    assert len(result.records) == 8


def test_a_grid_is_tried_point_by_point_and_ends() -> None:
    tree = Tree(
        values={"depth": 1, "rule": "a"}, searched={"depth": QUniform(low=1, high=3), "rule": Choice(values=("a", "b"))}
    )
    result = run(tree, algorithm="grid", max_trials=20)
    points = [(each.params["depth"], each.params["rule"]) for each in result.records]
    assert points == [(1, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a"), (3, "b")]
    assert result.stopped == "exhausted"


def test_a_grid_that_max_trials_cuts_short_is_told() -> None:
    result = run(SMALL, algorithm="grid", max_trials=3)
    assert result.stopped == "max_trials"
    assert "the grid has 4 points; 3 trials were run" in result.notes


def test_a_grid_over_a_continuous_space_names_the_parameter() -> None:
    with pytest.raises(ConfigError) as caught:
        run(FIXED, Tree(searched={"rate": Uniform(low=0, high=1)}), algorithm="grid")
    assert caught.value.key == "families[1].search.rate"
    assert "choice" in caught.value.fix


@pytest.mark.parametrize("algorithm", ["tpe", "rand", "random"])
def test_no_trial_is_run_twice_and_a_small_space_ends_the_search(algorithm: str) -> None:
    result = run(SMALL, algorithm=algorithm, max_trials=50)
    assert sorted(each.params["depth"] for each in result.records) == [1, 2, 3, 4]
    assert result.stopped == "exhausted"


def test_nothing_to_search_is_one_trial_a_family() -> None:
    result = run(FIXED, replace(FIXED, kind="other"))
    assert len(result.records) == 2
    assert result.stopped == "exhausted"


def test_families_left_out_by_max_trials_are_told() -> None:
    result = run(Tree(), FIXED, max_trials=1)
    assert result.notes == ("not tried before the search stopped (max_trials): fixed",)


@pytest.mark.parametrize(("greater", "exit_score"), [(True, -20.0), (False, 20.0)])
def test_exit_score_ends_the_search_in_the_metrics_direction(greater: bool, exit_score: float) -> None:
    sign = 1 if greater else -1
    result = run(
        objective=lambda *args: [sign * each for each in depth_near_20(*args)],
        greater_is_better=greater,
        exit_score=exit_score,
        max_trials=50,
    )
    assert result.stopped == "exit_score"
    assert len(result.records) < 50
    assert all(sign * (each.metric or 0) < -20 for each in result.records[:-1])


def test_exit_score_does_not_wait_for_trials_still_running() -> None:
    def good_at_zero(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        for _ in range(200 if number else 1):
            time.sleep(0.02)
            report(0.0)
        return [1.0]

    began = time.monotonic()
    result = run(objective=good_at_zero, exit_score=1.0, max_concurrent_trials=2)
    assert time.monotonic() - began < 3
    assert [each.number for each in result.records] == [0]


def test_nan_failed_and_refused_trials_are_recorded_with_their_reason_and_never_win() -> None:
    def objective(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        if family.values["depth"] == 12:
            raise ValueError("no such luck\nsecond line")
        return [100.0, math.nan] if family.values["depth"] == 11 else [1.0, 2.0]

    tree = Tree(values={"depth": 10}, searched={"depth": QUniform(low=10, high=13)})
    result = run(tree, objective=objective, algorithm="grid")
    told = {each.params["depth"]: (each.status, each.metric, each.reason) for each in result.records}
    assert told == {
        10: ("finished", 1.5, ""),
        11: ("nan", None, "the metric is not a number on fold 2"),
        12: ("failed", None, "ValueError: no such luck"),
        13: ("failed", None, "depth: depth must not be 13"),
    }
    assert result.best.params == {"depth": 10}
    assert "3 of 4 trials gave no metric" in result.notes[0]


def test_if_every_trial_fails_the_error_says_why() -> None:
    def broken(*_: Any) -> list[float]:
        raise RuntimeError("the moon is full")

    with pytest.raises(TrainingError, match=r"none of 4 trials .* trial 0 \(small\): RuntimeError: the moon is full"):
        run(SMALL, objective=broken)


def test_a_fault_of_the_environment_ends_the_search_at_once() -> None:
    def full(*_: Any) -> list[float]:
        raise EnvironmentFault("no space left on device")

    ledger = MemoryLedger()
    with pytest.raises(EnvironmentFault, match="no space left"):
        run(objective=full, ledger=ledger)
    assert ledger.records == []


def test_a_killed_search_resumes_repeats_nothing_and_goes_on_as_the_calm_one() -> None:
    calm = run(Tree(), SMALL, max_trials=12)
    for kept in (1, 4, 9):
        seen: list[int] = []

        def objective(
            family: Tree, number: int, report: Callable[[float], None], seen: list[int] = seen
        ) -> list[float]:
            seen.append(number)
            return depth_near_20(family, number, report)

        saved = [TrialRecord.model_validate_json(each.model_dump_json()) for each in calm.records[:kept]]
        resumed = run(Tree(), SMALL, objective=objective, ledger=MemoryLedger(saved), max_trials=12)
        assert seen == list(range(kept, 12))
        assert tried(resumed) == tried(calm)


def test_records_of_another_key_do_not_count() -> None:
    other = TrialRecord(key="old", number=0, candidate=0, family="fixed", metric=99.0)
    assert run(FIXED, ledger=MemoryLedger([other])).best.metric == -18.0


def test_failed_trials_are_tried_once_more_by_a_later_run() -> None:
    def fails_at_two(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        if number == 2:
            raise RuntimeError("disk full")
        return depth_near_20(family, number, report)

    ledger = MemoryLedger()
    first = run(SMALL, objective=fails_at_two, ledger=ledger, algorithm="grid")
    second = run(SMALL, ledger=ledger, algorithm="grid")
    assert first.records[2].status == "failed"
    assert second.records[2].status == "finished"
    assert len(ledger.records) == 5
    assert tried(first) == tried(second)


def test_a_trial_that_takes_too_long_is_stopped_and_the_search_goes_on() -> None:
    def slow_at_one(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        while number == 1:
            time.sleep(0.02)
            report(0.5)
        return depth_near_20(family, number, report)

    result = run(SMALL, objective=slow_at_one, trial_timeout_minutes=0.2 * SECOND, algorithm="grid")
    assert [each.status for each in result.records] == ["finished", "timed_out", "finished", "finished"]
    assert "trial_timeout_minutes" in result.records[1].reason


def test_a_trial_that_does_not_stop_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakesmith.tuning.PATIENCE_SECONDS", 0.3)
    release = threading.Event()

    def deaf(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        if number == 0:
            release.wait(20)
        return [float(number)]

    result = run(SMALL, objective=deaf, trial_timeout_minutes=0.2 * SECOND, algorithm="grid", max_trials=3)
    release.set()
    assert [each.status for each in result.records] == ["timed_out", "finished", "finished"]
    assert "left behind" in result.records[0].reason


def test_the_timeout_ends_the_search_but_not_before_a_trial_has_finished() -> None:
    def slow(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        for _ in range(10):
            time.sleep(0.05)
            report(0.0)
        return [1.0]

    result = run(objective=slow, timeout_minutes=0.1 * SECOND)
    assert result.stopped == "timeout"
    assert [each.status for each in result.records] == ["finished"]


def test_trials_run_at_once_up_to_the_limit() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def counted(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.15)
        with lock:
            now[0] -= 1
        return depth_near_20(family, number, report)

    result = run(objective=counted, max_concurrent_trials=3, max_trials=9)
    assert most[0] == 3
    assert [each.number for each in result.records] == list(range(9))
    assert len({identity(each.candidate, each.params) for each in result.records}) == 9


def test_an_interrupt_stops_running_trials_first() -> None:
    stopped: list[int] = []

    class Interrupting(MemoryLedger):
        def append(self, record: TrialRecord) -> None:
            raise KeyboardInterrupt

    def until_stopped(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        try:
            while number:
                time.sleep(0.02)
                report(0.0)
        except TrialStopped:
            stopped.append(number)
            raise
        return [0.0]

    with pytest.raises(KeyboardInterrupt):
        run(objective=until_stopped, ledger=Interrupting(), max_concurrent_trials=2)
    assert stopped == [1]


def test_a_trial_is_told_again_and_again_to_stop() -> None:
    calls: list[str] = []
    enough = threading.Event()

    class Jobs:
        def __init__(self, group: str) -> None:
            self.group = group

        def cancel(self) -> None:
            calls.append(self.group)
            if len(calls) == 3:
                enough.set()

    @contextmanager
    def counted(group: str) -> Iterator[Stoppable]:
        yield Jobs(group)

    def objective(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        if number == 0:
            assert enough.wait(10)
            raise RuntimeError("Job cancelled")
        return [1.0]

    settings = Tuning(trial_timeout_minutes=0.1 * SECOND, algorithm="grid", max_trials=2)
    ledger = MemoryLedger()
    result = tune([SMALL], objective, settings, ledger, seed=0, greater_is_better=True, cancellable=counted)
    assert [each.status for each in result.records] == ["timed_out", "finished"]
    assert len(set(calls)) == 1


def test_progress_hears_of_every_trial_with_the_best_so_far() -> None:
    heard: list[Any] = []

    class Listener:
        def trial_started(self, number: int, family: str, params: dict[str, Any]) -> None:
            heard.append((number, family, params["depth"]))

        def trial_ended(self, record: TrialRecord, best: TrialRecord | None) -> None:
            heard.append((record.number, best.number if best else None))

    settings = Tuning(algorithm="grid", max_trials=2)
    tune([SMALL], depth_near_20, settings, MemoryLedger(), seed=0, greater_is_better=True, progress=Listener())
    assert heard == [(0, "small", 1), (0, 0), (1, "small", 2), (1, 1)]


def test_a_proposal_never_repeats_a_running_trial() -> None:
    proposer = Proposer([SMALL], Tuning(algorithm="random"), 0, greater_is_better=True)
    first = proposer.next(1, [])
    assert first is not None
    second = proposer.next(1, [], {0: first})
    assert second is not None
    assert second.identity != first.identity


def test_a_cancelled_spark_trial_leaves_the_session_usable(spark: SparkSession) -> None:
    def endless_at_one(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        rows = 10**14 if number == 1 else 10
        return [float(spark.range(0, rows, 1, 2).selectExpr("max(hash(id) % 3)").first()[0])]

    settings = Tuning(algorithm="grid", trial_timeout_minutes=4 * SECOND, max_trials=3)
    result = tune(
        [SMALL],
        endless_at_one,
        settings,
        MemoryLedger(),
        seed=0,
        greater_is_better=True,
        cancellable=partial(cancellable, spark),
    )
    assert [each.status for each in result.records] == ["finished", "timed_out", "finished"]
    assert result.records[1].seconds < 30
    assert spark.range(3).count() == 3


def test_two_fits_at_once_give_what_they_give_alone(spark: SparkSession) -> None:
    rows = frame(spark, "x double, label double", [(float(i), float(i % 3 > 0)) for i in range(30)])
    vectors = VectorAssembler(inputCols=["x"], outputCol="features").transform(rows).cache()

    def fitted(family: Tree, number: int, report: Callable[[float], None]) -> list[float]:
        model = LogisticRegression(regParam=family.values["depth"] / 10, maxIter=3).fit(vectors)
        return [float(model.coefficients[0])]

    runs = [
        tune(
            [SMALL],
            fitted,
            Tuning(algorithm="grid", max_trials=4, max_concurrent_trials=concurrent),
            MemoryLedger(),
            seed=0,
            greater_is_better=True,
            cancellable=partial(cancellable, spark),
        )
        for concurrent in (1, 2)
    ]
    vectors.unpersist()
    alone, together = ([each.metric for each in result.records] for result in runs)
    assert together == pytest.approx(alone, abs=1e-12)
