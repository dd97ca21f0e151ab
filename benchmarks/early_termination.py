"""What each early-termination policy saves of a search, and whether it costs the best trial.

A search of xgboost's own trees (without Spark) over made rows: three folds, 10 trees an interval, 30 trials, several
seeds. With `random` the same trials are proposed whatever ends early, so that the best trial is comparable; with `tpe`
the search goes other ways. Prints, for each policy, the intervals that were run of those of a search without a policy,
the trials that were ended, in how many searches the best trial was the same, and by how much the best metric differs.
Run: `python benchmarks/early_termination.py [--rows 1000] [--trials 30] [--seeds 5]`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import numpy as np
import xgboost

from lakesmith.early_termination import EarlyTermination
from lakesmith.early_termination.bandit import Bandit
from lakesmith.early_termination.median_stopping import MedianStopping
from lakesmith.early_termination.truncation_selection import TruncationSelection
from lakesmith.families.xgboost import Xgboost
from lakesmith.search import Space
from lakesmith.trial_reports import Report
from lakesmith.trials import MemoryLedger
from lakesmith.tuning import TuningResult, tune
from lakesmith.tuning_settings import Tuning

FOLDS = 3
TREES = 10
POLICIES: dict[str, EarlyTermination | None] = {
    "none": None,
    "bandit, slack_factor 0.05, from 3": Bandit(slack_factor=0.05, delay_evaluation=3),
    "bandit, slack_factor 0.02, from 3": Bandit(slack_factor=0.02, delay_evaluation=3),
    "median_stopping, from 3": MedianStopping(delay_evaluation=3),
    "truncation_selection 20 %, every 3": TruncationSelection(truncation_percentage=20, evaluation_interval=3),
    "truncation_selection 50 %, every 3": TruncationSelection(truncation_percentage=50, evaluation_interval=3),
}


@dataclass(frozen=True)
class Trees:
    """xgboost's parameters and search space, in a family that needs no Spark."""

    kind: str = "xgboost"
    values: Mapping[str, Any] = field(default_factory=lambda: Xgboost(n_estimators=150).params())

    def space(self) -> dict[str, Space]:
        return Xgboost.own_search()

    def params(self) -> dict[str, Any]:
        return dict(self.values)

    def with_params(self, params: Mapping[str, Any]) -> Trees:
        return replace(self, values={**self.values, **params})


class Curves:
    """The metric of each fold after every interval, reckoned once for equal parameters."""

    def __init__(self, rows: int, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.x = draw.normal(size=(rows, 12))
        logits = self.x[:, 0] * self.x[:, 1] + np.sin(2 * self.x[:, 2]) + 0.7 * self.x[:, 3] - 0.3
        self.y = draw.random(rows) < 1 / (1 + np.exp(-2 * logits))
        self.fold = draw.integers(0, FOLDS, rows)
        self.known: dict[str, list[float]] = {}
        self.intervals = 0

    def judged(self, family: Trees, number: int, report: Report) -> Sequence[float]:
        """The objective: ROC AUC of each fold's last interval."""
        values = []
        for fold in range(FOLDS):
            curve = self.curve(family.params(), fold)
            for position, metric in enumerate(curve, start=1):
                self.intervals += 1
                report.interval(f"fold {fold + 1}", metric, is_last=fold + 1 == FOLDS and position == len(curve))
            values.append(curve[-1])
            report(curve[-1], is_last=fold + 1 == FOLDS)
        return values

    def curve(self, params: Mapping[str, Any], fold: int) -> list[float]:
        key = json.dumps([fold, params], sort_keys=True)
        if key not in self.known:
            self.known[key] = self._reckoned(params, self.fold != fold)
        return self.known[key]

    def _reckoned(self, params: Mapping[str, Any], is_train: np.ndarray[Any, Any]) -> list[float]:
        own = {name: value for name, value in params.items() if name not in ("n_estimators", "max_bins", "workers")}
        settings = {**own, "objective": "binary:logistic", "eval_metric": "auc", "nthread": 1, "tree_method": "hist"}
        train = xgboost.DMatrix(self.x[is_train], self.y[is_train])
        held = xgboost.DMatrix(self.x[~is_train], self.y[~is_train])
        found: dict[str, Any] = {}
        xgboost.train(
            settings, train, params["n_estimators"], evals=[(held, "held")], evals_result=found, verbose_eval=False
        )
        return [float(each) for each in found["held"]["auc"][TREES - 1 :: TREES]]


def searched(
    curves: Curves, policy: EarlyTermination | None, algorithm: Any, trials: int, seed: int
) -> tuple[TuningResult[Trees], int]:
    """A search, and the intervals it took."""
    curves.intervals = 0
    settings = Tuning(algorithm=algorithm, max_trials=trials, early_termination=policy)
    result = tune([Trees()], curves.judged, settings, MemoryLedger(), seed=seed, greater_is_better=True)
    return result, curves.intervals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    made = [Curves(options.rows, seed) for seed in range(options.seeds)]
    for algorithm in ("random", "tpe"):
        print(f"\n{algorithm}: {options.seeds} searches of {options.trials} trials")
        print(f"{'policy':<36}{'intervals':>10}{'saved':>8}{'ended':>7}{'same best':>11}{'AUC lost':>10}{'most':>9}")
        whole: list[tuple[TuningResult[Trees], int]] = []
        for name, policy in POLICIES.items():
            runs = [searched(each, policy, algorithm, options.trials, seed) for seed, each in enumerate(made)]
            whole = whole or runs
            taken, all_of_them = sum(count for _, count in runs), sum(count for _, count in whole)
            ended = sum(each.status == "terminated" for result, _ in runs for each in result.records)
            pairs = [(one.best, other.best) for (one, _), (other, _) in zip(runs, whole, strict=True)]
            same = sum(one.params == other.params for one, other in pairs)
            lost = [(other.metric or 0) - (one.metric or 0) for one, other in pairs]
            print(
                f"{name:<36}{taken:>10,}{1 - taken / all_of_them:>8.0%}{ended:>7}{f'{same} of {len(pairs)}':>11}"
                f"{fmean(lost):>10.5f}{max(lost):>9.5f}"
            )


if __name__ == "__main__":
    main()
