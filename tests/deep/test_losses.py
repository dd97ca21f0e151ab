"""Losses and optimizers are torch's own, by the names of a project file."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional

from deep.lessons import dnn, numbers
from lakesmith.deep.losses import losses
from lakesmith.deep.networks import designed
from lakesmith.deep.optimizers import optimizer
from lakesmith.deep.transfer import started


def network(classes: int = 0) -> Any:
    rows = numbers(classes=classes)
    return started(designed(dnn(), rows.slots, rows.statistics, classes), None)


@pytest.mark.parametrize(
    ("name", "of_torch"),
    [
        ("auto", functional.mse_loss),
        ("squared_error", functional.mse_loss),
        ("absolute_error", functional.l1_loss),
        ("huber", functional.huber_loss),
    ],
)
def test_a_loss_of_numbers_counts_in_the_labels_deviations(name: str, of_torch: Any) -> None:
    made = network()
    scores, label = torch.tensor([[0.0], [3.0], [-0.2]]), torch.tensor([90.0, 111.0, 100.0])
    wanted = (label - made.label_mean) / made.label_deviation
    found = losses(name, made, scores, label)
    assert made.label_deviation > 5
    assert torch.allclose(found, of_torch(scores[:, 0], wanted, reduction="none"))
    assert found.mean() == pytest.approx(of_torch(scores[:, 0], wanted).item())


@pytest.mark.parametrize("name", ["auto", "cross_entropy"])
def test_the_loss_of_classes_is_cross_entropy(name: str) -> None:
    scores, label = torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]), torch.tensor([2.0, 1.0])
    found = losses(name, network(classes=3), scores, label)
    assert found.tolist() == pytest.approx((-torch.log_softmax(scores, dim=1))[[0, 1], [2, 1]].tolist())
    assert found.mean() == pytest.approx(functional.cross_entropy(scores, label.long()).item())


@pytest.mark.parametrize(
    ("name", "of_torch", "more"),
    [
        ("adamw", "AdamW", {}),
        ("adam", "Adam", {}),
        ("adadelta", "Adadelta", {}),
        ("sgd", "SGD", {"momentum": 0.8}),
    ],
)
def test_an_optimizer_is_torchs_with_the_familys_settings(name: str, of_torch: str, more: dict[str, float]) -> None:
    family = dnn(optimizer=name, learning_rate=0.02, weight_decay=0.3, momentum=0.8)
    made = optimizer(family, network())
    assert type(made) is getattr(torch.optim, of_torch)
    defaults = getattr(torch.optim, of_torch)([torch.nn.Parameter(torch.zeros(1))]).defaults
    assert made.defaults == {**defaults, "lr": 0.02, "weight_decay": 0.3, **more}


def test_an_optimizer_moves_only_what_learns() -> None:
    made = network()
    for each in made.layers.parameters():
        each.requires_grad_(False)
    (group,) = optimizer(dnn(), made).param_groups
    assert [id(each) for each in group["params"]] == [id(each) for each in made.head.parameters()]
