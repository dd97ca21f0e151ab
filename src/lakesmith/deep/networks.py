"""A network as data, from a family's layers and what the training rows say of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lakesmith.errors import ConfigError, DataError
from lakesmith.layers import Shape, compiled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakesmith.families import Fit
    from lakesmith.families.networks import Network
    from lakesmith.features import Slot


@dataclass(frozen=True)
class Statistics:
    """Of each number of FEATURES in the training rows: mean, standard deviation, largest; and of the label."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    largest: tuple[float, ...]
    label_mean: float = 0.0
    label_deviation: float = 1.0


@dataclass(frozen=True)
class Design:
    """A network before it has learned: its spec (see lakesmith_stages.network) and its buffers by name."""

    spec: dict[str, Any]
    buffers: dict[str, Any] = field(default_factory=dict)


def design(family: Network, fit: Fit) -> Design:
    """The network of a family for the rows of a fit; one Spark job. Raises ConfigError for layers that do not fit."""
    found = statistics(fit.vectors, is_regression=fit.sort == "regression")
    return designed(family, fit.slots(), found, fit.classes)


def designed(family: Network, slots: Sequence[Slot], of: Statistics, classes: int) -> Design:
    """The network for vectors with such slots; `classes` 0 for numbers."""
    image = _image(slots) if family.sees_images else None
    numbers = [i for i, each in enumerate(slots) if not each.is_category and (image is None or each.shape is None)]
    categories = [_category(family, i, int(of.largest[i])) for i, each in enumerate(slots) if each.is_category]
    joined = len(numbers) + sum(each["width"] for each in categories)
    image_layers, layers = family.divided()
    shape: Shape = (joined,)
    told_image: list[Any] = []
    buffers: dict[str, Any] = {
        "mean": [of.mean[i] for i in numbers],
        "deviation": [of.deviation[i] or 1.0 for i in numbers],
        "label_mean": of.label_mean,
        "label_deviation": of.label_deviation or 1.0,
    }
    if image is not None:
        told_image, flat = compiled(
            image_layers, (image["channels"], image["height"], image["width"]), family.activation
        )
        shape = (flat[0] + joined,)
        buffers |= _channels(image, of)
    if shape == (0,):
        raise DataError("the features make no number that a network could take", key="features")
    told, end = compiled(layers, shape, family.activation, first=len(image_layers))
    head = ("Linear", {"in_features": end[0], "out_features": classes or 1})
    spec = {
        "size": len(slots), "classes": classes, "image": image, "numbers": numbers, "categories": categories,
        "image_layers": told_image, "layers": told, "head": head,
    }  # fmt: skip
    return Design(spec, buffers)


def statistics(vectors: DataFrame, *, is_regression: bool) -> Statistics:
    """One Spark job over the vectors."""
    from pyspark.ml.stat import Summarizer
    from pyspark.sql import functions as F

    from lakesmith.families import FEATURES, LABEL

    metrics = Summarizer.metrics("mean", "std", "max").summary(F.col(FEATURES))
    row = vectors.agg(metrics.alias("of"), F.avg(LABEL).alias("mean"), F.stddev_pop(LABEL).alias("deviation")).first()
    if row is None or row["mean"] is None:
        raise DataError("there is no row to learn from")
    mean, deviation, largest = (tuple(float(x) for x in row["of"][name].toArray()) for name in ("mean", "std", "max"))
    label = (float(row["mean"]), float(row["deviation"] or 1.0)) if is_regression else (0.0, 1.0)
    return Statistics(mean, deviation, largest, *label)


def _category(family: Network, slot: int, largest: int) -> dict[str, int]:
    """Indexes up to the largest that was seen; how wide their vectors are by fast.ai's rule of thumb."""
    levels = largest + 1
    width = family.embedding_size or min(50, max(1, round(1.6 * levels**0.56)))
    return {"slot": slot, "levels": levels, "width": width}


def _image(slots: Sequence[Slot]) -> dict[str, int] | None:
    places = [i for i, each in enumerate(slots) if each.shape is not None]
    if not places:
        return None
    height, width, channels = slots[places[0]].shape or (0, 0, 0)
    if places != list(range(places[0], places[0] + height * width * channels)):
        raise ConfigError(
            "a selection of features has left pixels out of the image", key="features", fix="Put the image below it."
        )
    return {"first": places[0], "height": height, "width": width, "channels": channels}


def _channels(image: dict[str, int], of: Statistics) -> dict[str, list[float]]:
    """Mean and deviation of each channel over all its pixels: the mean variance and the variance of means."""
    import numpy as np

    size = image["height"] * image["width"] * image["channels"]
    part = slice(image["first"], image["first"] + size)
    means = np.array(of.mean[part]).reshape(-1, image["channels"])
    variances = np.array(of.deviation[part]).reshape(-1, image["channels"]) ** 2
    deviation = np.sqrt(variances.mean(axis=0) + means.var(axis=0))
    return {
        "image_mean": means.mean(axis=0).tolist(),
        "image_deviation": np.where(deviation > 0, deviation, 1.0).tolist(),
    }
