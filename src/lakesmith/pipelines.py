"""Pipelines: features and a family as Spark ML stages, and the model they become: stages of a closed list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lakesmith.columns import RESERVED, Names, quote
from lakesmith.errors import ConfigError, located
from lakesmith.families import FEATURES, LABEL, WEIGHT, Family, Fit, Fitted, TaskSort
from lakesmith.features import Feature, Slot
from lakesmith.features.drafts import Draft
from lakesmith.features.schemas import inputs_of, typing_of
from lakesmith.features.slot_names import SlotName, flattened, named_slots, slot_of_each
from lakesmith.features.statements import aliased, select, text_literal
from lakesmith.splits import RowFacts

if TYPE_CHECKING:
    from pyspark.ml import Pipeline, PipelineModel, Transformer
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructType

    from lakesmith_stages.transformers import TorchModel


__all__ = [
    "ARTIFACT_STAGES", "FEATURES", "LABEL", "OUTPUTS", "WEIGHT", "FeaturePlan", "PlanPart", "SlotName", "assembled",
    "check_features", "feature_plan", "importances", "importances_by_column", "label_column", "learned", "network_of",
    "notes",
    "slot_names", "slot_of_each", "slots",
]  # fmt: skip

OUTPUTS = ("prediction", "probability", "rawPrediction", "predicted_label")
# The only classes a model may be made of: every one opens where lakesmith is not installed.
ARTIFACT_STAGES = (
    "pyspark.ml.feature.SQLTransformer",
    "pyspark.ml.feature.StringIndexerModel",
    "pyspark.ml.feature.OneHotEncoderModel",
    "pyspark.ml.feature.Bucketizer",
    "pyspark.ml.feature.VectorAssembler",
    "pyspark.ml.feature.FeatureHasher",
    "pyspark.ml.feature.VectorSlicer",
    "pyspark.ml.feature.PCAModel",
    "pyspark.ml.feature.ElementwiseProduct",
    "pyspark.ml.feature.Interaction",
    "pyspark.ml.feature.StopWordsRemover",
    "pyspark.ml.feature.HashingTF",
    "pyspark.ml.feature.IDFModel",
    "pyspark.ml.feature.CountVectorizerModel",
    "pyspark.ml.feature.Word2VecModel",
    "pyspark.ml.regression.LinearRegressionModel",
    "pyspark.ml.regression.DecisionTreeRegressionModel",
    "pyspark.ml.regression.RandomForestRegressionModel",
    "pyspark.ml.regression.GBTRegressionModel",
    "pyspark.ml.classification.LogisticRegressionModel",
    "pyspark.ml.classification.DecisionTreeClassificationModel",
    "pyspark.ml.classification.RandomForestClassificationModel",
    "pyspark.ml.classification.GBTClassificationModel",
    "xgboost.spark.estimator.SparkXGBRegressorModel",
    "xgboost.spark.estimator.SparkXGBClassifierModel",
    # These two go with the model as source, see lakesmith_stages.
    "lakesmith_stages.transformers.ArrayToVector",
    "lakesmith_stages.transformers.TorchModel",
)


@dataclass(frozen=True)
class PlanPart:
    """What one feature of the project (by position) added to a plan; None: what was filled for the family's sake.

    `rows`: internal column → SQL of gold's columns, all of them in the plan's first stage; `stages`: those after it.
    """

    feature: int | None
    rows: dict[str, str]
    stages: tuple[Any, ...]


@dataclass(frozen=True)
class FeaturePlan:
    """What the features compile to: stages that turn gold rows into FEATURES; the gold columns they read; the slots.

    One plan serves every fold: `pipeline()` learns nothing before it is fitted, and then from the fitted frame only.
    """

    stages: tuple[Any, ...]
    inputs: tuple[str, ...]
    slots: tuple[Slot, ...] = field(default=())
    parts: tuple[PlanPart, ...] = field(default=(), repr=False)

    def pipeline(self) -> Pipeline:
        """The stages as one estimator."""
        from pyspark.ml import Pipeline

        return Pipeline(stages=list(self.stages))


def check_features(
    features: Sequence[Feature], gold: Names, facts: RowFacts | None = None, weight: str | None = None
) -> None:
    """Raises ConfigError (`features[i].columns[j]`) for columns that gold does not have, or may not be features, as
    far as names tell. Pure Python: `validate` calls it without Spark."""
    _check_names(gold)
    if not features:
        raise ConfigError("no feature is declared", key="features", fix="Add {kind: keep, columns: numeric}.")
    refused = _refused(facts, weight)
    names = gold
    for position, feature in enumerate(features):
        with located(f"features[{position}]"):
            listed = getattr(feature, "columns", ())
            for j, name in enumerate(listed if isinstance(listed, tuple) else ()):
                if name in refused and name in names:
                    raise _refusal(name, refused[name], f"columns[{j}]")
            for key, columns in feature.reads().items():
                for name in columns:
                    if gold.need(name, key=key) in refused:
                        raise _refusal(name, refused[name], key)
            names = feature.columns_after(names)


def feature_plan(
    features: Sequence[Feature],
    schema: StructType,
    facts: RowFacts,
    accepts_missing: bool,
    *,
    weight: str | None = None,
) -> FeaturePlan:
    """The features compiled against gold's schema; no Spark job.

    With `accepts_missing` false, numbers that no feature filled get their training median (0 for a column without
    values), which a note tells. Raises ConfigError for what cannot be a feature.
    """
    check_features(features, Names("gold", tuple(schema.names)), facts, weight)
    unnamed = {each for each in (facts.time, facts.group) if each} | {n for n in schema.names if n.startswith(RESERVED)}
    draft = Draft(inputs_of(schema), _refused(facts, weight), frozenset(unnamed), facts.key, typing_of(schema))
    draft.accepts_missing = accepts_missing
    parts = []
    for position, feature in enumerate(features):
        rows, stages = len(draft.rows), len(draft.stages)
        with located(f"features[{position}]"):
            feature.compile(draft)
        parts.append(_part(draft, position, rows, stages))
    if not draft.slots:
        raise ConfigError("the features make no number", key="features", fix="Add one such as keep, one_hot or bin.")
    rows, stages = len(draft.rows), len(draft.stages)
    if not accepts_missing:
        draft.fill_what_is_left()
    parts.append(_part(draft, None, rows, stages))
    return FeaturePlan(tuple(_stages(draft)), tuple(draft.used), tuple(draft.slots.values()), tuple(parts))


def label_column(index: Column, classes: Sequence[str]) -> Column:
    """`index` (the value, or the position of the class in `classes`) as LABEL, told to Spark ML as what it is.

    With classes, Spark need not search the rows for the largest label (a job a fit), and a fold that lacks the last
    class still gives probabilities for all of them.
    """
    from pyspark.sql import functions as F

    if not classes:
        return index.cast("double").alias(LABEL)
    attribute = {"ml_attr": {"name": LABEL, "type": "nominal", "vals": list(classes)}}
    # Metadata given to a column that still has to be cast is lost: cast first.
    return F.when(index.isNotNull(), index.cast("double")).alias(LABEL, metadata=attribute)


def learned(family: Family, fit: Fit) -> Fitted:
    """The family's model, from rows with FEATURES, LABEL (see `label_column`) and, if they are weighted, WEIGHT.

    It writes `prediction` and, for classes, `probability` (in the order of their indexes) and `rawPrediction`. Raises
    ConfigError (key = kind) where the family cannot do the task.
    """
    family.check_sort(fit.sort)
    return family.fit(fit)


def assembled(
    feature_model: PipelineModel, fitted: Transformer, sort: TaskSort, classes: Sequence[str] = ()
) -> PipelineModel:
    """The model as it is logged: takes gold-shaped rows, gives them back with `prediction` and, for classes,
    `probability` and `predicted_label` (string). `fitted` is the family's model, or a PipelineModel that holds it.

    Raises TypeError for a stage that is not one of ARTIFACT_STAGES.
    """
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import SQLTransformer

    stages = [*flattened(feature_model), *flattened(fitted)]
    gone = [*_internal(stages), *(["rawPrediction"] if sort != "regression" else [])]
    labels = f"array({', '.join(text_literal(each) for each in classes)})"
    added = {} if sort == "regression" else {"predicted_label": f"element_at({labels}, CAST(prediction AS INT) + 1)"}
    columns = [f"* EXCEPT ({', '.join(quote(name) for name in gone)})", *([aliased(added)] if added else [])]
    stages.append(SQLTransformer(statement=f"SELECT {', '.join(columns)} FROM __THIS__"))
    for stage in stages:
        name = f"{type(stage).__module__}.{type(stage).__qualname__}"
        if name not in ARTIFACT_STAGES:
            raise TypeError(f"{name} may not be part of a model; allowed are {', '.join(ARTIFACT_STAGES)}")
    return PipelineModel(stages)


def network_of(model: PipelineModel) -> TorchModel | None:
    """The stage of a model that holds its network (`spec`, `weights`), None where there is none."""
    from lakesmith_stages.transformers import TorchModel

    return next((stage for stage in flattened(model) if isinstance(stage, TorchModel)), None)


def slots(plan: FeaturePlan, feature_model: PipelineModel) -> tuple[SlotName, ...]:
    """The slots of FEATURES in order. Works on a model that was saved and loaded too."""
    return named_slots(plan.slots, feature_model)


def slot_names(plan: FeaturePlan, feature_model: PipelineModel) -> tuple[str, ...]:
    """The names of FEATURES' slots: `temp`, `temp missing`, `carrier=UA`, `carrier other`, `sched_dep.hour`."""
    return tuple(slot.name for slot in slots(plan, feature_model))


