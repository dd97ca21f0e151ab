"""Each policy against examples worked by hand; those of Azure ML's own description are named as such."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from lakesmith.early_termination import AnyEarlyTermination, EarlyTermination, Reports
from lakesmith.errors import ConfigError

NAN, INF = math.nan, math.inf


def policy(kind: str, **fields: Any) -> EarlyTermination:
    return TypeAdapter(AnyEarlyTermination).validate_json(json.dumps({"kind": kind, **fields}), strict=True)


def ends(
    judged: EarlyTermination, own: list[float], *others: list[float], greater: bool = True, over: bool = True
) -> bool:
    reports = [Reports(tuple(each), is_over=over) for each in others]
    return judged.reason(own, reports, greater_is_better=greater) is not None


def test_bandit_azures_example_at_interval_10() -> None:
    """Best 0.8 at interval 10, slack_factor 0.2: ended below 0.8 / 1.2 = 0.6667."""
    bandit, best = policy("bandit", slack_factor=0.2), [0.1] * 9 + [0.8]
    assert ends(bandit, [0.1] * 9 + [0.66], best)
    assert not ends(bandit, [0.1] * 9 + [0.67], best)


def test_bandit_minimised_is_mirrored() -> None:
    bandit = policy("bandit", slack_factor=0.2)
    assert ends(bandit, [0.49], [0.4], greater=False)
    assert not ends(bandit, [0.47], [0.4], greater=False)


def test_bandit_slack_amount_is_in_the_metrics_units() -> None:
    bandit = policy("bandit", slack_amount=0.25)
    assert ends(bandit, [0.5], [0.76])
    assert not ends(bandit, [0.5], [0.75])
    assert ends(bandit, [1.26], [1.0], greater=False)
    assert not ends(bandit, [1.25], [1.0], greater=False)


def test_bandit_a_trial_is_judged_by_its_best_report_and_the_others_by_theirs_up_to_the_interval() -> None:
    bandit = policy("bandit", slack_amount=0.1)
    assert not ends(bandit, [0.8, 0.2], [0.85, 0.3])
    assert not ends(bandit, [0.5, 0.5], [0.5, 0.5, 0.9])
    assert ends(bandit, [0.5, 0.5], [0.9])


@pytest.mark.parametrize(
    ("best", "allowed", "refused", "greater"),
    [(-0.5, -0.59, -0.61, True), (0.0, -9.0, None, True), (0.0, 9.0, None, False), (-0.6, -0.51, -0.49, False)],
)
def test_bandit_a_ratio_of_a_metric_that_is_not_positive_still_allows_something(
    best: float, allowed: float, refused: float | None, greater: bool
) -> None:
    bandit = policy("bandit", slack_factor=0.2)
    assert not ends(bandit, [best], [best], greater=greater)
    assert not ends(bandit, [allowed], [best], greater=greater)
    assert refused is None or ends(bandit, [refused], [best], greater=greater)


@pytest.mark.parametrize("slack", [{}, {"slack_factor": 0.1, "slack_amount": 0.1}])
def test_bandit_takes_exactly_one_slack(slack: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="exactly one of 'slack_factor' and 'slack_amount'"):
        policy("bandit", **slack)


def test_median_stopping_azures_example_at_interval_5() -> None:
    """Ended at interval 5 if its best is worse than the median of the running averages over intervals 1 … 5."""
    median = policy("median_stopping", evaluation_interval=5)
    others = ([0.1, 0.3, 0.5, 0.7, 0.9], [0.6] * 5, [0.7] * 5, [0.9] * 4)  # 0.5, 0.6, 0.7; the last has 4 only
    assert ends(median, [0.1, 0.2, 0.5, 0.3, 0.2], *others)  # its own average is 0.26, the median 0.55
    assert not ends(median, [0.1, 0.2, 0.56, 0.3, 0.2], *others)
    assert not ends(median, [0.1, 0.2, 0.3, 0.3], *others)  # not a multiple of 5


def test_median_stopping_what_others_reported_later_does_not_count() -> None:
    assert not ends(policy("median_stopping"), [0.3, 0.3], [0.2, 0.4, 0.9, 0.9], [0.3, 0.3, 0.9])


def test_median_stopping_minimised_looks_the_other_way() -> None:
    median = policy("median_stopping")
    assert ends(median, [0.9, 0.8], [0.5, 0.5], [0.6, 0.6], greater=False)
    assert not ends(median, [0.9, 0.5], [0.5, 0.5], [0.6, 0.6], greater=False)


def test_median_stopping_alone_a_trial_goes_on() -> None:
    assert not ends(policy("median_stopping"), [0.5, 0.1])


def test_truncation_ends_the_lowest_fifth() -> None:
    """20 % of 10 trials are 2, of 9 trials 1."""
    truncation, nine = policy("truncation_selection", truncation_percentage=20), [[n / 10] for n in range(1, 10)]
    assert ends(truncation, [0.05], *nine)
    assert ends(truncation, [0.15], *nine)
    assert not ends(truncation, [0.25], *nine)
    assert ends(truncation, [0.05], *nine[:8])
    assert not ends(truncation, [0.15], *nine[:8])
    assert ends(truncation, [0.85], *nine, greater=False)
    assert not ends(truncation, [0.75], *nine, greater=False)


def test_truncation_compares_the_metric_at_the_interval_and_not_the_best() -> None:
    truncation = policy("truncation_selection", truncation_percentage=50)
    assert ends(truncation, [0.9, 0.1], [0.2, 0.3])
    assert not ends(truncation, [0.9, 0.1], [0.2, 0.05, 0.9], [0.3])


def test_truncation_ends_none_of_equals() -> None:
    assert not ends(policy("truncation_selection", truncation_percentage=99), [0.5], [0.5], [0.5])


def test_truncation_may_leave_finished_trials_out() -> None:
    truncation = policy("truncation_selection", truncation_percentage=50, exclude_finished_jobs=True)
    assert not ends(truncation, [0.1], [0.2])
    assert ends(truncation, [0.1], [0.2], over=False)
    with pytest.raises(ConfigError, match="nothing can be compared") as raised:
        truncation.check(1)
    assert raised.value.key == "exclude_finished_jobs"
    truncation.check(2)


@pytest.mark.parametrize("percentage", [0, 100, 20.5])
def test_truncation_takes_1_to_99_percent(percentage: float) -> None:
    with pytest.raises(ValidationError):
        policy("truncation_selection", truncation_percentage=percentage)


def test_a_policy_is_applied_at_multiples_of_its_interval_from_its_delay_on() -> None:
    bandit = policy("bandit", slack_amount=0.1, evaluation_interval=2, delay_evaluation=5)
    assert [n for n in range(1, 11) if ends(bandit, [0.0] * n, [1.0] * 10)] == [6, 8, 10]
    bandit = policy("bandit", slack_amount=0.1, evaluation_interval=3, delay_evaluation=6)
    assert [n for n in range(1, 11) if ends(bandit, [0.0] * n, [1.0] * 10)] == [6, 9]


ALL = [
    policy("bandit", slack_factor=0.1),
    policy("bandit", slack_amount=0.1),
    policy("median_stopping"),
    policy("truncation_selection", truncation_percentage=50),
]


@pytest.mark.parametrize("judged", ALL, ids=lambda each: each.kind)
@pytest.mark.parametrize("greater", [True, False])
@pytest.mark.parametrize("odd", [NAN, INF, -INF])
def test_what_is_no_number_never_wins_and_never_crashes(judged: EarlyTermination, greater: bool, odd: float) -> None:
    good, bad = (0.9, 0.1) if greater else (0.1, 0.9)
    assert not ends(judged, [good, good], [odd, odd], [bad, odd], greater=greater)
    assert not ends(judged, [odd], [odd], [odd], greater=greater)
    assert not ends(judged, [odd], greater=greater)
    assert ends(judged, [odd, odd], [good, good], [odd, good], [good, odd, odd], greater=greater)
    assert not ends(judged, [bad], [-INF if odd != -INF else INF, odd], greater=greater)


@pytest.mark.parametrize("judged", ALL, ids=lambda each: each.kind)
def test_the_best_trial_at_every_interval_is_never_ended(judged: EarlyTermination) -> None:
    best, others = [0.5, 0.6, 0.7], [[0.4, 0.5, 0.6], [0.3, 0.1, 0.7], [0.5, 0.6]]
    assert not any(ends(judged, best[:n], *others) for n in (1, 2, 3))


def test_a_reason_holds_the_numbers_it_rests_on() -> None:
    reason = policy("bandit", slack_factor=0.2).reason([0.65], [Reports((0.8,))], greater_is_better=True)
    assert reason == "its best, 0.6500, is worse than 0.6667 (the best of all trials is 0.8000, slack_factor 0.2)"
    reason = policy("median_stopping").reason([2.0], [Reports((1.0,)), Reports((1.5,))], greater_is_better=False)
    assert reason == "its best, 2.000, is worse than 1.500, the median of the running averages of 3 trials"
    reason = policy("truncation_selection", truncation_percentage=50).reason(
        [NAN], [Reports((0.8,))], greater_is_better=True
    )
    assert reason == "its metric, undefined, is in the lowest 50 % of 2 trials"
