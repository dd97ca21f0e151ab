"""The names of a feature vector's slots, read from the fitted stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lakesmith.features import Slot
from lakesmith.features.drafts import MISSING

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel, Transformer


@dataclass(frozen=True)
class SlotName:
    """One number of the feature vector: its name in the user's words, and the user's column it tells about."""

    name: str
    of: str


Number = tuple[Slot, SlotName]


def named_slots(slots: Sequence[Slot], feature_model: PipelineModel) -> tuple[SlotName, ...]:
    """One name for each number of the vector, in order."""
    return tuple(name for _, name in _numbers(slots, feature_model))


def slot_of_each(slots: Sequence[Slot], feature_model: PipelineModel) -> tuple[Slot, ...]:
    """The slot that each number of the vector belongs to, in order."""
    return tuple(slot for slot, _ in _numbers(slots, feature_model))


def _numbers(slots: Sequence[Slot], feature_model: PipelineModel) -> list[Number]:
    labels, kept = _vector_labels(feature_model), _kept(feature_model)
    return [number for slot in slots for number in _numbers_of(slot, labels, kept)]


def _numbers_of(slot: Slot, labels: dict[str, list[str]], kept: dict[str, list[int]]) -> list[Number]:
    if slot.parts:
        every = [number for part in slot.parts for number in _numbers_of(part, labels, kept)]
        return [every[position] for position in kept.get(slot.column, range(len(every)))]
    if slot.size:
        names = [f"{slot.name} {number}" for number in range(1, slot.size + 1)]
    else:
        names = [f"{slot.name}{label}" for label in labels[slot.column]] if slot.is_vector else [slot.name]
    return [(slot, SlotName(name, slot.of)) for name in names]


def _kept(feature_model: PipelineModel) -> dict[str, list[int]]:
    """Vector column → the positions that a selection left of the vector it chose from."""
    stages: list[Any] = [each for each in flattened(feature_model) if type(each).__name__ == "VectorSlicer"]
    return {stage.getOutputCol(): list(stage.getIndices()) for stage in stages}


def flattened(model: Transformer) -> Iterator[Transformer]:
    """The stages of a pipeline, and of pipelines inside it, in order."""
    from pyspark.ml import PipelineModel

    if isinstance(model, PipelineModel):
        for stage in model.stages:
            yield from flattened(stage)
    else:
        yield model


def _vector_labels(feature_model: PipelineModel) -> dict[str, list[str]]:
    """Vector column → what each of its slots stands for, behind the column's name."""
    labels: dict[str, list[str]] = {}
    stage: Any
    for stage in flattened(feature_model):
        kind = type(stage).__name__
        if kind == "StringIndexerModel":
            for column, values in zip(stage.getOutputCols(), stage.labelsArray, strict=True):
                labels[column] = [" missing" if v == MISSING else f"={v}" for v in values] + [" other"]
        elif kind == "Bucketizer":
            for column, edges in zip(stage.getOutputCols(), stage.getSplitsArray(), strict=True):
                labels[column] = [f" in [{a:g}, {b:g})" for a, b in pairwise(edges)] + [" missing"]
        elif kind == "OneHotEncoderModel":
            for source, column in zip(stage.getInputCols(), stage.getOutputCols(), strict=True):
                labels[column] = labels[source]
        elif kind == "FeatureHasher":
            labels[stage.getOutputCol()] = [f"[{position}]" for position in range(stage.getNumFeatures())]
        elif kind == "CountVectorizerModel":
            labels[stage.getOutputCol()] = [f"={word}" for word in stage.vocabulary]
        elif kind == "Interaction":
            labels[stage.getOutputCol()] = labels[stage.getInputCols()[1]]
    return labels
