"""What a report shows: flat, frozen, plain values. Stages fill it; the renderer computes nothing from it.

Everything that is None or empty is left out of the page. Curves are lists of points in drawing order.
"""

from __future__ import annotations

from pydantic import Field

from lakesmith.facts import (
    GateVerdict,
    MetricRow,
    ModelVersion,
    Plain,
    RowAccounting,
    TableVersion,
    Trial,
    headline_metric,
    verdict_sentence,
)

Point = tuple[float, float]
Pairs = tuple[tuple[str, str], ...]


class GoldColumn(Plain):
    """One column of gold."""

    name: str
    type: str = Field(description="Spark SQL type, such as double.")
    role: str = Field("", description="key, time, group, weight, label, feature, or empty for a column not used.")
    null_share: float | None = Field(None, ge=0, le=1)


class SplitPart(Plain):
    """One part of the split (train, validation, test, unlabelled)."""

    part: str
    rows: int
    label_mean: float | None = Field(None, description="Share of the positive class, or mean of a numeric label.")
    class_shares: tuple[tuple[str, float], ...] = Field((), description="Class and its share, for multiclass.")
    first_time: str = Field("", description="Earliest value of the project's time column, ready to print.")
    last_time: str = ""
    groups: int | None = Field(None, description="Distinct values of the group column.")


class SplitView(Plain):
    """How gold was split, and into what."""

    rule: str = Field(description="In words, such as: by time, test from 2013-10-01.")
    parts: tuple[SplitPart, ...]


class Leaderboard(Plain):
    """All trials of the tuning."""

    metric: str
    greater_is_better: bool = True
    folds: str = Field("", description="The fold plan in words.")
    stopped_because: str = ""
    trials: tuple[Trial, ...]


class Confusion(Plain):
    """Counts of test rows: `counts[actual][predicted]`, both in the order of `classes`."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class CalibrationBin(Plain):
    """Rows whose scores fall into one bin: their mean score and the share that was positive."""

    mean_score: float
    positive_share: float
    rows: int


class HistogramBin(Plain):
    """Test rows per class whose score lies in [low, high)."""

    low: float
    high: float
    negatives: int
    positives: int


class BinaryCurves(Plain):
    """Curves of a binary challenger; those of the champion are on the rows both were tested on."""

    positive: str = Field("", description="The class that scores speak about.")
    roc: tuple[Point, ...] = Field((), description="(false positive rate, true positive rate)")
    roc_champion: tuple[Point, ...] = ()
    precision_recall: tuple[Point, ...] = Field((), description="(recall, precision)")
    precision_recall_champion: tuple[Point, ...] = ()
    positive_share: float | None = Field(None, description="Share of positives: the precision of guessing.")
    calibration: tuple[CalibrationBin, ...] = ()
    ks: tuple[tuple[float, float, float], ...] = Field(
        (), description="(score, share of negatives at or below it, share of positives at or below it)"
    )
    ks_value: float | None = None
    ks_at: float | None = Field(None, description="The score where the two shares are furthest apart.")
    histogram: tuple[HistogramBin, ...] = ()
    threshold: float | None = None
    threshold_rule: str = Field("", description="How it was chosen, such as: largest F1 on validation rows.")
    confusion: Confusion | None = Field(None, description="At `threshold`, negatives first.")


class ClassMetrics(Plain):
    """One class of a multiclass challenger on all test rows; NaN where a ratio has no denominator."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


class MulticlassCurves(Plain):
    """Per class, and who is taken for whom."""

    classes: tuple[ClassMetrics, ...] = ()
    macro: ClassMetrics | None = None
    confusion: Confusion | None = None


class RegressionCurves(Plain):
    """Predictions against what came true, in the label's unit."""

    unit: str = ""
    points: tuple[tuple[float, float, int], ...] = Field((), description="(predicted, actual, rows) of one cell.")
    residual_quantiles: tuple[Point, ...] = Field((), description="(quantile in [0, 1], actual − predicted)")


class Importances(Plain):
    """(name, importance), largest first; shares of their sum."""

    meaning: str = Field("", description="What the numbers are, such as: share of total gain.")
    columns: tuple[tuple[str, float], ...] = Field((), description="Summed by gold column.")
    slots: tuple[tuple[str, float], ...] = Field((), description="By slot of the feature vector.")


class Note(Plain):
    """Something to know, such as a capped category or a join that left rows unmatched."""

    where: str = Field(description="The dotted key, such as features[2].")
    text: str
    is_warning: bool = False


class SourceFile(Plain):
    """One file a source was read from."""

    source: str
    file: str
    bytes: int | None = None
    digest: str = ""


class Lineage(Plain):
    """What it takes to get the same model again."""

    files: tuple[SourceFile, ...] = ()
    tables: tuple[TableVersion, ...] = ()
    software: Pairs = Field((), description="Package, Spark, Python … and their versions or digests.")
    seeds: Pairs = Field((), description="What is drawn, and its seed.")
    runs: Pairs = Field((), description="MLflow run and its id.")
    config_yaml: str = Field("", description="The resolved project file.")


class ReportView(Plain):
    """One report about one challenger of one project."""

    project: str
    task: str = Field(description="binary, multiclass, regression or a later task.")
    label: str
    made_at: str = Field(description="UTC time, ready to print.")
    description: str = ""
    model: ModelVersion | None = None
    gates: tuple[GateVerdict, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    headline: str = Field("", description="The metric of the first panel; the first of `metrics` when empty.")
    test_rows: int | None = None
    shared_rows: int | None = Field(None, description="Rows that were test rows for challenger and champion.")
    baseline_meaning: str = Field("", description="What the baseline does, such as: predicts the training share 0.21.")
    interval_meaning: str = Field("", description="Such as: 500 bootstrap samples, clustered by tailnum.")
    rows: RowAccounting | None = None
    columns: tuple[GoldColumn, ...] = ()
    split: SplitView | None = None
    leaderboard: Leaderboard | None = None
    binary: BinaryCurves | None = None
    multiclass: MulticlassCurves | None = None
    regression: RegressionCurves | None = None
    importances: Importances | None = None
    is_judged: bool = Field(True, description="Whether the version has been tested; without it there is no verdict.")
    notes: tuple[Note, ...] = ()
    lineage: Lineage | None = None

    @property
    def has_passed(self) -> bool:
        """Whether no gate failed."""
        return all(gate.passed for gate in self.gates)

    @property
    def headline_metric(self) -> MetricRow | None:
        """The row of `headline`, or the first metric."""
        return headline_metric(self.metrics, self.headline)

    @property
    def has_champion(self) -> bool:
        """Whether any metric was compared with a champion."""
        return any(row.champion_shared is not None for row in self.metrics)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        if not self.is_judged:
            return "This version has not been evaluated on the test rows yet."
        return verdict_sentence(self.gates, self.headline_metric, self.test_rows, self.shared_rows)
