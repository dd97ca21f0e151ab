"""Train: candidates compared on folds of the training rows, the best one fitted on all of them and registered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from lakesmith import __version__, session
from lakesmith.families import Family, Fitted
from lakesmith.fold_plans import Fold
from lakesmith.fold_plans.defaults import default_plan
from lakesmith.metrics import metric_named
from lakesmith.piece import name_of
from lakesmith.project import Project
from lakesmith.splits import SPLIT
from lakesmith.stages import trainings
from lakesmith.stages.candidates import Candidates
from lakesmith.stages.derive import DeriveResult
from lakesmith.stages.ledger import RunLedger, TrialLines, trials_frame
from lakesmith.stages.models import FACTS_FILE, ModelFacts
from lakesmith.stages.stage import Result, Stage
from lakesmith.tasks import Target
from lakesmith.tracking import KEY_TAG, Input
from lakesmith.trial_reports import Unheard
from lakesmith.trials import TrialRecord
from lakesmith.tuning import TuningResult, tune
from lakesmith.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

RESULT_FILE = "lakesmith.train.json"
TRIALS = "trials"
REQUIRED = ("mlflow", "xgboost", "numpy", "pandas", "pyarrow")
EXAMPLE_ROWS = 5


class TrainResult(Result):
    """What was tried, what was chosen, and the version it became. Importances are shares that add up to 1."""

    version: int
    run_id: str
    family: str
    params: dict[str, Any]
    metric: str
    greater_is_better: bool
    value: float
    rows: int
    folds_told: str
    stopped: str
    trials: tuple[TrialRecord, ...]
    chosen: int
    target: Target
    threshold: float | None
    inputs: tuple[str, ...]
    importances: tuple[tuple[str, float], ...]
    importances_by_column: tuple[tuple[str, float], ...]
    notes: tuple[str, ...]
    trials_version: int | None = None

    def told(self) -> tuple[str, ...]:
        """The choice in words."""
        tried = f"{len(self.trials)} trials on {self.folds_told}, stopped: {self.stopped}"
        return (tried, f"version {self.version} is {self.family}, {self.metric} {self.value:.4f} on validation rows")


def train(workspace: Workspace, key: str) -> TrainResult:
    """The best candidate as a registered version with alias `challenger`. Killed before, it repeats no finished trial,
    and registers no version twice. Raises TrainingError when nothing can be learned or every trial failed."""
    tracking = workspace.tracking
    made = tracking.version_for(key)
    if made is not None:  # registered by a run that was killed before it could say so
        result = TrainResult.model_validate(tracking.read_json(made.run_id, RESULT_FILE))
        return _announced(workspace, result.model_copy(update={"version": made.number}))
    run_id = tracking.open_run(key, f"train {workspace.project.name}")
    try:
        return _announced(workspace, _trained(workspace, key, run_id))
    except Exception:
        tracking.close_run(run_id, "FAILED")
        raise


def _trained(workspace: Workspace, key: str, run_id: str) -> TrainResult:
    project = workspace.project
    rows, target = _training_rows(workspace)
    folds, told = _folds(project, rows, target)
    metric = metric_named(project.tune.metric or project.task.default_metric, project.task.sort)
    parallelism = session.parallelism(workspace.spark)
    ledger = RunLedger(workspace.tracking, run_id, name_of(metric), len(folds))
    folder = trainings.folder(workspace, key)
    bases, say = trainings.bases(workspace, folder), workspace.progress.say
    with Candidates(project, rows, folds, target, metric, parallelism, folder, bases, say) as candidates:
        tuned = _tuned(workspace, candidates, ledger)
        threshold, epochs = _found_by(candidates, tuned)
        best = tuned.family
    model, facts = _fitted(workspace, run_id, candidates, tuned, epochs)
    trials_version = workspace.tables.overwrite(TRIALS, trials_frame(workspace.spark, run_id, list(tuned.records)))
    result = TrainResult(
        version=0, run_id=run_id, family=name_of(best), params=best.params(), metric=name_of(metric),
        greater_is_better=metric.greater_is_better, value=tuned.best.metric or 0.0, rows=target.rows, folds_told=told,
        stopped=tuned.stopped, trials=tuple(tuned.records), chosen=tuned.best.number, target=target,
        threshold=threshold, trials_version=trials_version, **facts,
    )  # fmt: skip
    return _registered(workspace, key, model, result)


def _training_rows(workspace: Workspace) -> tuple[DataFrame, Target]:
    """Gold's labelled rows outside the test part, with LABEL and, if weights are declared, WEIGHT."""
    from pyspark.sql import functions as F

    from lakesmith.columns import quote
    from lakesmith.pipelines import LABEL, WEIGHT, label_column

    project = workspace.project
    gold = workspace.tables.read("gold").where(F.col(SPLIT).isin("train", "validation"))
    with project.located("task"):
        target = project.task.target(gold)
    rows = gold.select("*", label_column(project.task.encoded(target), target.classes)).where(F.col(LABEL).isNotNull())
    weights = []
    if project.weight is not None:  # null counts as 0, as it does when a model is judged
        weights.append(F.coalesce(F.col(quote(project.weight)).cast("double"), F.lit(0.0)))
    balance = project.task.balance_weight(target)
    if balance is not None:
        weights.append(balance)
    if weights:
        weight = weights[0] * weights[1] if len(weights) == 2 else weights[0]
        rows = rows.withColumn(WEIGHT, weight)
    return rows, target


