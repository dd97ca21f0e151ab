"""How far a training has come: written whole after every epoch, read again after a kill."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lakesmith_stages.network import packed, unpacked

FILE = "checkpoint.pth"


@dataclass(frozen=True)
class Epoch:
    """What an epoch came to: counted from 1; mean loss of its steps, metric on the validation rows (None in a final
    fit), training rows a second."""

    number: int
    loss: float
    metric: float | None
    rows_per_second: float


@dataclass
class Progress:
    """A training after some epochs. `best_weights` are those of `best`, the epoch with the best metric."""

    weights: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0
    best_weights: dict[str, Any] = field(default_factory=dict)
    is_over: bool = False

    def add(self, epoch: Epoch, weights: dict[str, Any], *, greater_is_better: bool, min_delta: float) -> None:
        """One more epoch. A metric that is no number is never the best."""
        self.weights = weights
        self.epochs.append(epoch)
        if epoch.metric is None or math.isnan(epoch.metric):
            return
        sign = 1.0 if greater_is_better else -1.0
        known = self.epochs[self.best - 1].metric if self.best else None
        if known is None or sign * (epoch.metric - known) > min_delta:
            self.best, self.best_weights = epoch.number, {name: each.clone() for name, each in weights.items()}

    def is_stale(self, patience: int) -> bool:
        """Whether the last `patience` epochs were none of them the best."""
        return len(self.epochs) - self.best >= patience

    def finish(self, folder: Path, *, is_best: bool) -> None:
        """Keeps what a finished training is asked for again: its epochs, and the weights that count."""
        self.optimizer = {}
        if is_best:
            self.weights = {}
        else:
            self.best_weights = {}
        self.save(folder)

    def told(self, last: int, first: int = 0) -> list[tuple[Epoch, bool]]:
        """The epochs from the `first` on, each with whether the training was over with it; `last` is how many it may
        have."""
        end = len(self.epochs) if self.is_over else last
        return [(each, each.number == end) for each in self.epochs[first:]]

    def save(self, folder: Path) -> None:
        """Writes the progress, whole or not at all."""
        content = packed({**vars(self), "epochs": [asdict(each) for each in self.epochs]})
        temporary = folder / f".{FILE}"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / FILE)


def stamp(folder: Path) -> int | None:
    """What changes with each epoch that is written; None before the first."""
    path = folder / FILE
    return path.stat().st_mtime_ns if path.is_file() else None


def known(folder: Path) -> Progress:
    """The progress in a folder; that of a training which has not begun where there is none."""
    path = folder / FILE
    if not path.is_file():
        return Progress()
    found = unpacked(path.read_bytes())
    return Progress(**{**found, "epochs": [Epoch(**each) for each in found["epochs"]]})
