"""Score: the champion over gold into the predictions table, only where a row is new or has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.columns import Names, quote
from lakesmith.errors import DataError
from lakesmith.expressions import compiled
from lakesmith.splits import DIGEST
from lakesmith.stages.models import ModelFacts, facts_of, key_columns, version_at, with_predictions
from lakesmith.stages.stage import Result, Stage
from lakesmith.tracking import Version
from lakesmith.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PREDICTIONS = "predictions"
VERSION = "model_version"
SCORED_AT = "scored_at"


class ScoreResult(Result):
    """Rows inserted and updated in the predictions table, both 0 when every row had its prediction already; and the
    table's rows and version after that."""

    version: int
    inserted: int
    updated: int
    rows: int | None = None
    table_version: int | None = None

    def told(self) -> tuple[str, ...]:
        """The counts in words."""
        if not self.inserted and not self.updated:
            return (f"every row has its prediction by version {self.version} already",)
        return (f"{self.inserted:,} predictions inserted, {self.updated:,} updated, by version {self.version}",)


def score(workspace: Workspace, _key: str) -> ScoreResult:
    """One row per key and model version: key, prediction columns, version, time. Rows whose gold row has not changed
    since they were scored are not scored again. Raises DataError when there is no champion."""
    champion = version_at(workspace.tracking, "champion")
    facts = facts_of(workspace.tracking, champion)
    waiting = _unscored(workspace, _chosen(workspace), champion)
    missing = facts.missing_from(waiting)
    if missing:
        raise DataError(
            f"gold has no column '{missing[0]}' any more, which champion version {champion.number} reads",
            fix="Bring it back in `derive`, or train and promote a new version.",
        )
    model = workspace.tracking.load(champion)
    predictions = _predictions(workspace, with_predictions(waiting, {"champion": model}), facts, champion)
    counts = workspace.tables.merge(PREDICTIONS, predictions, on=(*workspace.project.key, VERSION), digest=DIGEST)
    return ScoreResult(
        version=champion.number,
        inserted=counts.inserted,
        updated=counts.updated,
        rows=workspace.tables.rows(PREDICTIONS),
        table_version=counts.version,
    )


def _chosen(workspace: Workspace) -> DataFrame:
    from pyspark.sql import functions as F

    gold = workspace.tables.read("gold")
    where = workspace.project.score.where
    if where is None:
        return gold
    with workspace.project.located("score"):
        return gold.where(F.expr(compiled(where, Names("gold", tuple(gold.columns)), key="where")))


def _unscored(workspace: Workspace, gold: DataFrame, champion: Version) -> DataFrame:
    """Gold rows without a prediction by this version, or changed since: scoring costs far more than this join."""
    from pyspark.sql import functions as F

    if not workspace.tables.exists(PREDICTIONS):
        return gold
    on = [*workspace.project.key, DIGEST]
    done = workspace.tables.read(PREDICTIONS).where(F.col(VERSION) == champion.number)
    return gold.join(done.select(*[F.col(quote(each)) for each in on]), on=on, how="left_anti")


def _predictions(workspace: Workspace, scored: DataFrame, facts: ModelFacts, champion: Version) -> DataFrame:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    has_classes = "champion_probability" in scored.columns
    probability = vector_to_array(F.col("champion_probability")) if has_classes else None
    decoded = workspace.project.task.decoded(facts.target, F.col("champion_prediction"), probability, facts.threshold)
    return scored.select(
        *key_columns(workspace.project.key),
        *[column.alias(name) for name, column in decoded.items()],
        F.lit(champion.number).alias(VERSION),
        F.current_timestamp().alias(SCORED_AT),
        F.col(DIGEST),
    )


SCORE = Stage(
    name="score",
    result=ScoreResult,
    section=lambda project: [project.resolved()["score"], project.key],
    inputs=lambda workspace: {
        "gold": workspace.tables.identity("gold"),
        "champion": str(version_at(workspace.tracking, "champion").number),
    },
    outputs=lambda project: (PREDICTIONS,),
    body=score,
)
