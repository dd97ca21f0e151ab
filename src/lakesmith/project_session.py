"""Session: one project in one environment, as a notebook holds it.

    flights = api.open("conf/flights.yml")
    flights.profile()
    flights.run(select="+train")
    flights.leaderboard()

Every method is what the command of the same name does; what it returns shows itself in a notebook (`_repr_html_`) and
reads as text elsewhere. Nothing is remembered here between two calls: state is tables, versions and aliases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from lakesmith import places as _places
from lakesmith import project as _project
from lakesmith.errors import DataError
from lakesmith.places import Places
from lakesmith.progress import Progress
from lakesmith.project import Project
from lakesmith.stages.promote import PROMOTE, PromoteResult, rolled_back
from lakesmith.stages.stage import Result, Stage
from lakesmith.workspace import Workspace, opened, project_folder, tables_for, tracking_for

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame, SparkSession

    from lakesmith.boards import Leaderboard, ModelCard
    from lakesmith.explanations import Explanations
    from lakesmith.profile.profiles import Profile
    from lakesmith.stages.clean import CleanResult
    from lakesmith.stages.derive import DeriveResult
    from lakesmith.stages.evaluate import EvaluateResult
    from lakesmith.stages.ingest import IngestResult
    from lakesmith.stages.recorded import Recorded
    from lakesmith.stages.score import ScoreResult
    from lakesmith.stages.train import TrainResult
    from lakesmith.summary import RunSummary
    from lakesmith.tracking import Alias, Tracking

R = TypeVar("R", bound=Result)
MOST_EXPLAINED = 100


@dataclass(frozen=True)
class Session:
    """A project and the places it works in; both frozen."""

    project: Project
    places: Places
    progress: Progress = field(default_factory=Progress, repr=False)

    @classmethod
    def of(cls, path: str | Path, env: str | None = None, sets: Sequence[str] = (), workspace: str | None = None,
           names: Mapping[str, str] | None = None, progress: Progress | None = None) -> Self:  # fmt: skip
        """The session of a project file. Raises ConfigError with file, line, key and what to do."""
        project, places = _project.load(path, sets), _places.load(Path(path), env, workspace, names)
        return cls(project, places, progress or Progress())

    def run(self, select: str | None = None) -> RunSummary:
        """Runs the selected stages (all of them by default) and writes the report. A failed gate is told by the
        summary's exit code 4 and raises nothing."""
        from lakesmith.stages.order import selected
        from lakesmith.stages.running import run_in

        stages = selected(select)
        with self.opened() as workspace:
            return run_in(workspace, stages)

    def ingest(self) -> IngestResult:
        """Reads what is new in the sources into bronze; every record is accepted or quarantined."""
        from lakesmith.stages.ingest import INGEST

        return self._result(INGEST)

    def clean(self) -> CleanResult:
        """Bronze through the cleaning steps into silver."""
        from lakesmith.stages.clean import CLEAN

        return self._result(CLEAN)

    def derive(self) -> DeriveResult:
        """Silver into gold: one row per key, with label and split."""
        from lakesmith.stages.derive import DERIVE

        return self._result(DERIVE)

    def train(self) -> TrainResult:
        """The best candidate as a registered version with alias `challenger`."""
        from lakesmith.stages.train import TRAIN

        return self._result(TRAIN)

    def evaluate(self) -> EvaluateResult:
        """The challenger on the test rows, beside the baseline and the champion."""
        from lakesmith.stages.evaluate import EVALUATE

        return self._result(EVALUATE)

    def promote(self) -> PromoteResult:
        """Makes the challenger champion. Raises GateError when a gate has failed."""
        return self._result(PROMOTE)

    def score(self) -> ScoreResult:
        """The champion over the gold rows that have no prediction by it yet."""
        from lakesmith.stages.score import SCORE

        return self._result(SCORE)

    def rollback(self) -> PromoteResult:
        """Makes the version that was champion before champion again. Raises DataError when there is none."""
        return rolled_back(self.tracking)

    def profile(self, percentiles: Sequence[float] | None = None, plots: Sequence[str] = ()) -> Profile:
        """The profile of gold, made anew where it is not up to date; its page is written beside the report.
        `percentiles` are shares in [0, 1], `plots` as `lakesmith.profile.plots.plotted` takes them."""
        from lakesmith.looking import PROFILE, profile_of_gold
        from lakesmith.profile.page import render
        from lakesmith.profile.profiles import SHARES
        from lakesmith.stages.order import selected

        with self.opened() as workspace:
            for stage in selected("+derive"):
                stage.run(workspace)
            found = profile_of_gold(workspace, tuple(percentiles) if percentiles is not None else SHARES, plots)
            workspace.write_text(PROFILE, render(found))
            return found

    def leaderboard(self) -> Leaderboard:
        """The trials of the last training, best first. Raises DataError before the first."""
        from lakesmith.boards import Leaderboard
        from lakesmith.stages.comparison import trials

        trained = self.results().train
        if trained is None:
            raise DataError(f"{self.project.name} has not been trained here yet", fix="Run the stage `train` first.")
        return Leaderboard(
            metric=trained.metric, greater_is_better=trained.greater_is_better, folds=trained.folds_told,
            trials=trials(trained),
        )  # fmt: skip

    def results(self) -> Recorded:
        """The last result of each stage, as its file in the workspace holds it; None for one that has not run."""
        from lakesmith.stages.recorded import of_folder

        return of_folder(self.folder)[0]

    def champion(self) -> ModelCard:
        """The version that scores. Raises DataError when no version has been promoted yet."""
        return self._card("champion")

    def challenger(self) -> ModelCard:
        """The version that was trained last. Raises DataError before the first."""
        return self._card("challenger")

    def model(self, alias: Alias = "champion") -> PipelineModel:
        """The Spark model that an alias points to, for gold-shaped rows."""
        from lakesmith.stages.models import version_at

        return self.tracking.load(version_at(self.tracking, alias))

    def explain(self, rows: DataFrame, alias: Alias = "champion", background: int = 30) -> Explanations:
        """What each column's value adds to the score of each of `rows` (gold rows, at most a hundred), against
        `background` training rows."""
        from pyspark.sql import functions as F

        from lakesmith.columns import quote
        from lakesmith.explanations import explained
        from lakesmith.splits import SPLIT

        card, key = self._card(alias), self.project.key
        training = self.table("gold").where(F.col(SPLIT) == "train")
        drawn = training.orderBy(F.xxhash64(*[F.col(quote(each)) for each in key])).limit(background)
        return explained(self.model(alias), rows.limit(MOST_EXPLAINED), drawn, card.inputs, key, card.scores)

    def table(self, name: str) -> DataFrame:
        """A table of the project: `bronze_<source>`, `silver_<source>`, `quarantine`, `gold`, `trials`,
        `predictions`. Raises DataError for one that is not there yet, with those that are."""
        return tables_for(self.spark, self.places, self.project.name).read(name)

    @cached_property
    def spark(self) -> SparkSession:
        """The session that `table` reads with: the active one, so that its frames join the notebook's own."""
        from pyspark.sql import SparkSession

        from lakesmith import session

        active = SparkSession.getActiveSession()
        return active if active is not None else session.start(
            f"lakesmith {self.project.name}", master=self.places.master, settings=self.places.spark,
            log=self.folder / "spark.log",
        )  # fmt: skip

    @cached_property
    def tracking(self) -> Tracking:
        """The project's experiment and registered model."""
        return tracking_for(self.places, self.project.name)

    @property
    def folder(self) -> Path:
        """Where the project's results and reports lie."""
        return project_folder(self.places, self.project.name)

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """The workspace, locked for the time of the block."""
        from lakesmith.session import active_kept

        with active_kept(), opened(self.project, self.places, self.progress) as workspace:
            yield workspace

    def __repr__(self) -> str:
        return f"{self.project.name} in {self.places.tables_schema or self.folder}"

    def _result(self, stage: Stage[R]) -> R:
        with self.opened() as workspace:
            return stage.run(workspace).result

    def _card(self, alias: Alias) -> ModelCard:
        from lakesmith.stages.cards import card

        return card(self.tracking, alias, self.folder)

    def _repr_html_(self) -> str:
        from lakesmith.stages.status import project_status

        return project_status(self.places, self.folder)._repr_html_()
