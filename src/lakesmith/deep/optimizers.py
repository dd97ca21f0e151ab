"""Optimizers: torch's own, by the names a project file calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from lakesmith.families.networks import Network


def optimizer(family: Network, network: torch.nn.Module) -> Any:
    """The family's optimizer over the parameters that learn."""
    learning = [each for each in network.parameters() if each.requires_grad]
    kind, more = {
        "adamw": (torch.optim.AdamW, {}),
        "adam": (torch.optim.Adam, {}),
        "adadelta": (torch.optim.Adadelta, {}),
        "sgd": (torch.optim.SGD, {"momentum": family.momentum}),
    }[family.optimizer]
    return kind(learning, lr=family.learning_rate, weight_decay=family.weight_decay, **more)
