"""Feature pieces from dicts, and the slots of their vectors as plain lists."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import TypeAdapter
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from lakesmith.features import AnyFeature, Feature
from lakesmith.pipelines import FEATURES, FeaturePlan, feature_plan, slot_names
from lakesmith.splits import RowFacts

FACTS = RowFacts(key=("id",), label="label")


def feature(**fields: Any) -> Feature:
    return TypeAdapter(AnyFeature).validate_json(json.dumps(fields), strict=True)


def plan_of(features: list[Feature], df: DataFrame, accepts_missing: bool = True, **facts: Any) -> FeaturePlan:
    return feature_plan(features, df.schema, RowFacts(**{"key": ("id",), "label": "label", **facts}), accepts_missing)


def fit(features: list[Feature], train: DataFrame, accepts_missing: bool = True) -> tuple[FeaturePlan, PipelineModel]:
    plan = plan_of(features, train, accepts_missing)
    return plan, plan.pipeline().fit(train)


def slot_values(plan: FeaturePlan, model: PipelineModel, df: DataFrame) -> dict[str, list[float | None]]:
    """Slot → its value in each row, in the frame's order; None for NaN; rounded to 9 digits."""
    vectors = [row[0].toArray() for row in model.transform(df).select(FEATURES).collect()]
    names = slot_names(plan, model)
    assert all(len(names) == len(vector) for vector in vectors)
    return {name: [_plain(vector[i]) for vector in vectors] for i, name in enumerate(names)}


def learned(model: PipelineModel) -> list[str]:
    """Everything a fitted pipeline knows, stage by stage, in a form that can be compared."""
    told = []
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            told += learned(stage)
        else:
            params = {param.name: value for param, value in stage._paramMap.items()}  # defaults hold the stage's uid
            labels = getattr(stage, "labelsArray", None)
            told.append(f"{type(stage).__name__} {sorted(params.items(), key=str)} {labels}")
    return told


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 9)
