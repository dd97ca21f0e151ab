from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lakesmith.report import ReportView
from lakesmith.stages.accounting import below
from lakesmith.stages.comparison import parameters
from lakesmith.stages.recorded import Recorded, of_workspace
from lakesmith.stages.report_view import report_view
from lakesmith.stages.reporting import write_report
from lakesmith.trials import TrialRecord
from tests.stages.recordings import (
    FakeTracking,
    FakeWorkspace,
    cleaned,
    derived,
    evaluated,
    ingested,
    project,
    results,
    trained,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SORTS = ("binary", "multiclass", "regression")


def view_of(sort: str = "binary", **changes: object) -> ReportView:
    recorded = Recorded(**{**results(sort), **changes})
    return report_view(project(sort), recorded, None, spark="4.1.4", data="/data/raw", now=NOON)


@pytest.mark.parametrize("sort", SORTS)
def test_a_report_is_one_page_that_loads_nothing(sort: str, tmp_path: Path) -> None:
    page = write_report(FakeWorkspace(tmp_path / "flights", project(sort), results(sort)))
    text = page.read_text("utf-8")
    assert page == tmp_path / "flights" / "report.html"
    assert text.startswith("<!DOCTYPE html>")
    assert not re.search(r"""(src|href)=["'](https?:)?//|url\(|@import""", text)
    assert "&lt;b&gt;x&lt;/b&gt;,9" in text  # raw text of a quarantined record stays text


@pytest.mark.parametrize("with_champion", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_the_view_has_the_figures_of_its_task(sort: str, with_champion: bool) -> None:
    view = view_of(sort, evaluate=evaluated(sort, with_champion=with_champion))
    shown = [name for name in SORTS if getattr(view, name) is not None]
    assert shown == [sort]
    assert view.has_champion is with_champion
    assert view.test_rows == 200


def test_binary_curves_carry_the_threshold_and_the_gap_that_the_metric_reports() -> None:
    curves = view_of().binary
    assert curves is not None
    assert curves.confusion is not None
    assert (curves.positive, curves.threshold, curves.threshold_rule) == ("true", 0.3, "best F1 on validation rows")
    assert curves.ks_value == pytest.approx(evaluated().challenger["ks"])
    assert sum(map(sum, curves.confusion.counts)) == sum(b.negatives + b.positives for b in curves.histogram) == 200
    assert curves.positive_share == sum(curves.confusion.counts[1]) / 200
    assert len(curves.roc_champion) > 2


def test_residuals_are_actual_minus_predicted_and_rise_with_their_share() -> None:
    result = evaluated("regression").model_copy(
        update={"curves": {"residual_quantiles": {"0.05": -3.0, "0.5": 1.0, "0.95": 2.0}}}
    )
    curves = view_of("regression", evaluate=result).regression
    assert curves is not None
    assert curves.residual_quantiles == ((pytest.approx(0.05), -2.0), (0.5, -1.0), (0.95, 3.0))


def test_classes_are_told_with_their_shares_in_both_parts() -> None:
    view = view_of("multiclass")
    assert view.split is not None
    shares = {part.part: dict(part.class_shares) for part in view.split.parts}
    assert shares["train"] == {"a": 30 / 70, "b": 25 / 70, "c": 15 / 70}
    assert sum(shares["test"].values()) == pytest.approx(1.0)
    assert view.multiclass is not None
    assert [each.name for each in view.multiclass.classes] == ["a", "b", "c"]


def test_an_undefined_value_of_a_class_is_shown_as_undefined(tmp_path: Path) -> None:
    result = evaluated("multiclass")
    per_class = [{**each, "precision": None} for each in result.curves["per_class"]]
    changed = {**results("multiclass"), "evaluate": result.model_copy(update={"curves": {"per_class": per_class}})}
    text = write_report(FakeWorkspace(tmp_path, project("multiclass"), changed)).read_text("utf-8")
    assert "undefined" in text


def test_the_metric_tuned_for_comes_first_and_every_metric_has_a_name_for_people() -> None:
    view = view_of()
    assert view.metrics[0].metric == view.headline == "roc_auc"
    assert {row.metric: row.title for row in view.metrics} == {
        "roc_auc": "ROC AUC",
        "accuracy": "Accuracy",
        "brier": "Brier score",
        "f1": "F1",
        "ks": "KS",
        "log_loss": "Log loss",
        "pr_auc": "PR AUC",
        "precision": "Precision",
        "recall": "Recall",
    }
    assert [row.title for row in view_of("regression").metrics] == [
        "RMSE",
        "MAE",
        "MAPE",
        "Median absolute error",
        "R²",
    ]


def test_an_interval_that_could_not_be_drawn_is_left_out() -> None:
    result = evaluated().model_copy(update={"intervals": {"roc_auc": (math.nan, math.nan), "ks": (0.1, 0.2)}})
    rows = {row.metric: row for row in view_of(evaluate=result).metrics}
    assert rows["roc_auc"].interval is None
    assert rows["ks"].interval == (0.1, 0.2)


def test_what_was_measured_of_another_version_is_not_shown() -> None:
    view = view_of(train=trained(version=4))
    assert (view.metrics, view.gates, view.binary) == ((), (), None)
    assert view.sentence == "This version has not been evaluated on the test rows yet."
    assert view.leaderboard is not None


def test_trials_are_counted_from_one_and_only_finished_ones_have_a_value() -> None:
    board = view_of().leaderboard
    assert board is not None
    told = [(trial.number, trial.status, trial.value, trial.is_chosen) for trial in board.trials]
    assert told == [(1, "finished", 0.7, False), (2, "failed", None, False), (3, "finished", 0.71, True)]
    assert board.trials[0].params == (("eta", "0.1235"),)
    assert board.trials[2].params == (("max_depth", "6"),)  # not searched, but part of what was chosen
    assert board.trials[1].reason == "the metric is NaN"


def test_parameters_of_several_parts_are_told_in_words() -> None:
    told = {
        "hidden": [128, 64],
        "schedule": {"kind": "one_cycle", "rising_share": 0.3},
        "layers": [{"kind": "flatten"}, {"kind": "dense", "units": 8, "activation": None}],
        "early_stopping": {"patience": 4, "min_delta": 0.0},
        "base": None,
    }
    assert parameters(told) == (
        ("hidden", "128 64"),
        ("schedule", "one_cycle (rising_share 0.3)"),
        ("layers", "flatten, dense (units 8)"),
        ("early_stopping", "patience 4, min_delta 0"),
    )


def test_a_trial_that_a_policy_ended_is_shown_with_its_reason_and_without_a_value(tmp_path: Path) -> None:
    ended = TrialRecord(
        number=3, candidate=0, family="xgboost", status="terminated", reason="bandit, at interval 2 of fold 1: its best"
    )
    result = trained().model_copy(update={"trials": (*trained().trials, ended)})
    board = view_of(train=result).leaderboard
    assert board is not None
    last = board.trials[-1]
    assert (last.status, last.value, last.fold_values, last.reason) == ("terminated", None, (), ended.reason)
    page = write_report(FakeWorkspace(tmp_path, project("binary"), {**results("binary"), "train": result}))
    assert f'<b class="bad">terminated</b><span class="why">{ended.reason}</span>' in page.read_text("utf-8")


def test_importances_are_shown_once_where_every_column_is_one_slot() -> None:
    both, same = view_of().importances, trained().importances_by_column
    once = view_of(train=trained().model_copy(update={"importances": same})).importances
    assert both is not None
    assert once is not None
    assert (len(both.slots), once.slots, once.columns) == (2, (), same)


def test_rows_are_accounted_for_from_the_files_to_the_parts() -> None:
    rows = view_of().rows
    assert rows is not None
    assert rows.main_source == "flights"
    assert [(each.read, each.accepted, each.quarantined) for each in rows.sources] == [(100, 98, 2)]
    assert rows.cleaned("flights") == (97, 0, 1)
    assert (rows.gold, rows.parts) == (97, (("train", 70), ("test", 20), ("unlabelled", 7)))
    assert rows.quarantine[0].position == "flights.csv line 7"


def test_columns_stand_in_the_order_of_their_roles() -> None:
    changed = project(group="tailnum")
    view = report_view(changed, Recorded(**results()), None, spark="4.1.4", data="", now=NOON)
    told = [(column.name, column.role, column.null_share) for column in view.columns]
    assert told == [
        ("flight_key", "key", None), ("tailnum", "group", None), ("is_late", "label", None), ("hour", "feature", 0.125),
    ]  # fmt: skip
    assert view.interval_meaning == "500 bootstrap samples clustered by tailnum"


def test_the_split_tells_rule_labels_and_times_of_parts_that_have_rows() -> None:
    split = view_of().split
    assert split is not None
    assert split.rule == "Hash: validation 0.0, test 0.2, seed 5."
    parts = [(each.part, each.rows, each.label_mean, each.first_time) for each in split.parts]
    assert parts == [
        ("train", 70, 0.2857, "2013-01-01 05:00"), ("test", 20, 0.25, ""), ("unlabelled", 7, None, ""),
    ]  # fmt: skip


def test_notes_stand_under_the_keys_they_belong_to() -> None:
    told = [(note.where, note.text, note.is_warning) for note in view_of(evaluate=evaluated(with_champion=False)).notes]
    assert told == [
        (
            "sources.flights.columns",
            "Columns and types were guessed from a sample; suggested_columns/flights.yml declares them.",
            True,
        ),
        ("clean.flights", "4 rows break the rule 'hour < 24' and were kept.", True),
        ("derive.steps[1]", "join with planes: 15 rows (15.5 %) found no match.", True),
        ("derive", "Column 'distance' is stored as another type, for model signatures: decimal(10,2) → double.", False),
        ("tune.folds", "Trials were compared on 3 hashed folds.", False),
        ("features[1]", "one_hot keeps 64 of 104 categories", False),
        ("train", "not tried before the search stopped: linear", False),
        ("evaluate", "champion version 2 was not compared: it predicts another label", True),
    ]


def test_lineage_names_files_tables_seeds_and_the_resolved_project() -> None:
    lineage = view_of().lineage
    assert lineage is not None
    assert [(each.file, each.bytes, each.digest) for each in lineage.files] == [("flights.csv", 1234, "sha256:ab12")]
    assert [(table.name, table.version, table.rows) for table in lineage.tables] == [
        ("bronze_flights", 1, 98), ("silver_flights", 1, 97), ("gold", 4, 97), ("trials", 6, 3),
        ("predictions", 2, 180),
    ]  # fmt: skip
    assert lineage.seeds == (("tuning, training, bootstrap", "7"), ("split", "5"))
    assert dict(lineage.software)["Spark"] == "4.1.4"
    assert len(dict(lineage.software)["lakesmith source"]) == 16
    assert lineage.config_yaml.startswith("name: flights\n")
    assert lineage.runs == (("train", "run3"), ("compared with", "version 2"))


@pytest.mark.parametrize(
    ("path", "data", "shown"),
    [
        ("file:///data/raw/a.csv", "/data/raw", "a.csv"),
        ("file:/data/raw/a.csv", "/data/raw/", "a.csv"),
        ("/data/raw/sub/a.csv line 7", "/data/raw", "sub/a.csv line 7"),
        ("/data/rawer/a.csv", "/data/raw", "/data/rawer/a.csv"),
        ("file:///elsewhere/a.csv", "/data/raw", "file:///elsewhere/a.csv"),
        ("s3://bucket/a.csv", "s3://bucket", "a.csv"),
        ("/a.csv", "", "/a.csv"),
    ],
)
def test_files_are_named_from_the_data_folder(path: str, data: str, shown: str) -> None:
    assert below(path, data) == shown


def test_a_report_is_written_at_every_stage_of_the_way(tmp_path: Path) -> None:
    steps = {"ingest": ingested(), "clean": cleaned(), "derive": derived(), "train": trained(), "evaluate": evaluated()}
    for end in range(len(steps) + 1):
        workspace = FakeWorkspace(tmp_path, results=dict(list(steps.items())[:end]))
        assert "<html" in write_report(workspace).read_text("utf-8")
        assert bool(workspace.tracking.logged) is (end >= 4)


def test_the_train_run_gets_report_figures_tables_and_test_metrics(tmp_path: Path) -> None:
    workspace = FakeWorkspace(tmp_path)
    write_report(workspace)
    tracking = workspace.tracking
    assert "file report.html" in tracking.logged
    assert {
        "figures/roc.svg",
        "figures/precision_recall.svg",
        "figures/calibration.svg",
        "figures/importances.svg",
    } <= set(tracking.figures)
    assert tracking.run_metrics["run3"]["test_roc_auc"] == evaluated().challenger["roc_auc"]
    assert tracking.json["tables/importances.json"] == {
        "columns": ["slot", "share"],
        "data": [["hour", 0.8], ["origin=JFK", 0.2]],
    }
    for table in tracking.json.values():
        assert json.loads(json.dumps(table, allow_nan=False)) == table
        assert all(len(row) == len(table["columns"]) for row in table["data"])


def test_a_logged_figure_is_an_svg_document_with_its_own_style(tmp_path: Path) -> None:
    workspace = FakeWorkspace(tmp_path)
    write_report(workspace)
    for text in workspace.tracking.figures.values():
        drawing = ElementTree.fromstring(text)
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert "--blue" in (drawing[0].text or "")


def test_nothing_is_logged_again_while_only_the_time_has_changed(tmp_path: Path) -> None:
    workspace = FakeWorkspace(tmp_path)
    write_report(workspace, NOON)
    before = list(workspace.tracking.logged)
    page = write_report(workspace, NOON + timedelta(hours=1))
    assert workspace.tracking.logged == before
    assert "2026-03-01 13:00 UTC" in page.read_text("utf-8")


def test_another_verdict_is_logged(tmp_path: Path) -> None:
    workspace = FakeWorkspace(tmp_path)
    write_report(workspace, NOON)
    workspace.results["evaluate"] = evaluated(passed=False)
    workspace.tracking.logged.clear()
    write_report(workspace, NOON)
    assert "file report.html" in workspace.tracking.logged


def test_a_change_is_logged_and_metrics_that_are_known_are_not_logged_twice(tmp_path: Path) -> None:
    tracking = FakeTracking(aliases={"challenger": 3})
    write_report(FakeWorkspace(tmp_path, tracking=tracking))
    tracking.logged.clear()
    tracking.aliases["champion"] = 3
    write_report(FakeWorkspace(tmp_path, tracking=tracking))
    assert "file report.html" in tracking.logged
    assert not [each for each in tracking.logged if each.startswith("metric")]


def test_a_metric_that_is_undefined_is_not_logged(tmp_path: Path) -> None:
    values = {**evaluated().challenger, "ks": math.nan}
    changed = {**results(), "evaluate": evaluated().model_copy(update={"challenger": values})}
    workspace = FakeWorkspace(tmp_path, results=changed)
    write_report(workspace)
    assert "test_ks" not in workspace.tracking.run_metrics["run3"]
    assert "test_roc_auc" in workspace.tracking.run_metrics["run3"]


def test_recorded_results_come_back_from_json_as_they_were(tmp_path: Path) -> None:
    recorded = of_workspace(FakeWorkspace(tmp_path))
    assert {name: getattr(recorded, name).model_dump_json() for name in results()} == {
        name: result.model_dump_json() for name, result in results().items()
    }
    assert recorded.evaluate is not None
    assert math.isnan(recorded.evaluate.baseline["precision"])  # nothing is predicted positive, before and after
