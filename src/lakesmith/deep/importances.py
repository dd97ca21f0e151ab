"""How much each slot matters to a network: how far its answers move when the slot is exchanged among rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakesmith_stages.transformers import TorchModel

ROWS = 1_000
SEED = 0
MOST = 1_000  # permutations, each of them one more answer to all rows


def permuted(model: TorchModel, size: int, vectors: DataFrame | None) -> list[float]:
    """Of each slot the mean distance of probabilities (or predictions) before and after its values were permuted among
    up to ROWS training rows (after Breiman, 2001, without labels). The pixels of an image are permuted together and
    share alike; beyond MOST slots so do neighbours. One Spark job; 0 for each without rows."""
    import torch
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    from lakesmith.families import FEATURES
    from lakesmith_stages.network import opened

    if vectors is None:
        return [0.0] * size
    found = vectors.select(vector_to_array(F.col(FEATURES), "float32").alias("of")).limit(ROWS).collect()
    rows = np.array([row["of"] for row in found], dtype=np.float32)
    network, order = opened(model.spec, model.weights), np.random.default_rng(SEED).permutation(len(rows))

    def answers(of: Any) -> Any:
        with torch.inference_mode():
            _, probability, prediction = network.answers(torch.from_numpy(of))
        return (prediction[:, None] if probability is None else probability).numpy()

    before, weights = answers(rows), [0.0] * size
    for slots in _together(model.spec, size):
        changed = rows.copy()
        changed[:, slots] = rows[order][:, slots]
        moved = float(np.abs(answers(changed) - before).mean())
        for slot in slots:
            weights[slot] = moved / len(slots)
    return weights


def _together(spec: dict[str, Any], size: int) -> list[list[int]]:
    image = spec["image"]
    if image is None:
        step = math.ceil(size / MOST)
        return [list(range(first, min(first + step, size))) for first in range(0, size, step)]
    pixels = range(image["first"], image["first"] + image["height"] * image["width"] * image["channels"])
    return [list(pixels), *([slot] for slot in range(size) if slot not in pixels)]
