"""The ledger on a real store: records come back whole, intervals are curves."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lakesmith.places import Places
from lakesmith.stages.ledger import RunLedger, joined, parted
from lakesmith.tracking import Tracking
from lakesmith.trials import TrialRecord
from lakesmith.workspace import tracking_for


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return tracking_for(Places(workspace=str(tmp_path_factory.mktemp("store"))), "visits")


def record(number: int, **fields: Any) -> TrialRecord:
    return TrialRecord(key="k", number=number, candidate=0, family="xgboost", params={"depth": number}, **fields)


def test_a_record_longer_than_a_tag_comes_back_whole(tracking: Tracking) -> None:
    epochs = {f"fold {fold}": tuple(math.sin(fold + n) for n in range(300)) for fold in range(1, 4)}
    kept = [
        record(0, metric=0.7, fold_metrics=(0.6, 0.8), intervals=epochs),
        record(1, status="terminated", reason="bandit, at interval 2 of fold 1: …", intervals={"fold 1": (0.1, -0.5)}),
    ]
    ledger = RunLedger(tracking, tracking.open_run("a", "train"), "roc_auc", folds=3)
    for each in reversed(kept):
        ledger.append(each)
    assert ledger.load() == kept
    assert max(map(len, parted(kept[0].model_dump_json()).values())) == 4000
    assert joined(parted(kept[0].model_dump_json())) == kept[0].model_dump_json()


def test_intervals_are_curves_in_as_few_calls_as_the_store_allows(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    log_batch = tracking.client.log_batch

    def counted(*given: Any, **named: Any) -> Any:
        calls.append(len(named["metrics"]))
        return log_batch(*given, **named)

    monkeypatch.setattr(tracking.client, "log_batch", counted)
    parent = tracking.open_run("b", "train")
    several = {"fold 1 of 2": tuple(n / 700 for n in range(1, 701)), "fold 2 of 2": (0.25,) * 700}
    RunLedger(tracking, parent, "roc_auc", folds=2).append(record(0, metric=0.6, intervals=several))
    RunLedger(tracking, parent, "roc_auc").append(record(1, metric=0.45, intervals={"hold-out": (0.4, 0.6, 0.5)}))
    RunLedger(tracking, parent, "roc_auc").append(
        record(2, status="terminated", intervals={"hold-out": (0.4, math.nan)})
    )
    assert calls == [998, 403, 4, 2]
    runs = tracking.client.search_runs([tracking.experiment_id], f"tags.mlflow.parentRunId = '{parent}'")
    first, second, third = sorted(runs, key=lambda run: run.data.params["depth"])
    assert first.data.metrics == {"roc_auc": 0.6, "roc_auc_fold_1_of_2": 1.0, "roc_auc_fold_2_of_2": 0.25}
    history = tracking.client.get_metric_history(first.info.run_id, "roc_auc_fold_1_of_2")
    assert [(each.step, each.value) for each in history][698:] == [(699, 699 / 700), (700, 1.0)]
    assert second.data.metrics == {"roc_auc": 0.45}  # what came out, not the last interval
    history = tracking.client.get_metric_history(second.info.run_id, "roc_auc")
    assert [(each.step, each.value) for each in history] == [(1, 0.4), (2, 0.6), (3, 0.5), (3, 0.45)]
    assert [run.info.status for run in (first, second, third)] == ["FINISHED", "FINISHED", "KILLED"]
    assert math.isnan(third.data.metrics["roc_auc"])