def _folds(project: Project, rows: DataFrame, target: Target) -> tuple[Sequence[Fold], str]:
    """The folds and how they were made, in words: the project's plan, its validation rows, or the default plan."""
    from pyspark.sql import functions as F

    if project.tune.folds is not None:
        with project.located("tune.folds"):
            return project.tune.folds.folds(rows, project.facts, project.seed), project.tune.folds.told()
    if not rows.where(F.col(SPLIT) == "validation").isEmpty():
        fold = Fold("validation", F.col(SPLIT) == "train", F.col(SPLIT) == "validation")
        return (fold,), "the split's own validation rows"
    plan, why = default_plan(project.facts, name_of(project.split), target.rows)
    with project.located("tune.folds"):
        return plan.folds(rows, project.facts, project.seed), f"{plan.told()} ({why})"


def _tuned(workspace: Workspace, candidates: Candidates, ledger: RunLedger) -> TuningResult[Any]:
    project = workspace.project
    return tune(
        project.families,
        candidates.judged,
        project.tune,
        ledger,
        seed=project.seed,
        greater_is_better=candidates.metric.greater_is_better,
        progress=TrialLines(workspace.progress, name_of(candidates.metric), project.tune.max_trials),
        cancellable=partial(session.cancellable, workspace.spark),
    )


def _found_by(candidates: Candidates, tuned: TuningResult[Any]) -> tuple[float | None, int | None]:
    """The mean over folds of the winner's thresholds, and of the epochs after which it was best; a winner known from
    before a kill is measured once more."""
    number, is_binary = tuned.best.number, candidates.target.sort == "binary"
    is_known = number in (candidates.thresholds if is_binary else candidates.epochs)
    if not is_known and (is_binary or tuned.family.learns_by_epochs):
        candidates.judged(tuned.family, number, Unheard())
    return (candidates.thresholds[number] if is_binary else None), candidates.epochs.get(number)


def _fitted(
    workspace: Workspace, run_id: str, candidates: Candidates, tuned: TuningResult[Any], epochs: int | None
) -> tuple[PipelineModel, dict[str, Any]]:
    """The winner fitted on all training rows, and what is to be told of it."""
    from lakesmith.folds import cached, fitted_features
    from lakesmith.pipelines import FEATURES, LABEL, WEIGHT, assembled, importances, importances_by_column, notes, slots

    family: Family = tuned.family
    plan = candidates.plan(family)
    features = fitted_features(plan.stages, candidates.train)
    kept = [each for each in (FEATURES, LABEL, WEIGHT) if each in (FEATURES, *candidates.train.columns)]
    drawn = candidates.resampled(features.on_training(candidates.spread(candidates.train)))
    with cached(drawn.select(*kept)) as vectors:
        fitted = candidates.fitted(family, candidates.fit(family, vectors, features.model, "all rows", epochs=epochs))
        named = slots(plan, features.model)
        by_slot = importances(family, fitted.model, named, vectors)
        by_column = importances_by_column(named, by_slot)
    workspace.tracking.log(run_id, curves={"loss": fitted.losses})
    target = candidates.target
    model = assembled(features.model, fitted.model, workspace.project.task.sort, target.classes)
    told = {
        "inputs": plan.inputs,
        "importances": tuple(by_slot[:200]),
        "importances_by_column": tuple(by_column[:200]),
        "notes": (
            *notes(features.model),
            *_told_of_drawing(workspace.project),
            *_told_of_epochs(fitted),
            *tuned.notes,
        ),
    }
    return model, told


