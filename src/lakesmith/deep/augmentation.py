"""Images changed by chance, as tensors; torch's own random numbers, so that a seed gives the same changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from lakesmith.families.cnn import Augmentation


def changed(features: Tensor, image: dict[str, Any], augment: Augmentation) -> Tensor:
    """The rows [n, slots] with the slots of their image changed; what a move leaves free repeats the border."""
    import torch
    from torch.nn import functional

    height, width, channels = image["height"], image["width"], image["channels"]
    part = slice(image["first"], image["first"] + height * width * channels)
    pixels = features[:, part].reshape(-1, height, width, channels).permute(0, 3, 1, 2)
    # The inverse of what is done to each image: which place of the old one a place of the new one shows.
    places = functional.affine_grid(
        _affine(len(pixels), augment, height / width), list(pixels.shape), align_corners=False
    )
    moved = functional.grid_sample(pixels, places.to(pixels), padding_mode="border", align_corners=False)
    found = features.clone()
    found[:, part] = moved.permute(0, 2, 3, 1).reshape(len(pixels), -1)
    return torch.as_tensor(found)


def _affine(count: int, augment: Augmentation, ratio: float) -> Tensor:
    """[count, 2, 3]: x and y of the old image from x, y and 1 of the new; both run from -1 to 1, x over the width and
    y over `ratio` times the width."""
    import torch

    def between(limit: float) -> Tensor:
        return (torch.rand(count) * 2 - 1) * limit

    def signs(is_on: bool) -> Tensor:
        return torch.where(torch.rand(count) < 0.5, -1.0, 1.0) if is_on else torch.ones(count)

    zero = torch.zeros(count)
    mirror, flip = signs(augment.mirror), signs(augment.flip)
    skew = torch.tan(between(math.radians(augment.skew))) * ratio
    across, down = between(2 * augment.shift), between(2 * augment.shift)
    rows = [torch.stack([mirror, skew, across], dim=1), torch.stack([zero, flip, down], dim=1)]
    return torch.stack(rows, dim=1)
