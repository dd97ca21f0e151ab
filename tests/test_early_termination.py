"""A search whose policy ends trials early: which end, when, and what the search makes of them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from lakesmith import project
from lakesmith.early_termination.bandit import Bandit
from lakesmith.early_termination.median_stopping import MedianStopping
from lakesmith.early_termination.truncation_selection import TruncationSelection
from lakesmith.errors import ConfigError
from lakesmith.proposals import Proposer
from lakesmith.search.loguniform import LogUniform
from lakesmith.search.quniform import QUniform
from lakesmith.trial_reports import Comparison, Report
from lakesmith.trial_runs import TrialRun, without_spark
from lakesmith.trials import MemoryLedger, TrialRecord
from lakesmith.tuning import TuningResult
from lakesmith.tuning_settings import Tuning
from tests.test_tuning import Tree, depth_near_20, run

FOUR = Tree("four", {"depth": 1}, {"depth": QUniform(low=1, high=4)})
BANDIT = Bandit(slack_amount=0.1)
WIDE = Tree(
    "wide", {"depth": 40, "rate": 0.1}, {"depth": QUniform(low=14, high=60), "rate": LogUniform(low=0.001, high=1.0)}
)
POLICIES = [BANDIT, MedianStopping(delay_evaluation=2), TruncationSelection(truncation_percentage=40)]


def by_epochs(curves: Sequence[Sequence[float]], folds: Sequence[str] = ("fold 1",)) -> Callable[..., list[float]]:
    """An objective that reports its depth's curve on every fold, and gives the last of it."""

    def objective(family: Tree, number: int, report: Report) -> list[float]:
        curve = curves[family.values["depth"] - 1]
        for fold in folds:
            for epoch, metric in enumerate(curve, start=1):
                report.interval(fold, metric, is_last=fold == folds[-1] and epoch == len(curve))
            report(curve[-1], is_last=fold == folds[-1])
        return [curve[-1]] * len(folds)

    return objective


def by_folds(metrics: Sequence[Sequence[float]]) -> Callable[..., list[float]]:
    """An objective that reports nothing but its depth's metric on each fold."""

    def objective(family: Tree, number: int, report: Report) -> list[float]:
        mine = list(metrics[family.values["depth"] - 1])
        for position, metric in enumerate(mine, start=1):
            report(metric, is_last=position == len(mine))
        return mine

    return objective


def statuses(result: TuningResult[Tree]) -> list[str]:
    return [each.status for each in result.records]


def test_a_trial_ends_at_the_interval_at_which_it_is_too_far_behind() -> None:
    curves = [[0.5, 0.6, 0.7], [0.45, 0.48, 0.9], [0.5, 0.55, 0.8], [0.4, 0.45, 0.9]]
    result = run(FOUR, objective=by_epochs(curves), algorithm="grid", early_termination=BANDIT)
    assert statuses(result) == ["finished", "terminated", "finished", "terminated"]
    assert [dict(each.intervals) for each in result.records] == [
        {"fold 1": (0.5, 0.6, 0.7)},
        {"fold 1": (0.45, 0.48)},
        {"fold 1": (0.5, 0.55, 0.8)},
        {"fold 1": (0.4, 0.45)},
    ]
    ended = result.records[1]
    assert (ended.metric, ended.fold_metrics) == (None, ())
    assert ended.reason == (
        "bandit, at interval 2 of fold 1: its best, 0.4800, is worse than 0.5000 (the best of all trials is 0.6000, "
        "slack_amount 0.1)"
    )
    assert result.best.params == {"depth": 3}
    assert result.notes == ("early_termination (bandit) ended 2 of 4 trials",)


def test_an_interval_is_compared_with_that_of_the_same_fold() -> None:
    def objective(family: Tree, number: int, report: Report) -> list[float]:
        for fold, metric in (("fold 1", 0.9), ("fold 2", 0.5)):
            report.interval(fold, metric - number / 100)
            report(metric)
        return [0.9, 0.5]

    assert set(statuses(run(FOUR, objective=objective, early_termination=BANDIT))) == {"finished"}


def test_with_intervals_the_folds_themselves_are_not_compared() -> None:
    heard: list[tuple[str, float]] = []
    ended: SimpleQueue[TrialRun] = SimpleQueue()
    curves = by_epochs([[0.5, 0.6]], folds=("fold 1", "fold 2"))
    TrialRun(0, partial(curves, FOUR, 0), without_spark, ended, lambda *report: heard.append(report))
    outcome = ended.get(timeout=10).outcome
    assert outcome is not None
    assert (outcome.status, outcome.fold_metrics) == ("finished", (0.6, 0.6))
    assert heard == [("fold 1", 0.5), ("fold 1", 0.6), ("fold 2", 0.5), ("fold 2", 0.6)]


