from __future__ import annotations

from lakesmith.facts import MetricRow, RowAccounting, SourceRows, StepRows, Trial
from lakesmith.report import figures
from lakesmith.report.view import BinaryCurves, Confusion, Leaderboard, RegressionCurves

from .samples import flight_curves


def test_the_flow_adds_up_all_cleaning_steps_of_the_main_source_only() -> None:
    rows = RowAccounting(
        main_source="a",
        sources=(
            SourceRows(source="a", read=10, accepted=9, quarantined=1),
            SourceRows(source="b", read=5, accepted=5),
        ),
        steps=(
            StepRows(source="a", step="one", kept=8, quarantined=1),
            StepRows(source="a", step="two", kept=6, dropped=2),
            StepRows(source="b", step="one", kept=1, quarantined=4),
        ),
    )
    figure = figures.flow(rows)
    assert figure is not None
    assert "Cleaned: 6 kept, 1 quarantined, 2 dropped" in figure.svg


def test_the_headline_shows_the_champion_only_on_shared_rows() -> None:
    alone = figures.headline(MetricRow(metric="auc", challenger=0.7, baseline=0.5), None)
    both = figures.headline(MetricRow(metric="auc", challenger=0.7, challenger_shared=0.72, champion_shared=0.71), 99)
    assert alone is not None
    assert "champion" not in alone.svg
    assert both is not None
    assert "on the 99 rows both were tested on" in both.svg


def test_the_best_so_far_falls_for_a_metric_to_be_small() -> None:
    trials = tuple(Trial(number=n, family="f", value=value) for n, value in ((1, 3.0), (2, 1.0), (3, 2.0)))
    figure = figures.trials(Leaderboard(metric="rmse", greater_is_better=False, trials=trials))
    assert figure is not None
    assert "best rmse 1.000" in figure.svg


def test_learning_is_shown_for_the_chosen_trial_fold_by_fold() -> None:
    intervals = {"fold 1": (0.5, 0.7, 0.8), "fold 2": (0.4, 0.6)}
    chosen = Trial(number=1, family="dnn", value=0.7, intervals=intervals, is_chosen=True)
    figure = figures.learning(Leaderboard(metric="roc_auc", greater_is_better=True, trials=(chosen,)))
    assert figure is not None
    assert figure.headers == ("epoch", "fold 1", "fold 2")
    assert figure.table == (("1", "0.5000", "0.4000"), ("2", "0.7000", "0.6000"), ("3", "0.8000", ""))
    assert "over 3 epochs" in figure.svg
    other = Trial(number=2, family="linear", value=0.7, is_chosen=True)
    assert figures.learning(Leaderboard(metric="roc_auc", greater_is_better=True, trials=(other,))) is None


def test_the_threshold_stands_on_the_roc_curve() -> None:
    figure = figures.roc(flight_curves())
    assert figure is not None
    assert "threshold 0.32" in figure.svg


def test_tables_under_curves_are_thinned_and_keep_the_last_point() -> None:
    figure = figures.roc(BinaryCurves(roc=tuple((n / 1000, n / 1000) for n in range(1001))))
    assert figure is not None
    assert len(figure.table) <= 32
    assert figure.table[-1] == ("1.000", "1.000")


def test_a_confusion_matrix_of_many_classes_is_left_to_the_class_table() -> None:
    names = tuple(f"c{n}" for n in range(200))
    assert figures.confusion(Confusion(classes=names, counts=tuple((0,) * 200 for _ in names))) is None


def test_too_many_bubbles_are_cut_to_those_with_most_rows_and_the_caption_says_so() -> None:
    figure = figures.predicted_actual(RegressionCurves(points=tuple((n, n, n) for n in range(1, 2001))))
    assert figure is not None
    assert figure.svg.count('class="bubble"') == 1500 + 1, "the bubbles and the legend's"
    assert "The 1,500 cells with most rows." in figure.caption


def test_parts_without_values_have_no_figure() -> None:
    empty = BinaryCurves()
    assert [each(empty) for each in (figures.roc, figures.precision_recall, figures.calibration, figures.ks)] == [
        None
    ] * 4
    assert figures.importances((), "t", "m") is None
    assert figures.flow(RowAccounting()) is None
    assert figures.headline(None, None) is None
