"""A project as a notebook holds it: one method a stage, and results that show themselves."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakesmith import api
from lakesmith.errors import DataError
from lakesmith.progress import Progress
from lakesmith.splits import SPLIT
from small_projects import visits, write_project


def test_a_session_goes_from_raw_files_to_explained_predictions(spark: SparkSession, tmp_path: Path) -> None:
    path = write_project(tmp_path, visits(200))
    project = api.open(path, progress=Progress.silent())
    with pytest.raises(DataError, match="has not been trained here yet"):
        project.leaderboard()
    with pytest.raises(DataError, match="has no champion"):
        project.champion()
    with pytest.raises(DataError, match="'gold' does not exist yet"):
        project.table("gold")

    active = SparkSession.getActiveSession()
    assert "200 read = 200 accepted" in repr(project.ingest())
    assert SparkSession.getActiveSession() is active  # or `table` would read in a session that a notebook has not
    project.clean()
    assert project.derive().rows == 200
    trained = project.train()
    board = project.leaderboard()
    assert [each.value for each in board.best_first()] == sorted((each.value for each in board.trials), reverse=True)
    assert board.best_first()[0].is_chosen
    assert "<th>roc_auc</th>" in board._repr_html_()
    assert "linear" in str(board)
    evaluated = project.evaluate()
    assert "roc_auc" in evaluated._repr_html_()
    assert project.promote().champion == trained.version

    card = project.champion()
    assert dict(card.model.metrics) == {}
    assert card.gates[0].passed
    summary = project.run("score")
    assert summary.predictions == 200
    assert "200 predictions" in summary._repr_html_()
    assert dict(project.champion().model.metrics)["roc_auc"] == pytest.approx(evaluated.challenger["roc_auc"])
    assert "test roc_auc" in str(project.champion())
    assert "visits version 1" in project.champion()._repr_html_()
    assert "version 1 @challenger" in str(project.challenger())
    assert "champion" in project._repr_html_()

    gold = project.table("gold")
    told = project.explain(gold.where(F.col("visit_id").isin(3, 4)), background=10)
    assert [each.key for each in told.rows] == ['{"visit_id":3}', '{"visit_id":4}']
    assert told.of == "probability that late is true"
    model = project.model()
    scored = model.transform(gold.where(F.col("visit_id") == 3)).first()
    assert scored is not None
    assert told.rows[0].score == pytest.approx(scored["probability"][1], abs=1e-12)
    x0 = next(each for each in told.rows[0].additions if each.column == "x0")
    others = (
        gold.where(F.col(SPLIT) == "train").orderBy(F.xxhash64("visit_id")).limit(10).select(F.col("x0").alias("other"))
    )
    mixed = gold.where(F.col("visit_id") == 3).crossJoin(others).withColumn("x0", F.col("other"))
    mean = sum(row["probability"][1] for row in model.transform(mixed).collect()) / 10
    assert x0.difference == pytest.approx(scored["probability"][1] - mean, abs=1e-9)
    assert "differences against 10 training rows" in str(told)
    assert "<b>" in told._repr_html_()
    assert project.profile().rows == 200
    assert (project.folder / "profile.html").is_file()
