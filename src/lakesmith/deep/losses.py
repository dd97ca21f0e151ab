"""Losses: what learning makes small, one value a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

    from lakesmith_stages.network import Network

_OF_NUMBERS = {
    "auto": functional.mse_loss,
    "squared_error": functional.mse_loss,
    "absolute_error": functional.l1_loss,
    "huber": functional.smooth_l1_loss,
}


def losses(name: str, network: Network, scores: Tensor, label: Tensor) -> Tensor:
    """The loss of each row [n], from the network's scores [n, outputs] and the label: the index of a class, or a
    number, which is counted in standard deviations from its mean."""
    if network.spec["classes"]:
        return functional.cross_entropy(scores, label.long(), reduction="none")
    wanted = (label.float() - network.label_mean) / network.label_deviation
    return _OF_NUMBERS[name](scores[:, 0], wanted, reduction="none")