def test_without_intervals_the_running_mean_of_the_folds_is_compared() -> None:
    folds = [[0.6, 0.8, 0.7], [0.55, 0.3, 0.9], [0.4, 0.9, 0.9], [0.62, 0.6, 0.1]]
    result = run(FOUR, objective=by_folds(folds), algorithm="grid", early_termination=BANDIT)
    assert statuses(result) == ["finished", "terminated", "terminated", "finished"]
    assert [each.fold_metrics for each in result.records[1:3]] == [(0.55, 0.3), (0.4,)]
    assert result.records[1].reason.startswith("bandit, at fold 2: its best, 0.5500, is worse than 0.6000")
    assert result.records[2].reason.startswith("bandit, at fold 1: its best, 0.4000, is worse than 0.5000")


def test_trials_of_other_families_are_not_compared_with() -> None:
    other = Tree("other", {"depth": 2}, {})
    result = run(FOUR, other, objective=by_folds([[0.9, 0.9], [0.1, 0.1]]), max_trials=2, early_termination=BANDIT)
    assert statuses(result) == ["finished", "finished"]


def test_less_is_better_where_the_metric_says_so() -> None:
    curves = [[0.5, 0.4, 0.4], [0.65, 0.1, 0.1], [0.45, 0.3, 0.3], [0.5, 0.45, 0.1]]
    result = run(FOUR, objective=by_epochs(curves), algorithm="grid", early_termination=BANDIT, greater_is_better=False)
    assert statuses(result) == ["finished", "terminated", "finished", "terminated"]
    assert result.best.params == {"depth": 3}


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_reports_that_are_no_numbers_never_win(odd: float) -> None:
    curves = [[odd, odd], [0.5, 0.6], [odd, 0.6], [0.5, odd]]
    result = run(FOUR, objective=by_epochs(curves), algorithm="grid", early_termination=BANDIT)
    assert statuses(result) == ["nan", "finished", "terminated", "nan"]
    assert result.best.params == {"depth": 2}


def test_failed_trials_are_not_compared_with_and_timed_out_ones_are() -> None:
    def objective(family: Tree, number: int, report: Report) -> list[float]:
        report.interval("fold 1", 1.0 if number == 0 else 0.5)
        if number == 0:
            raise RuntimeError("no such luck")
        return [0.5]

    assert statuses(run(FOUR, objective=objective, early_termination=BANDIT)) == ["failed", *["finished"] * 3]
    ledger = MemoryLedger(
        [TrialRecord(key="k", number=0, candidate=0, family="four", params={"depth": 1}, status="timed_out",
                     intervals={"fold 1": (1.0,)})]
    )  # fmt: skip
    with pytest.raises(Exception, match=r"none of 2 trials .*; trial 1 \(four\): bandit, at interval 1"):
        run(FOUR, objective=objective, ledger=ledger, early_termination=BANDIT, max_trials=2)


def wavy(family: Tree, number: int, report: Report) -> list[float]:
    """Two folds of six epochs; greatest at depth 20 and rate 0.03, with some waves on the way."""
    (target, _) = depth_near_20(family, number, lambda _: None)  # type: ignore[arg-type]
    for fold in (1, 2):
        for epoch in range(1, 7):
            report.interval(f"fold {fold}", target * (1 + fold / 10) - 6 / epoch + math.sin(target * epoch))
        report(target, is_last=fold == 2)
    return [target, target]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.kind)
def test_a_killed_search_resumes_and_ends_the_same_trials_as_the_calm_one(policy: Any) -> None:
    calm = run(WIDE, FOUR, objective=wavy, max_trials=20, early_termination=policy)
    assert {"terminated", "finished"} == set(statuses(calm))
    for kept in (1, 5, 12):
        saved = [TrialRecord.model_validate_json(each.model_dump_json()) for each in calm.records[:kept]]
        resumed = run(WIDE, FOUR, objective=wavy, ledger=MemoryLedger(saved), max_trials=20, early_termination=policy)
        assert told(resumed) == told(calm)


def told(result: TuningResult[Tree]) -> list[tuple[Any, ...]]:
    return [(each.candidate, each.params, each.status, each.intervals, each.reason) for each in result.records]


def test_a_trial_is_compared_with_those_that_still_run() -> None:
    ahead, judged = threading.Event(), threading.Event()

    def objective(family: Tree, number: int, report: Report) -> list[float]:
        if number == 1:
            assert ahead.wait(10)
        report.interval("fold 1", 0.5 if number == 1 else 0.9)
        ahead.set()
        return [0.9] if judged.wait(10 if number == 0 else 0) else [0.5]

    class Ledger(MemoryLedger):
        def append(self, record: TrialRecord) -> None:
            super().append(record)
            judged.set()

    ledger = Ledger()
    run(
        FOUR, objective=objective, ledger=ledger, algorithm="grid", max_trials=2, max_concurrent_trials=2,
        early_termination=TruncationSelection(truncation_percentage=50, exclude_finished_jobs=True),
    )  # fmt: skip
    assert [(each.number, each.status) for each in ledger.records] == [(1, "terminated"), (0, "finished")]