def _told_of_epochs(fitted: Fitted) -> tuple[str, ...]:
    if fitted.epochs is None:
        return ()
    times = "1 epoch" if fitted.epochs == 1 else f"{fitted.epochs:,} epochs"
    return (f"the final fit learned for {times}, as many as are in the chosen trial's weights",)


def _told_of_drawing(project: Project) -> tuple[str, ...]:
    if not project.resample:
        return ()
    names = ", ".join(name_of(each) for each in project.resample)
    return (f"training rows were drawn anew ({names}): probabilities are those of classes in these shares",)


def _registered(workspace: Workspace, key: str, model: PipelineModel, result: TrainResult) -> TrainResult:
    """The result with its version: logged in full first, then registered, so that a version never lacks its facts."""
    from pyspark.sql import functions as F

    from lakesmith.columns import quote
    from lakesmith.pipelines import network_of

    tracking, gold = workspace.tracking, workspace.tables.read("gold")
    facts, network = _model_facts(workspace, result), network_of(model)
    if network is not None:
        tracking.log_network(result.run_id, network.spec, network.weights)
    tracking.log_json(result.run_id, facts.model_dump(mode="json"), FACTS_FILE)
    tracking.log_json(result.run_id, result.model_dump(mode="json"), RESULT_FILE)
    tracking.log_json(result.run_id, workspace.project.resolved(), "project.json")
    tracking.log_inputs(result.run_id, [_gold_input(workspace, gold)])
    tracking.log(
        result.run_id,
        params={"family": result.family, "folds": result.folds_told, "trials": len(result.trials), **result.params},
        metrics={f"validation_{result.metric}": result.value},
        tags={"lakesmith.project": workspace.project.name, "lakesmith.version": __version__},
    )
    example = gold.select(*[F.col(quote(name)) for name in result.inputs]).limit(EXAMPLE_ROWS)
    version = tracking.register(
        result.run_id, model, example, requirements=_requirements(network is not None), tags={KEY_TAG: key}
    )
    return result.model_copy(update={"version": version.number})


def _announced(workspace: Workspace, result: TrainResult) -> TrainResult:
    """Points `challenger` to the version and closes its run; both may be done twice."""
    workspace.tracking.point("challenger", result.version)
    workspace.tracking.close_run(result.run_id)
    trainings.remove(workspace)
    return result


def _model_facts(workspace: Workspace, result: TrainResult) -> ModelFacts:
    project = workspace.project
    derived = workspace.previous("derive", DeriveResult)
    return ModelFacts(
        family=result.family,
        params=result.params,
        target=result.target,
        threshold=result.threshold,
        split=project.split.model_dump(mode="json", by_alias=True),
        frozen=dict(derived.frozen) if derived is not None else {},
        key=project.key,
        time=project.time,
        group=project.group,
        inputs=result.inputs,
        gold=workspace.tables.identity("gold"),
        partitions=session.parallelism(workspace.spark),
    )


def _gold_input(workspace: Workspace, gold: DataFrame) -> Input:
    columns = {each.name: each.dataType.simpleString() for each in gold.schema.fields}
    return Input("gold", workspace.tables.place("gold"), workspace.tables.version("gold"), columns)


def _requirements(has_network: bool) -> list[str]:
    """What it takes to open the model: the versions it was made with; lakesmith is not among them."""
    from importlib.metadata import version

    import pyspark

    # Databricks' own pyspark is no installed distribution, and its version may carry a suffix of the platform.
    spark = pyspark.__version__.split(".dev")[0].split("+")[0]
    told = [f"pyspark=={spark}", *(f"{name}=={version(name)}" for name in REQUIRED)]
    if has_network:
        import torch

        told.append(f"torch=={torch.__version__.split('+')[0]}")  # +cpu and +cu124 are on no index of packages
    return told


TRAIN = Stage(
    name="train",
    result=TrainResult,
    section=lambda project: {
        name: value
        for name, value in project.resolved().items()
        if name
        in ("task", "split", "features", "resample", "families", "tune", "seed", "key", "time", "group", "weight")
    },
    inputs=lambda workspace: {"gold": workspace.tables.identity("gold"), **trainings.versions(workspace)},
    outputs=lambda project: (TRIALS,),
    body=train,
)
