"""Batch norm's averages where several shards make a batch: none of them is met after the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from lakesmith_stages.network import Network


class Averages:
    """The averages of the layers that learn at the moment.

    In a step each shard starts from what they were before it, and the mean of what the shards make of them counts. A
    mean over processes can wait for the end of an epoch: what a step does to an average is linear.
    """

    def __init__(self, network: Network, shards: int) -> None:
        every = (*network.image_layers.modules(), *network.layers.modules())
        self.buffers = [each for module in every if module.training for each in module.buffers(recurse=False)]
        self.shared = self.buffers if shards > 1 else []

    def now(self) -> list[Tensor]:
        """A copy of them; [] where one shard is the batch."""
        return [each.clone() for each in self.shared]

    def put(self, values: Sequence[Tensor]) -> None:
        """Sets them to such a copy."""
        for buffer, value in zip(self.shared, values, strict=True):
            buffer.copy_(value)

    def put_mean(self, of: Sequence[Sequence[Tensor]]) -> None:
        """Sets them to the mean of several; counts of batches, which are the same in all, stay whole."""
        self.put(
            [
                torch.stack(each).mean(dim=0) if each[0].is_floating_point() else each[0]
                for each in zip(*of, strict=True)
            ]
        )

    def join(self, world: int) -> None:
        """Sets them to the mean over all processes."""
        for each in self.buffers if world > 1 else ():
            if each.is_floating_point():
                torch.distributed.all_reduce(each)
                each /= world