def test_a_trial_that_is_over_may_be_left_out() -> None:
    policy = TruncationSelection(truncation_percentage=50, exclude_finished_jobs=True)
    comparison = Comparison(policy, [], greater_is_better=True)
    for number in (0, 1, 2):
        comparison.started(number, 0)
    assert comparison.heard(0, "fold 1", 0.9) is None
    assert comparison.heard(1, "fold 1", 0.5) is not None
    comparison.ended(TrialRecord(number=0, candidate=0, family="four", metric=0.9, intervals={"fold 1": (0.9,)}))
    comparison.ended(
        TrialRecord(number=1, candidate=0, family="four", status="terminated", intervals={"fold 1": (0.5,)})
    )
    assert comparison.heard(2, "fold 1", 0.1) is None


def test_many_trials_at_once_report_without_loss() -> None:
    def objective(family: Tree, number: int, report: Report) -> list[float]:
        for epoch in range(50):
            report.interval("fold 1", family.values["depth"] + epoch / 50)
        return [float(family.values["depth"])]

    result = run(WIDE, objective=objective, max_concurrent_trials=8, max_trials=40, early_termination=BANDIT)
    assert len(result.records) == 40
    assert all(len(each.intervals["fold 1"]) == 50 for each in result.records if each.status == "finished")
    assert {each.status for each in result.records} == {"finished", "terminated"}
    assert result.best.metric == max(each.metric or 0 for each in result.records)


def test_when_all_its_work_is_done_a_trial_is_not_ended() -> None:
    for objective in (by_folds([[0.9], [0.1], [0.1], [0.1]]), by_epochs([[0.9], [0.1], [0.1], [0.1]])):
        assert set(statuses(run(FOUR, objective=objective, early_termination=BANDIT))) == {"finished"}


def test_a_policy_that_had_nothing_to_look_at_is_told() -> None:
    late = Bandit(slack_amount=0.1, delay_evaluation=5)
    result = run(FOUR, objective=by_folds([[0.5, 0.6]] * 4), early_termination=late)
    assert result.notes == ("early_termination (bandit) was never applied: no trial had more than 2 intervals",)


def test_tpe_hears_of_an_ended_trial_as_of_a_poor_one() -> None:
    def record(number: int, **fields: Any) -> TrialRecord:
        return TrialRecord(number=number, candidate=0, family="tree", params={"depth": number, "rate": 0.1}, **fields)

    records = [
        record(1, metric=0.7),
        record(2, metric=0.6),
        record(3, status="terminated", intervals={"fold 1": (0.2, 0.9)}),  # an easy fold
        record(4, status="terminated", fold_metrics=(0.3, 0.5)),
        record(5, status="terminated", intervals={"fold 1": (math.nan,)}),
        record(6, status="failed"),
    ]
    proposer = Proposer([Tree()], Tuning(), 0, greater_is_better=True)
    losses = {number: loss for number, _, loss in proposer._told(records, {})}
    assert losses == {1: -0.7, 2: -0.6, 3: -0.6, 4: -0.4, 5: -0.6, 6: None}


def test_tpe_still_learns_when_most_trials_end_early() -> None:
    def mean_of_last(algorithm: str) -> float:
        results = [
            run(WIDE, objective=wavy, algorithm=algorithm, max_trials=40, seed=seed, early_termination=MedianStopping())
            for seed in range(3)
        ]
        depths = [each.params["depth"] for result in results for each in result.records[20:]]
        return sum(abs(depth - 20) for depth in depths) / len(depths)

    assert mean_of_last("tpe") < mean_of_last("rand") - 2


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("{kind: bandit}", "early_termination: bandit needs exactly one of 'slack_factor' and 'slack_amount'"),
        ("{kind: bandit, slack_factor: -1}", "early_termination.slack_factor: must be more than 0"),
        ("{kind: truncation_selection, truncation_percentage: 100}", "truncation_percentage: must be at most 99"),
        (
            "{kind: truncation_selection, truncation_percentage: 20, exclude_finished_jobs: true}",
            "early_termination.exclude_finished_jobs: with one trial at a time no other one is still running",
        ),
        ("{kind: median, delay_evaluation: 5}", "early_termination.kind: there is no such kind: the text 'median'"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_place(policy: str, told: str, tmp_path: Path) -> None:
    lines = (Path(__file__).parent.parent / "conf" / "wine.yml").read_text().splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("tune: {"))
    lines[at] = f"tune:\n  early_termination: {policy}"
    path = tmp_path / "wine.yml"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError) as raised:
        project.load(path)
    assert f"wine.yml:{at + 2} tune." in str(raised.value)
    assert told in str(raised.value)
