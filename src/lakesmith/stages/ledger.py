"""The trial ledger: each finished trial is one nested MLflow run, written in one call, and found again after a kill.

The `trials` table is written from it once, when tuning has ended: a Delta commit takes a second or two, a run a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakesmith.progress import Progress
from lakesmith.tracking import Tracking
from lakesmith.trials import TrialRecord

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TRIAL_TAG = "lakesmith.trial"
TAG_LENGTH = 4000  # of 5,000 bytes that Databricks keeps of a tag, and 8,000 that MLflow does
TRIALS_SCHEMA = (
    "number int, family string, params map<string, string>, status string, metric double, fold_metrics array<double>, "
    "seconds double, reason string, run string"
)


@dataclass(frozen=True)
class RunLedger:
    """The trials of one training run.

    A record is written over as many tags as it needs, all of them in the call that makes its run. What was reported
    within folds is a curve of the metric over its intervals: `roc_auc` with one fold, else `roc_auc_fold_1_of_3`, ….
    """

    tracking: Tracking
    run_id: str
    metric: str
    folds: int = 1

    def load(self) -> list[TrialRecord]:
        """The trials that were recorded before, in order of their number."""
        texts = (joined(each) for each in self.tracking.nested_tags(self.run_id) if TRIAL_TAG in each)
        return sorted((TrialRecord.model_validate_json(text) for text in texts), key=lambda record: record.number)

    def append(self, record: TrialRecord) -> None:
        """Records a trial, whole or not at all."""
        self.tracking.log_trial(
            self.run_id,
            f"trial {record.number} {record.family}",
            params={"family": record.family, **record.params},
            metrics={self.metric: record.metric} if record.is_finished and record.metric is not None else {},
            curves={self._curve(series): metrics for series, metrics in record.intervals.items()},
            tags={**parted(record.model_dump_json()), "lakesmith.status": record.status},
            status="FINISHED" if record.is_finished else "KILLED" if record.status == "terminated" else "FAILED",
        )

    def _curve(self, series: str) -> str:
        # MLflow refuses names with signs that a fold's name may hold.
        return self.metric if self.folds == 1 else f"{self.metric}_{re.sub(r'[^A-Za-z0-9.-]+', '_', series)}"


def parted(text: str) -> dict[str, str]:
    """A record over tags that are short enough for any store: `lakesmith.trial`, `lakesmith.trial.1`, …."""
    parts = [text[start : start + TAG_LENGTH] for start in range(0, len(text), TAG_LENGTH)]
    return {TRIAL_TAG if i == 0 else f"{TRIAL_TAG}.{i}": part for i, part in enumerate(parts)}


def joined(tags: Mapping[str, str]) -> str:
    """The record that `parted` has written."""
    parts, number = [tags[TRIAL_TAG]], 1
    while (part := tags.get(f"{TRIAL_TAG}.{number}")) is not None:
        parts.append(part)
        number += 1
    return "".join(parts)


@dataclass(frozen=True)
class TrialLines:
    """Tells of trials as they end, one line each."""

    progress: Progress
    metric: str
    total: int

    def trial_started(self, number: int, family: str, params: dict[str, Any]) -> None:
        """Nothing is written: a trial is told when it has ended."""

    def trial_ended(self, record: TrialRecord, best: TrialRecord | None) -> None:
        """One line, trials counted from 1 as people count them."""
        self.progress.trial(
            record.number + 1,
            family=record.family,
            metric=self.metric,
            value=record.metric,
            best=best.metric if best is not None else None,
            total=self.total,
            seconds=record.seconds,
            status=record.status,
            reason=record.reason,
        )


def trials_frame(spark: SparkSession, run_id: str, records: list[TrialRecord]) -> DataFrame:
    """One row per trial of one training run."""
    rows = [
        (r.number, r.family, {k: str(v) for k, v in r.params.items()}, r.status, r.metric, list(r.fold_metrics),
         r.seconds, r.reason, run_id)
        for r in records
    ]  # fmt: skip
    return spark.createDataFrame(rows, TRIALS_SCHEMA)
