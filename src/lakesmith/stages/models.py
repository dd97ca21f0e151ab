"""What is kept beside a registered model, and how models are put to work on gold rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from lakesmith.columns import quote
from lakesmith.errors import DataError
from lakesmith.splits import AnySplit, RowFacts, Split
from lakesmith.stages.stage import Result
from lakesmith.tasks import Target
from lakesmith.tracking import Alias, Tracking, Version

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import Column, DataFrame

FACTS_FILE = "lakesmith.json"
REPLACED_TAG = "lakesmith.replaced"  # on a champion: the version it took the place of; "" for the first
MADE_BY = {"champion": "train, evaluate and promote", "challenger": "train"}


class ModelFacts(Result):
    """What must be known of a version to judge it fairly later and to score with it; logged with its run.

    `split` and `frozen` say which rows were its test rows, by its own split and not by the project's present one.
    `partitions` is how many parts its training rows were laid out in, and how many tasks ran at once.
    """

    family: str
    params: dict[str, Any]
    target: Target
    threshold: float | None
    split: dict[str, Any]
    frozen: dict[str, Any]
    key: tuple[str, ...]
    time: str | None
    group: str | None
    inputs: tuple[str, ...]
    gold: str
    partitions: int | None = None

    def was_test_row(self) -> Column:
        """Whether a gold row was, or by its own values would have been, a test row of this version."""
        split: Split = TypeAdapter(AnySplit).validate_python(self.split)
        facts = RowFacts(key=self.key, label=self.target.label, time=self.time, group=self.group)
        return split.part(facts, self.frozen) == "test"

    def missing_from(self, gold: DataFrame) -> tuple[str, ...]:
        """The gold columns this version reads that gold does not have any more."""
        needed = (*self.inputs, *self.key, *(each for each in (self.time, self.group) if each is not None))
        return tuple(name for name in dict.fromkeys(needed) if name not in gold.columns)


def version_at(tracking: Tracking, alias: Alias) -> Version:
    """The version an alias points to. Raises DataError when it points nowhere."""
    found = tracking.at(alias)
    if found is None:
        raise DataError(f"the model {tracking.model} has no {alias}", fix=f"Run the stages {MADE_BY[alias]} first.")
    return found


def facts_of(tracking: Tracking, version: Version) -> ModelFacts:
    """The facts of a registered version. Raises DataError for a version that lakesmith has not made."""
    found = tracking.read_json(version.run_id, FACTS_FILE)
    if found is None:
        raise DataError(
            f"version {version.number} of {tracking.model} was not made by lakesmith (its run has no {FACTS_FILE})",
            fix="Point the alias to a version that `lakesmith run` has registered.",
        )
    return ModelFacts.model_validate(found)


def with_predictions(gold: DataFrame, models: Mapping[str, PipelineModel]) -> DataFrame:
    """Gold with `<name>_prediction` and, for classes, `<name>_probability` (vector) of each model; lazy, one pass."""
    scored = gold
    for name, model in models.items():
        scored = model.transform(scored).drop("predicted_label", "rawPrediction")
        answers: tuple[str, ...] = ("prediction", "probability")
        renamed = {each: f"{name}_{each}" for each in answers if each in scored.columns}
        scored = scored.withColumnsRenamed(renamed)
    return scored


def key_columns(key: tuple[str, ...]) -> list[Column]:
    """The key's columns."""
    from pyspark.sql import functions as F

    return [F.col(quote(each)) for each in key]


def replaced_by(champion: Version) -> int | None:
    """The version that a champion took the place of, None for the first one."""
    told = champion.tags.get(REPLACED_TAG, "")
    return int(told) if told else None
