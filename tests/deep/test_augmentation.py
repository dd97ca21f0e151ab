"""Augmentation: what is done to images, and to nothing else of a row."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lakesmith.deep.augmentation import changed
from lakesmith.families.cnn import Augmentation, Cnn

HEIGHT, WIDTH, CHANNELS = 5, 4, 2
IMAGE = {"first": 1, "height": HEIGHT, "width": WIDTH, "channels": CHANNELS}
PIXELS = slice(1, 1 + HEIGHT * WIDTH * CHANNELS)


def rows(count: int = 64) -> Any:
    """Images of noise between two numbers."""
    return torch.rand(count, HEIGHT * WIDTH * CHANNELS + 2, generator=torch.Generator().manual_seed(1))


def images(features: Any) -> Any:
    """[n, row, column, channel]"""
    return features[:, PIXELS].reshape(-1, HEIGHT, WIDTH, CHANNELS)


def done(features: Any, seed: int = 3, **augment: Any) -> Any:
    torch.manual_seed(seed)
    return changed(features, IMAGE, Augmentation(**augment))


@pytest.mark.parametrize(("name", "axis"), [("mirror", 2), ("flip", 1)])
def test_about_every_second_image_is_turned_round(name: str, axis: int) -> None:
    before = rows(200)
    after = images(done(before, **{name: True}))
    same = torch.isclose(after, images(before), atol=1e-5).all(dim=(1, 2, 3))
    turned = torch.isclose(after, images(before).flip(axis), atol=1e-5).all(dim=(1, 2, 3))
    assert (same ^ turned).all()
    assert 70 < turned.sum() < 130


def test_nothing_is_the_identity() -> None:
    before = rows()
    assert torch.allclose(done(before, shift=0.0, skew=0.0), before, atol=1e-5)
    assert Cnn().changed(before, {"image": IMAGE}) is before


@pytest.mark.parametrize("augment", [{"mirror": True}, {"flip": True}, {"skew": 20.0}, {"shift": 0.3}])
def test_one_seed_gives_the_same_images_and_other_slots_stay(augment: dict[str, Any]) -> None:
    before = rows()
    kept = before.clone()
    after = done(before, **augment)
    assert torch.equal(after, done(before, **augment))
    assert not torch.equal(after, done(before, seed=4, **augment))
    assert not torch.equal(after[:, PIXELS], before[:, PIXELS])
    assert torch.equal(after[:, [0, -1]], before[:, [0, -1]])
    assert torch.equal(before, kept)


def centre(image: Any) -> tuple[float, float]:
    """Row and column of an image's mass."""
    down, across = torch.arange(image.shape[0]).float(), torch.arange(image.shape[1]).float()
    mass = image.sum()
    return float((image.sum(1) * down).sum() / mass), float((image.sum(0) * across).sum() / mass)


def test_a_shift_moves_by_at_most_its_share_of_height_and_width() -> None:
    image = {"first": 0, "height": 40, "width": 20, "channels": 1}
    dot = torch.zeros(1, 40, 20)
    dot[0, 20, 10] = 1.0
    torch.manual_seed(3)
    moved = changed(dot.reshape(1, -1).repeat(300, 1), image, Augmentation(shift=0.2)).reshape(-1, 40, 20)
    places = [centre(each) for each in moved]
    down, across = (torch.tensor(each) - there for each, there in zip(zip(*places, strict=True), (20, 10), strict=True))
    assert 7 < down.abs().max() <= 8 + 1e-3
    assert 3.5 < across.abs().max() <= 4 + 1e-3
    assert min(down.min(), across.min()) < 0 < max(down.max(), across.max())


@pytest.mark.parametrize(("height", "width"), [(40, 40), (40, 80), (80, 40)])
def test_a_skew_has_at_most_its_angle_whatever_the_shape(height: int, width: int) -> None:
    line = torch.zeros(height, width)
    line[:, width // 2 - 1 : width // 2 + 1] = 1.0
    image = {"first": 0, "height": height, "width": width, "channels": 1}
    torch.manual_seed(3)
    moved = changed(line.reshape(1, -1).repeat(200, 1), image, Augmentation(skew=15)).reshape(-1, height, width)
    across = torch.arange(width).float()
    top, bottom = ((moved[:, row] * across).sum(1) / moved[:, row].sum(1) for row in (2, height - 3))
    angles = torch.rad2deg(torch.atan((bottom - top) / (height - 5)))
    assert 14 < angles.abs().max() < 15.1
    assert angles.min() < 0 < angles.max()
