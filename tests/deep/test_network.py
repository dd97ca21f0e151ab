"""The network that goes with a model: what it makes of a row's slots, and what it refuses to be made of."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from deep.lessons import cnn, images
from lakesmith.deep.networks import designed
from lakesmith_stages import network as networks
from lakesmith_stages.network import Network, opened, packed, unpacked


def spec(**parts: Any) -> dict[str, Any]:
    """A network of nothing but its head, over the parts that are told."""
    found = {"classes": 0, "image": None, "numbers": [], "categories": [], "image_layers": [], "layers": [], **parts}
    image = found["image"]
    pixels = image["height"] * image["width"] * image["channels"] if image else 0
    size = pixels + len(found["numbers"]) + sum(each["width"] for each in found["categories"])
    return {"head": ["Linear", {"in_features": size, "out_features": found["classes"] or 1}], **found}


def joined(network: Network, features: Any) -> Any:
    """What goes into the layers."""
    with torch.inference_mode():
        return torch.cat(list(network._parts(features)), dim=1)


def test_numbers_are_standardized_and_others_left_out() -> None:
    network = Network(spec(numbers=[2, 0]))
    network.load_state_dict({"mean": torch.tensor([10.0, 1.0]), "deviation": torch.tensor([5.0, 2.0])}, strict=False)
    rows = torch.tensor([[1.0, 99.0, 10.0], [5.0, 99.0, 0.0]])
    assert joined(network, rows).tolist() == [[0.0, 0.0], [-2.0, 2.0]]


def test_a_category_has_a_vector_and_indexes_that_were_not_there_have_zeros() -> None:
    network = Network(spec(categories=[{"slot": 0, "levels": 3, "width": 2}, {"slot": 1, "levels": 2, "width": 1}]))
    table = network.embeddings[0].weight
    rows = torch.tensor([[0.0, 0], [2.0, 1], [3.0, 2], [4.0, 7], [1e9, 0], [-1.0, -5]])
    found = joined(network, rows)
    assert found[0, :2].tolist() == table[0].tolist()
    assert found[1, :2].tolist() == table[2].tolist()
    assert found[2:, :2].abs().sum() == 0
    assert (found[:, 2] == 0).tolist() == [False, False, True, True, False, True]


def test_an_unseen_categorys_vector_stays_zero_while_others_learn() -> None:
    network = Network(spec(categories=[{"slot": 0, "levels": 2, "width": 3}]))
    steps = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1)
    before = network.embeddings[0].weight.detach().clone()
    for _ in range(3):
        steps.zero_grad()
        network(torch.tensor([[0.0], [1.0], [2.0], [9.0]])).sum().backward()
        steps.step()
    after = network.embeddings[0].weight
    assert (after[:2] != before[:2]).all()
    assert after[2].tolist() == [0, 0, 0]


def test_an_images_slots_are_in_the_order_row_column_channel() -> None:
    image = {"first": 1, "height": 2, "width": 3, "channels": 2}
    network = Network(spec(image=image))
    # Slot 100 × row + 10 × column + channel, after one number that is no pixel.
    told = [100 * row + 10 * column + channel for row in range(2) for column in range(3) for channel in range(2)]
    pixels = network.images(torch.tensor([[-1.0, *told]]))
    assert pixels.shape == (1, 2, 2, 3)
    assert pixels[0].tolist() == [
        [[100 * row + 10 * column + channel for column in range(3)] for row in range(2)] for channel in range(2)
    ]


def test_each_channel_is_standardized_by_its_own_mean_and_deviation() -> None:
    network = Network(spec(image={"first": 0, "height": 1, "width": 2, "channels": 2}))
    told = {"image_mean": torch.tensor([1.0, 10.0]), "image_deviation": torch.tensor([2.0, 5.0])}
    network.load_state_dict(told, strict=False)
    assert network.images(torch.tensor([[3.0, 20.0, 1.0, 5.0]])).tolist() == [[[[1.0, 0.0]], [[2.0, -1.0]]]]


def test_the_parts_are_joined_in_the_order_image_numbers_categories() -> None:
    network = Network(
        spec(image={"first": 1, "height": 1, "width": 1, "channels": 1}, numbers=[2],
             categories=[{"slot": 0, "levels": 1, "width": 1}])
    )  # fmt: skip
    vector = network.embeddings[0].weight[0].item()
    assert joined(network, torch.tensor([[0.0, 7.0, 8.0]])).tolist() == [[7.0, 8.0, vector]]


def test_answers_are_probabilities_for_classes_and_the_labels_unit_for_numbers() -> None:
    rows = torch.tensor([[1.0], [-2.0]])
    classes = Network(spec(numbers=[0], classes=3))
    scores, probability, prediction = classes.answers(rows)
    assert probability is not None
    assert torch.allclose(probability, torch.softmax(scores, dim=1))
    assert prediction.tolist() == scores.argmax(dim=1).tolist()
    line = Network(spec(numbers=[0]))
    line.load_state_dict({"label_mean": torch.tensor(100.0), "label_deviation": torch.tensor(4.0)}, strict=False)
    scores, probability, prediction = line.answers(rows)
    assert probability is None
    assert prediction.tolist() == pytest.approx((scores[:, 0] * 4 + 100).tolist())


@pytest.mark.parametrize("place", ["layers", "image_layers", "head"])
def test_a_module_that_is_not_allowed_is_refused(place: str) -> None:
    module = ["Bilinear", {"in1_features": 1, "in2_features": 1, "out_features": 1}]
    told = spec(numbers=[0], **{place: module if place == "head" else [module]})
    with pytest.raises(ValueError, match="'Bilinear' may not be part of a network; allowed are Linear, Dropout"):
        Network(told)


def test_weights_survive_and_code_among_them_is_refused(tmp_path: Path) -> None:
    network = Network(spec(numbers=[0, 1], classes=2))
    again = opened(network.spec, packed(network.state_dict()))
    assert not again.training
    assert torch.equal(again.head.weight, network.head.weight)

    witness = tmp_path / "ran"

    class Code:
        def __reduce__(self) -> Any:
            return Path.touch, (witness,)

    for content in (packed({"head.weight": Code()}), pickle.dumps({"head.weight": Code()}, 2)):
        with pytest.raises(pickle.UnpicklingError):
            unpacked(content)
        with pytest.raises(pickle.UnpicklingError):
            opened(network.spec, content)
    assert not witness.exists()


def test_rows_that_go_through_in_parts_get_the_answers_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = images(100)
    net = Network(designed(cnn(), rows.slots, rows.statistics, 2).spec).eval()
    whole = net.answers(torch.from_numpy(rows.features))
    seen = []
    forward = net.forward
    monkeypatch.setattr(net, "forward", lambda features: seen.append(len(features)) or forward(features))
    monkeypatch.setattr(networks, "NUMBERS_AT_ONCE", 36 * 40)
    for one, other in zip(whole, net.answers(torch.from_numpy(rows.features)), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert seen == [40, 40, 20]
    assert [len(each) for each in net.answers(torch.from_numpy(rows.features[:0]))] == [0, 0, 0]