def importances(
    family: Family, model: Transformer, named: Sequence[SlotName], vectors: DataFrame | None = None
) -> list[tuple[str, float]]:
    """(slot, share), largest first; the shares add up to 1, or are all 0 where nothing matters.

    linear: |coefficient| × the slot's standard deviation in `vectors` (training rows with FEATURES; one job; without
    it |coefficient| alone), mean over classes. Spark's trees: their featureImportances (mean decrease of impurity).
    xgboost: total gain. Networks: how far their answers move when a slot's values are permuted.
    """
    weights = family.slot_weights(list(flattened(model))[-1], len(named), vectors)
    total = sum(weights)
    shares = (weight / total if total > 0 else 0.0 for weight in weights)
    return _largest_first(zip((slot.name for slot in named), shares, strict=True))


def importances_by_column(named: Sequence[SlotName], by_slot: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """(column, share) from `importances`: the slots of a column added up."""
    column, totals = {slot.name: slot.of for slot in named}, dict[str, float]()
    for slot, share in by_slot:
        totals[column[slot]] = totals.get(column[slot], 0.0) + share
    return _largest_first(totals.items())


def notes(feature_model: PipelineModel) -> tuple[str, ...]:
    """What the features found worth telling when they were fitted: capped categories, columns without values, …

    Known to the model as it came from `fit`; a saved one does not carry them.
    """
    told: list[str] = []
    for stage in feature_model.stages:
        found = getattr(stage, "_lakesmith_notes", ())
        told += [each(feature_model) if callable(each) else each for each in found]
    return tuple(dict.fromkeys(told))


def _check_names(gold: Names) -> None:
    for name in gold:
        if name in OUTPUTS:
            raise ConfigError(
                f"gold has a column '{name}', which is what a model's output is called",
                key="features",
                fix="Rename the column in a cleaning step.",
            )


def _refused(facts: RowFacts | None, weight: str | None) -> dict[str, str]:
    if facts is None:
        return {}
    refused = dict.fromkeys(facts.key, "part of the key")
    if weight is not None:
        refused[weight] = "the weight"
    if facts.label is not None:
        refused[facts.label] = "the label"
    return refused


def _refusal(name: str, why: str, key: str) -> ConfigError:
    return ConfigError(f"'{name}' is {why} and cannot be a feature", key=key, fix="Leave it out.")


def _part(draft: Draft, feature: int | None, rows: int, stages: int) -> PlanPart:
    """What the draft has beyond its first `rows` and `stages`."""
    return PlanPart(feature, dict(list(draft.rows.items())[rows:]), tuple(draft.stages[stages:]))


def _stages(draft: Draft) -> Iterator[Any]:
    from pyspark.ml.feature import SQLTransformer, VectorAssembler

    yield SQLTransformer(statement=select(draft.rows))
    yield from draft.stages
    columns = [slot.column for slot in draft.slots.values()]
    yield VectorAssembler(inputCols=columns, outputCol=FEATURES, handleInvalid="keep")


def _internal(stages: Sequence[Any]) -> list[str]:
    found: dict[str, None] = {}
    for stage in stages:
        if hasattr(stage, "getStatement"):
            found.update(dict.fromkeys(re.findall(rf" AS `({RESERVED}\w+)`", stage.getStatement())))
        elif stage.hasParam("outputCols") and stage.isDefined("outputCols"):
            found.update(dict.fromkeys(stage.getOutputCols()))
        elif stage.hasParam("outputCol") and not stage.hasParam("predictionCol"):
            found[stage.getOutputCol()] = None
    return list(found)


def _largest_first(pairs: Any) -> list[tuple[str, float]]:
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
