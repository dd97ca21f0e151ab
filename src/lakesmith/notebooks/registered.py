"""A registered version with all that a notebook of it must say: its project, facts, gold, stages and test metrics."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakesmith import session
from lakesmith.errors import DataError
from lakesmith.families import Family
from lakesmith.features.slot_names import flattened
from lakesmith.project import Project
from lakesmith.stages.comparison import TEST_PREFIX
from lakesmith.stages.models import ModelFacts, facts_of, version_at
from lakesmith.tracking import Alias, Version
from lakesmith.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Registered:
    """`project` is the file as it was when the version was trained; `gold` its rows then, as `address` at `version`.

    `stages` are those of the model, pipelines in it taken apart. `metrics` are those of the test rows.
    """

    project: Project
    version: Version
    facts: ModelFacts
    gold: DataFrame
    address: str
    is_path: bool
    gold_version: int
    stages: tuple[Any, ...]
    metrics: dict[str, float]
    partitions: int
    validation: tuple[str, float] | None

    @property
    def family(self) -> Family:
        """The family with the parameters of the chosen trial."""
        known = next(each for each in self.project.families if each.kind == self.facts.family)  # type: ignore[attr-defined]
        return known.with_params(self.facts.params)


def registered(workspace: Workspace, alias: Alias) -> Registered:
    """The version that the alias points to.

    Raises DataError where the alias points nowhere, for a version that was not evaluated, and for gold that is another
    table by now or does not have the version's rows any more.
    """
    tracking = workspace.tracking
    version = version_at(tracking, alias)
    facts = facts_of(tracking, version)
    described = tracking.read_json(version.run_id, "project.json")
    if described is None:
        raise DataError(f"the run of version {version.number} has no project.json", fix="Run the stage `train` again.")
    measured = tracking.metrics(version.run_id)
    metrics = {name.removeprefix(TEST_PREFIX): v for name, v in measured.items() if name.startswith(TEST_PREFIX)}
    if not metrics:
        raise DataError(f"version {version.number} was not evaluated yet", fix="Run the stage `evaluate` first.")
    gold, gold_version = _gold(workspace, version, facts)
    place = workspace.tables.place("gold")
    is_path = workspace.tables.schema is None
    validation = next(((name, v) for name, v in measured.items() if name.startswith("validation_")), None)
    return Registered(
        project=Project.model_validate_json(json.dumps(described), strict=True),
        version=version,
        facts=facts,
        gold=gold,
        address=place.removeprefix("delta.`").removesuffix("`").replace("``", "`") if is_path else place,
        is_path=is_path,
        gold_version=gold_version,
        stages=tuple(flattened(tracking.load(version))),
        metrics=metrics,
        partitions=facts.partitions or session.parallelism(workspace.spark),
        validation=validation,
    )


def _gold(workspace: Workspace, version: Version, facts: ModelFacts) -> tuple[DataFrame, int]:
    """Gold as the version was trained on it, and that Delta version."""
    from pyspark.errors import PySparkException

    table, _, number = facts.gold.rpartition("@")
    fix = "Run the stage `train` again; the new version can be written as a notebook."
    if workspace.tables.identity("gold").rpartition("@")[0] != table:
        raise DataError(f"gold is another table than the one version {version.number} was trained on", fix=fix)
    try:
        frame = workspace.tables.read("gold", int(number))
        frame.schema  # noqa: B018 (Spark looks for the version now)
    except PySparkException as error:
        told = str(error).splitlines()[0]
        raise DataError(f"gold no longer has its version {number}: {told}", fix=fix) from None
    return frame, int(number)
