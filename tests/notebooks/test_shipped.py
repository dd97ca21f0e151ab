"""The four notebooks of this repository, run in order in one workspace, and what they show."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakesmith import api
from lakesmith.notebooks.outputs import Output
from lakesmith.notebooks.page import render
from lakesmith.notebooks.runner import NotebookRun

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def runs(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookRun]:
    """Name → its run on the project it is shipped with, of 178 rows, searched less."""
    folder = tmp_path_factory.mktemp("notebooks")
    text = (ROOT / "conf" / "wine.yml").read_text()
    assert "k: 3}, max_trials: 3}" in text
    (folder / "wine.yml").write_text(text.replace("k: 3}, max_trials: 3}", "k: 2}, max_trials: 1}"))
    params = {"project": str(folder / "wine.yml")}
    return {path.stem: api.run_notebook(path, params, workspace=str(folder / "workspace")) for path in NOTEBOOKS}


def below(run: NotebookRun, words: str) -> tuple[Output, ...]:
    """What the only cell with these words shows."""
    (found,) = [each for each in run.cells if words in each.cell.source and each.cell.magic != "md"]
    return found.outputs


def test_explore_shows_gold_as_a_profile_as_rows_and_as_plots(runs: dict[str, NotebookRun]) -> None:
    run = runs["01_explore"]
    assert "178 = 125 train + 53 test" in below(run, 'select="+derive"')[0].text
    told, page = below(run, "project.profile()")
    assert told.text == "178 rows, 17 columns, 0 leaks\n"
    assert page.html.startswith("<iframe")
    assert below(run, "display(gold)")[0].html.count("<tr>") == 179
    (by_cultivar,) = below(run, "GROUP BY cultivar")
    assert [line.split()[:3] for line in by_cultivar.text.splitlines()[1:4]] == [
        ["class_0", "59", "18"], ["class_1", "71", "21"], ["class_2", "48", "14"],
    ]  # fmt: skip
    assert below(run, "_sqldf.count()")[0].text == "3 cultivars, the strongest of 13.74 % alcohol on average\n"
    assert below(run, '"scatter"')[0].html.count("<circle") == 178
    assert [below(run, kind)[0].html.count("<svg") for kind in ('"box"', '"histogram"', '"line"')] == [1, 1, 1]


def test_train_shows_trials_and_a_champion_of_stock_stages(runs: dict[str, NotebookRun]) -> None:
    run = runs["02_train"]
    summary = below(run, "project.run()")[0].text
    assert "178 predictions" in summary
    assert "passed threshold" in summary
    board = below(run, "project.leaderboard()")[0]
    assert board.html.count("<tr>") == 2
    assert "<th>log_loss</th>" in board.html
    card = below(run, "project.champion()")[0]
    assert "wine version 1 @champion" in card.html
    assert "test macro_f1" in card.text
    (stages,) = below(run, "project.model().stages")
    assert "VectorAssembler" in stages.text


def test_compare_judges_challenger_and_champion_on_the_same_rows(runs: dict[str, NotebookRun]) -> None:
    run = runs["03_compare_runs"]
    assert below(run, "project.train()")[0].text == "version 2 against champion version 1\n"
    assert below(run, "project.leaderboard()")[0].html.count("random_forest") == 1
    told, table = below(run, "evaluated.challenger_shared")
    assert told.text.startswith("53 shared test rows; the baseline is the largest class")
    heads, *rows = [line.split() for line in table.text.splitlines()[:-1]]
    assert heads[:4] == ["metric", "challenger", "champion", "baseline"]
    losses = dict(zip(heads, next(row for row in rows if row[0] == "log_loss"), strict=True))
    assert float(losses["champion"]) < float(losses["challenger"]) < float(losses["baseline"])
    assert 0 < float(losses["difference_from"]) < float(losses["difference_to"])
    assert losses["greater_is_better"] == "false"
    assert "wine version 2 @challenger" in below(run, "project.challenger()")[0].text
    assert "wine version 1 @champion" in below(run, "project.champion()")[0].text
    experiment = below(run, "mlflow.search_runs")[0]
    assert experiment.html.count("<tr>") == 1 + (1 + 1) + (1 + 1)


def test_score_shows_predictions_and_why_the_least_certain_came_out(runs: dict[str, NotebookRun]) -> None:
    run = runs["04_score_and_explain_rows"]
    assert "178 predictions inserted, 0 updated, by version 1" in below(run, "project.score()")[0].text
    assert below(run, "display(predictions")[0].html.count("<tr>") == 179
    counts = [line.split()[:3] for line in below(run, "GROUP BY cultivar, prediction")[0].text.splitlines()[1:-1]]
    assert sum(int(each[2]) for each in counts) == 53
    explained = below(run, "project.explain(")[0]
    assert explained.html.count("wine_id") == 3
    assert "differences against 30 training rows" in explained.text
    assert below(run, "createDataFrame")[0].html.count("<svg") == 1


def test_every_notebook_ran_to_its_end_and_is_a_page(runs: dict[str, NotebookRun]) -> None:
    assert len(runs) == 4
    for run in runs.values():
        assert run.error is None
        assert all(each.seconds is not None for each in run.cells)
        assert 10_000 < len(render(run)) < 2_000_000
