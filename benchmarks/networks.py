"""How good the networks of conf/ are on scikit-learn's digits, without Spark: the projects' own families, the same
training.

`python benchmarks/networks.py` prints, for several seeds, each of which divides the images anew:
- the test accuracy of conf/digits_cnn.yml on a fifth of the images;
- conf/digits_transfer.yml against the same layers from scratch, on the same ten labels of each of the digits 5 to 9:
  with as many epochs, at the best of several learning rates; and with as many epochs as scratch needs to catch up.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from sklearn.datasets import load_digits

from lakesmith import project
from lakesmith.deep.networks import Statistics, designed
from lakesmith.deep.training import Lesson, train
from lakesmith.families import FEATURES, LABEL
from lakesmith.features import Slot
from lakesmith_stages.network import Network, packed

CONF = Path(__file__).parent.parent / "conf"
RATES = (0.001, 0.002, 0.003, 0.006, 0.01)
LABELS = 10  # of each class
PIXEL = Slot("pixels", "pixels", "pixels", False, is_vector=True, size=64, shape=(8, 8, 1))
Rows = tuple[Any, Any]


def main() -> None:
    """Prints the three comparisons."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=5)
    seeds = range(options.parse_args().seeds)
    loaded = load_digits()
    images, digits = loaded.images.reshape(-1, 64).astype("f4"), loaded.target
    print(f"digits_cnn: accuracy on a fifth of {len(images):,} images")
    told("digits_cnn", [accuracy(family("digits_cnn"), *divided(images, digits, seed), seed) for seed in seeds])

    low = digits <= 4
    base = Path(tempfile.mkdtemp()) / "base.pth"
    base.write_bytes(packed(learned(family("digits_base"), (images[low], digits[low]), 1).state_dict()))
    pairs = [few(images[~low], digits[~low] - 5, seed) for seed in seeds]
    transfer = family("digits_transfer")
    epochs = transfer.all_epochs
    print(f"5 to 9 from {LABELS} labels each, accuracy on the other images, {epochs} epochs")
    told("transfer", [accuracy(transfer, *pair, seed, base) for seed, pair in zip(seeds, pairs, strict=True)])
    scratch = {"base": None, "freeze": "all", "fine_tune": None}
    for count, rates in ((epochs, RATES), (15 * epochs, (0.003,))):
        for rate in rates:
            again = transfer.model_copy(update={**scratch, "epochs": count, "learning_rate": rate})
            found = [accuracy(again, *pair, seed) for seed, pair in zip(seeds, pairs, strict=True)]
            told(f"from scratch, {count} epochs, learning rate {rate}", found)


def family(name: str) -> Any:
    """The one family of a project."""
    return project.load(CONF / f"{name}.yml").families[0]


def divided(images: Any, digits: Any, seed: int) -> tuple[Rows, Rows]:
    """Four fifths of the images to learn from, and the others."""
    order = np.random.default_rng(seed).permutation(len(images))
    part, rest = order[len(order) // 5 :], order[: len(order) // 5]
    return (images[part], digits[part]), (images[rest], digits[rest])


def few(images: Any, digits: Any, seed: int) -> tuple[Rows, Rows]:
    """LABELS images of each class, and all the others."""
    random = np.random.default_rng(seed)
    part = np.concatenate([random.permutation(np.flatnonzero(digits == each))[:LABELS] for each in range(5)])
    rest = np.setdiff1d(np.arange(len(digits)), part)
    return (images[part], digits[part]), (images[rest], digits[rest])


def learned(of: Any, rows: Rows, seed: int, base: Path | None = None) -> Network:
    """The network after all epochs."""
    images, labels = rows
    statistics = Statistics(*(tuple(each.tolist()) for each in (images.mean(0), images.std(0), images.max(0))))
    design = designed(of, [PIXEL] * 64, statistics, int(labels.max()) + 1)
    with tempfile.TemporaryDirectory() as folder:
        table = pa.table({FEATURES: list(images), LABEL: labels.astype("f4")})
        pq.write_table(table, f"{folder}/rows.parquet")
        lesson = Lesson(
            of, design, f"{folder}/rows.parquet", folder, seed, False, last_epoch=of.all_epochs,
            base=None if base is None else str(base),
        )  # fmt: skip
        weights = train(lesson, lambda _epoch, _is_over: None).weights
    network = Network(design.spec)
    network.load_state_dict(weights)
    network.eval()
    return network


def accuracy(of: Any, part: Rows, rest: Rows, seed: int, base: Path | None = None) -> float:
    """The share of the other images that a network of the part names rightly."""
    network = learned(of, part, seed, base)
    with torch.inference_mode():
        predictions = network.answers(torch.from_numpy(rest[0]))[2].numpy()
    return float((predictions == rest[1]).mean())


def told(what: str, found: Sequence[float]) -> None:
    """One line: the mean, and each seed's."""
    print(f"  {np.mean(found):.4f}  {what}  ({', '.join(f'{each:.4f}' for each in found)})", flush=True)


if __name__ == "__main__":
    main()
