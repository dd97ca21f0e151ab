from __future__ import annotations

import math

from lakesmith.trials import TrialRecord, best_of, by_number, identity


def record(number: int, **fields: object) -> TrialRecord:
    return TrialRecord.model_validate({"number": number, "candidate": 0, "family": "tree", **fields})


def test_a_record_survives_json_with_its_nan() -> None:
    written = record(
        1,
        status="nan",
        fold_metrics=(0.5, math.nan),
        params={"rate": 0.1, "rule": "a", "depth": None},
        intervals={"fold 1": (0.5,), "fold 2": (math.nan, -math.inf)},
    )
    read = TrialRecord.model_validate_json(written.model_dump_json())
    assert math.isnan(read.fold_metrics[1])
    assert math.isnan(read.intervals["fold 2"][0])
    assert read.intervals["fold 2"][1] == -math.inf
    assert list(read.intervals) == ["fold 1", "fold 2"]
    assert read.params == written.params
    assert not read.is_finished


def test_of_two_records_of_a_number_the_finished_one_counts_else_the_latest() -> None:
    early = record(0, status="failed", started_at="2024-01-01T00:00:00.000+00:00", reason="early")
    late = record(0, status="failed", started_at="2024-01-02T00:00:00.000+00:00", reason="late")
    finished = record(0, metric=1.0, started_at="2023-01-01T00:00:00.000+00:00")
    for order in ([early, late], [late, early]):
        assert by_number(order, "")[0].reason == "late"
        assert by_number([*order, finished], "")[0] is finished
        assert by_number([finished, *order], "")[0] is finished


def test_the_earliest_of_equally_good_trials_is_the_best() -> None:
    records = [record(2, metric=0.7), record(1, metric=0.7), record(0, status="failed"), record(3, metric=0.6)]
    assert best_of(records, greater_is_better=True) is records[1]
    assert best_of(records, greater_is_better=False) is records[3]
    assert best_of(records[2:3], greater_is_better=True) is None


def test_three_and_three_point_zero_are_one_trial_but_one_and_true_are_two() -> None:
    assert identity(0, {"depth": 3, "rate": 0.1}) == identity(0, {"rate": 0.1, "depth": 3.0})
    assert identity(0, {"flag": True}) != identity(0, {"flag": 1})
    assert identity(0, {}) != identity(1, {})
