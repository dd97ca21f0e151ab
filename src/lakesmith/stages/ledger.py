"""The trial ledger: each finished trial is one nested MLflow run, written in one call, and found again after a kill.

The `trials` table is written from it once, when tuning has ended: a Delta commit takes a second or two, a run a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.tracking import Tracking
from lakesmith.tuning import TrialRecord

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TRIAL_TAG = "lakesmith.trial"
TRIALS_SCHEMA = (
    "number int, family string, params map<string, string>, status string, value double, fold_values array<double>, "
    "seconds double, reason string, run string"
)


@dataclass(frozen=True)
class RunLedger:
    """The trials of one training run."""

    tracking: Tracking
    run_id: str
    metric: str

    def load(self) -> list[TrialRecord]:
        """The trials that were recorded before, in order of their number."""
        texts = self.tracking.nested_tags(self.run_id, TRIAL_TAG)
        return sorted((TrialRecord.model_validate_json(text) for text in texts), key=lambda record: record.number)

    def append(self, record: TrialRecord) -> None:
        """Records a trial, whole or not at all."""
        has_value = record.value is not None and record.value == record.value
        self.tracking.log_trial(
            self.run_id,
            f"trial {record.number} {record.family}",
            params={"family": record.family, **record.params},
            metrics={self.metric: record.value} if has_value and record.value is not None else {},
            tags={TRIAL_TAG: record.model_dump_json(), "lakesmith.status": record.status},
            failed=record.status != "finished",
        )


def trials_frame(spark: SparkSession, run_id: str, records: list[TrialRecord]) -> DataFrame:
    """One row per trial of one training run."""
    rows = [
        (r.number, r.family, {k: str(v) for k, v in r.params.items()}, r.status, r.value, list(r.fold_values),
         r.seconds, r.reason, run_id)
        for r in records
    ]  # fmt: skip
    return spark.createDataFrame(rows, TRIALS_SCHEMA)
