"""A registered version as a card: what its training recorded, its test metrics, the gates' verdicts on it."""

from __future__ import annotations

from pathlib import Path

from lakesmith.boards import ModelCard
from lakesmith.errors import DataError
from lakesmith.stages.comparison import aliased, gate_verdicts, measured_version, parameters
from lakesmith.stages.models import version_at
from lakesmith.stages.recorded import of_folder
from lakesmith.stages.train import RESULT_FILE, TrainResult
from lakesmith.tasks import Target
from lakesmith.tracking import Alias, Tracking


def card(tracking: Tracking, alias: Alias, folder: Path) -> ModelCard:
    """The card of the version an alias points to. Raises DataError when it points nowhere, or to a version that
    lakesmith has not made."""
    version = version_at(tracking, alias)
    told = tracking.read_json(version.run_id, RESULT_FILE)
    if told is None:
        raise DataError(
            f"version {version.number} of {tracking.model} was not made by lakesmith (its run has no {RESULT_FILE})",
            fix="Point the alias to a version that `lakesmith run` has registered.",
        )
    trained, evaluated = TrainResult.model_validate(told), of_folder(folder)[0].evaluate
    return ModelCard(
        model=measured_version(tracking, version, aliased(tracking)),
        alias=alias,
        family=trained.family,
        params=parameters(trained.params),
        scores=_scores(trained.target),
        threshold=trained.threshold,
        inputs=trained.inputs,
        gates=gate_verdicts(evaluated) if evaluated is not None and evaluated.version == version.number else (),
        importances=trained.importances_by_column,
    )


def _scores(target: Target) -> str:
    if not target.classes:
        return target.label
    chosen = f"is {target.classes[-1]}" if len(target.classes) == 2 else "is the class predicted"
    return f"probability that {target.label} {chosen}"
