"""Small trainings on Parquet that pyarrow has written: problems, judges and lessons, without Spark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from deep.tables import write
from lakesmith.deep.networks import Statistics, designed
from lakesmith.families import FEATURES, LABEL, WEIGHT
from lakesmith.families.cnn import Cnn
from lakesmith.families.dnn import Dnn
from lakesmith.families.networks import Network
from lakesmith.features import Slot

if TYPE_CHECKING:
    from lakesmith.deep.checkpoints import Epoch, Progress

Array = Any  # np.ndarray


class Ended(Exception):
    """What a report raises to end a training."""


def dnn(**fields: Any) -> Dnn:
    """A small network for tables, without dropout."""
    small = {"hidden": (16,), "dropout": 0.0, "epochs": 3, "batch_size": 32, "learning_rate": 0.01, "engine": "pyarrow"}
    return Dnn(**{**small, **fields})


def cnn(**fields: Any) -> Cnn:
    """A small network for images of 6 × 6 pixels."""
    layers = (
        {"kind": "convolution", "filters": 4}, {"kind": "batch_norm"}, {"kind": "max_pool"},
        {"kind": "convolution", "filters": 4}, {"kind": "flatten"}, {"kind": "dense", "units": 8},
    )  # fmt: skip
    small = {"layers": layers, "epochs": 3, "batch_size": 32, "learning_rate": 0.01, "engine": "pyarrow"}
    return Cnn(**{**small, **fields})


def number(name: str) -> Slot:
    return Slot(name, name, name, can_be_missing=False)


def category(name: str) -> Slot:
    return Slot(name, name, name, can_be_missing=False, is_category=True)


def pixels(height: int, width: int, channels: int = 1) -> tuple[Slot, ...]:
    shape = (height, width, channels)
    return tuple(Slot("p", "p", "p", can_be_missing=False, shape=shape) for _ in range(math.prod(shape)))


@dataclass(frozen=True)
class Rows:
    """What is learned from: features [n, slots], label [n], weight [n] or None."""

    features: Array
    label: Array
    weight: Array | None = None
    slots: Sequence[Slot] = ()
    classes: int = 0

    @property
    def sort(self) -> str:
        return "regression" if not self.classes else "binary" if self.classes == 2 else "multiclass"

    @property
    def statistics(self) -> Statistics:
        of, label = self.features, self.label
        by_slot = (of.mean(axis=0), of.std(axis=0, ddof=1), of.max(axis=0))
        told = (float(label.mean()), float(label.std())) if not self.classes else (0.0, 1.0)
        return Statistics(*(tuple(float(x) for x in each) for each in by_slot), *told)


def numbers(rows: int = 192, classes: int = 0, seed: int = 1) -> Rows:
    """A line over three numbers far from 0 and 1; or which of them, or of the first two, is the largest."""
    features = np.random.default_rng(seed).normal(5.0, 3.0, (rows, 3)).astype("f4")
    label = features @ np.array([3.0, -2.0, 0.5]) + 100 if not classes else features[:, :classes].argmax(axis=1)
    return Rows(features, label.astype("f4"), slots=[number(f"x{i}") for i in range(3)], classes=classes)


def with_category(rows: int = 192) -> Rows:
    """As `numbers` with two classes; a category beside them tells nothing."""
    found = numbers(rows, classes=2)
    town = (np.arange(rows) % 4).astype("f4")[:, None]
    return Rows(np.hstack([found.features, town]), found.label, slots=[*found.slots, category("town")], classes=2)


def images(rows: int = 192, seed: int = 2) -> Rows:
    """6 × 6 pixels of noise, with a bright square in the upper or in the lower half."""
    draw = np.random.default_rng(seed)
    found, label = draw.normal(0, 0.3, (rows, 6, 6)).astype("f4"), draw.integers(2, size=rows)
    for place, is_low in enumerate(label):
        column = draw.integers(4)
        found[place, 4 * is_low : 4 * is_low + 2, column : column + 2] += 3
    return Rows(found.reshape(rows, 36), label.astype("f4"), slots=pixels(6, 6), classes=2)


def written(folder: Path, rows: Rows, counts: Sequence[int] = ()) -> str:
    """The rows as a table, one row group for each of `counts`."""
    ends = np.cumsum(counts) if counts else [len(rows.label)]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        columns = {FEATURES: pa.array(list(rows.features[start:end])), LABEL: rows.label[start:end]}
        if rows.weight is not None:
            columns[WEIGHT] = rows.weight[start:end]
        write(folder, columns, name=f"{start:06}.parquet")
    return str(folder)


def lesson(folder: Path, family: Network, rows: Rows, *, name: str = "fit", **more: Any) -> Any:
    """A lesson on the rows, which lie once in the folder for all lessons there; its own progress is in `name`."""
    import torch

    from lakesmith.deep.training import Lesson

    torch.set_num_threads(1)  # threads would wait for each other longer than such small networks take
    own = folder / name
    own.mkdir()
    counts = more.pop("counts", None) or [len(each) for each in np.array_split(rows.label, family.parts)]
    table = folder / f"rows-{'-'.join(map(str, counts))}"
    if more.get("judge") is not None:
        more = {"validation": written(folder / "validation", rows), **more}
    return Lesson(
        family=family, design=designed(family, rows.slots, rows.statistics, rows.classes), seed=7,
        rows=str(table) if table.exists() else written(table, rows, counts), folder=str(own),
        is_weighted=rows.weight is not None, **more,
    )  # fmt: skip


def unheard(_epoch: Epoch, _is_over: bool) -> None:
    """A report that ends nothing."""


def ended_after(number: int) -> Callable[[Epoch, bool], None]:
    def report(epoch: Epoch, _is_over: bool) -> None:
        if epoch.number == number:
            raise Ended

    return report


def are_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two state dicts are the same, bit by bit."""
    import torch

    assert one.keys() == other.keys()
    return all(torch.equal(each, other[name]) for name, each in one.items())


def error(label: Array, prediction: Array, probability: Array | None) -> float:
    """The root of the mean squared error, in standard deviations of the label."""
    assert probability is None
    return float(np.sqrt(((prediction - label) ** 2).mean()) / label.std())


def accuracy(label: Array, prediction: Array, probability: Array) -> float:
    assert probability.shape[0] == len(label)
    assert (probability.argmax(axis=1) == prediction).all()
    return float((prediction == label).mean())


@dataclass
class Told:
    """A judge that gives one value after the other, whatever it is shown."""

    values: Sequence[float]
    asked: int = 0

    def __call__(self, *_answers: Array) -> float:
        self.asked += 1
        return self.values[self.asked - 1]


@dataclass
class Heard:
    """A report that keeps the epochs, which of them were the last, and the weights after each."""

    folder: str
    epochs: list[Epoch] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    weights: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, epoch: Epoch, is_over: bool) -> None:
        from lakesmith.deep import checkpoints

        kept: Progress = checkpoints.known(Path(self.folder))
        self.epochs.append(epoch)
        self.last += [epoch.number] if is_over else []
        self.weights.append(kept.weights)
