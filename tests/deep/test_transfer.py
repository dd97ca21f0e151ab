"""Transfer learning: what is taken over, what stays as it is, and what is no base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from deep.lessons import Heard, cnn, dnn, images, lesson, numbers, unheard, with_category
from lakesmith.deep.networks import designed
from lakesmith.deep.training import train
from lakesmith.deep.transfer import freeze, started
from lakesmith.errors import ConfigError
from lakesmith.families import AnyFamily
from lakesmith_stages.network import unpacked

LAYERS = {"hidden": (8, 4), "batch_norm": True, "dropout": 0.1}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A network that has learned a little."""
    found = train(lesson(tmp_path, dnn(**LAYERS, epochs=2), numbers(classes=2), name="base"), unheard)
    path = tmp_path / "base.pth"
    torch.save(found.weights, path)
    return path


def moved(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """What differs, by the first two parts of its name: `layers.0`, `embeddings.0`, `head.weight`."""
    return {".".join(name.split(".")[:2]) for name, each in one.items() if not torch.equal(each, other[name])}


def parts(family: Any, tmp_path: Path, base: Path, rows: Any) -> tuple[set[str], set[str]]:
    """What moved in the epochs of the first part, and in those of fine-tuning."""
    told = lesson(tmp_path, family, rows, name="tuned", base=str(base))
    heard = Heard(told.folder)
    train(told, heard)
    assert len(heard.weights) == family.all_epochs
    begun = heard.weights[0] | unpacked(base.read_bytes())
    return moved(begun, heard.weights[family.epochs - 1]), moved(heard.weights[family.epochs - 1], heard.weights[-1])


HEAD = {"head.weight", "head.bias"}
# Linear, ReLU, batch norm, dropout; and once more.
ALL = {"layers.0", "layers.2", "layers.4", "layers.6"}


@pytest.mark.parametrize(
    ("frozen", "learning"),
    [("all", set()), (2, set()), (9, set()), (1, {"layers.4", "layers.6"}), ("none", ALL), (0, ALL)],
)
def test_frozen_layers_and_their_averages_stay_until_fine_tuning(
    tmp_path: Path, base: Path, frozen: Any, learning: set[str]
) -> None:
    family = dnn(**LAYERS, epochs=2, base="b", freeze=frozen, fine_tune={"epochs": 2, "learning_rate": 0.01})
    first, second = parts(family, tmp_path, base, numbers(classes=2))
    assert first == HEAD | learning
    assert second == HEAD | ALL


def test_a_convolution_is_a_layer_too(tmp_path: Path) -> None:
    rows = images()
    whole = train(lesson(tmp_path, cnn(epochs=1), rows, name="base"), unheard)
    torch.save(whole.weights, tmp_path / "base.pth")
    family = cnn(epochs=1, base="b", freeze=2, fine_tune={"epochs": 1, "learning_rate": 0.01})
    first, second = parts(family, tmp_path, tmp_path / "base.pth", rows)
    assert first == HEAD | {"layers.0"}
    assert second == first | {"image_layers.0", "image_layers.2", "image_layers.4"}


def test_batch_norms_averages_are_among_what_stays(tmp_path: Path, base: Path) -> None:
    family = dnn(**LAYERS, epochs=2, base="b")
    told = lesson(tmp_path, family, numbers(classes=2), name="frozen", base=str(base))
    found, there = train(told, unheard).weights, unpacked(base.read_bytes())
    for name in ("layers.2.running_mean", "layers.2.running_var", "layers.2.num_batches_tracked"):
        assert torch.equal(found[name], there[name])
    assert there["layers.2.running_mean"].abs().sum() > 0


def test_all_but_the_head_and_the_label_is_taken_over(base: Path) -> None:
    rows = numbers(classes=0)
    family = dnn(hidden=(8,))
    design = designed(family, rows.slots, rows.statistics, 0)
    other = started(designed(family, rows.slots, numbers(classes=3, seed=5).statistics, 3), None)
    torch.save(other.state_dict(), base)
    torch.manual_seed(1)
    found = started(design, str(base))
    torch.manual_seed(1)
    anew = started(design, None)
    assert torch.equal(found.layers[0].weight, other.layers[0].weight)
    assert torch.equal(found.mean, other.mean)
    assert not torch.equal(found.mean, anew.mean)
    assert torch.equal(found.head.weight, anew.head.weight)
    assert found.label_mean == anew.label_mean == pytest.approx(rows.label.mean())


def test_without_a_base_everything_learns() -> None:
    rows = numbers()
    network = started(designed(dnn(**LAYERS), rows.slots, rows.statistics, 0), None)
    freeze(network, "all")
    assert not any(each.requires_grad for each in network.layers.parameters())
    freeze(network.train(), None)
    assert all(each.requires_grad for each in network.parameters())
    assert all(each.training for each in network.modules())


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ((16, 4), r"'layers\.0\.weight' of the base has the shape \[8, 3\], and \[16, 3\] is expected"),
        ((8, 4, 4), r"'layers\.8\.weight' of the base is missing, and \[4, 4\] is expected"),
    ],
)
def test_a_base_of_other_layers_is_refused_by_name(base: Path, hidden: tuple[int, ...], message: str) -> None:
    rows, family = numbers(classes=2), dnn(**{**LAYERS, "hidden": hidden})
    with pytest.raises(ConfigError, match=message) as refused:
        started(designed(family, rows.slots, rows.statistics, 2), str(base))
    assert refused.value.key == "base"


def test_categories_are_not_taken_over_for_theirs_have_other_numbers(base: Path) -> None:
    rows, family = with_category(), dnn(**LAYERS)
    with pytest.raises(ConfigError, match="the features hold categories, whose numbers are others") as refused:
        started(designed(family, rows.slots, rows.statistics, 2), str(base))
    assert refused.value.key == "base"


@pytest.mark.parametrize("content", ["code", "text", "list", "nothing", "whole network"])
def test_a_file_that_is_no_state_dict_is_refused(tmp_path: Path, content: str) -> None:
    rows, path = numbers(), tmp_path / "base.pth"
    if content in ("text", "nothing"):
        path.write_text("weights, 1, 2, 3" if content == "text" else "")
    else:
        torch.save({"code": Path.touch, "list": [1.0], "whole network": torch.nn.Linear(1, 1)}[content], path)
    with pytest.raises(ConfigError, match=r"base\.pth is no state dict of torch") as refused:
        started(designed(dnn(), rows.slots, rows.statistics, 0), str(path))
    assert refused.value.key == "base"


@pytest.mark.parametrize("frozen", [-1, True, "some", 1.5])
def test_a_number_of_layers_is_a_whole_number_from_zero(frozen: Any) -> None:
    told = {"kind": "dnn", "base": "b", "freeze": frozen}
    with pytest.raises(ValidationError, match="freeze"):
        TypeAdapter(AnyFamily).validate_json(json.dumps(told), strict=True)
