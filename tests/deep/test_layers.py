"""Layers: the shapes that are told without torch are those of torch's modules; what does not fit is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from examples.layers import EXAMPLES
from lakesmith.errors import ConfigError
from lakesmith.families.cnn import Cnn
from lakesmith.features.image import Image
from lakesmith.layers import AnyLayer, Layer, Shape, compiled

IMAGES = [(1, 8, 8), (3, 9, 7), (2, 20, 13)]
USUAL = [json.loads(each.model_dump_json()) for each in Cnn().layers]


def layers(*told: dict[str, Any]) -> list[Layer]:
    return [TypeAdapter(AnyLayer).validate_json(json.dumps(each), strict=True) for each in told]


@pytest.mark.parametrize("shape", [*IMAGES, (12,)], ids=str)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_gives_the_shape_that_torch_gives(kind: str, shape: Shape) -> None:
    takes_numbers, takes_images = kind not in ("convolution", "flatten", "average_pool", "max_pool"), kind != "dense"
    (layer,) = layers(EXAMPLES[kind])
    if not (takes_images if len(shape) == 3 else takes_numbers):
        with pytest.raises(ConfigError, match=r"flattened above|still an image"):
            compiled([layer], shape, "relu")
        return
    assert torch_shapes([layer], shape) == [layer.shape_after(shape)]


@pytest.mark.parametrize("shape", IMAGES, ids=str)
@pytest.mark.parametrize(
    "told",
    [
        USUAL,
        [{"kind": "convolution", "filters": 5, "size": 4, "padding": "none", "stride": 3}, {"kind": "flatten"}],
        [{"kind": "average_pool", "size": 3, "stride": 2}, {"kind": "convolution", "filters": 2, "size": 5},
         {"kind": "batch_norm"}, {"kind": "flatten"}, {"kind": "dense", "units": 3}, {"kind": "batch_norm"}],
        [{"kind": "convolution", "filters": 2, "size": 1, "activation": "none"}, {"kind": "max_pool", "size": 7}],
    ],
)  # fmt: skip
def test_a_stack_gives_the_shapes_that_torch_gives_layer_by_layer(told: list[dict[str, Any]], shape: Shape) -> None:
    stack, expected, here = layers(*told), [], shape
    for layer in stack:
        here = layer.shape_after(here)
        expected.append(here)
    assert torch_shapes(stack, shape) == expected


def torch_shapes(stack: list[Layer], shape: Shape) -> list[Shape]:
    """The shape of two rows after each layer's modules, without the rows."""
    import torch

    from lakesmith_stages.network import sequence

    found, values = [], torch.zeros(2, *shape)
    for layer in stack:
        modules, _ = compiled([layer], tuple(values.shape[1:]), "relu")
        values = sequence(modules)(values)
        found.append(tuple(values.shape[1:]))
    return found


@pytest.mark.parametrize(
    ("told", "key", "message"),
    [
        ([{"kind": "convolution", "filters": 1, "size": 9, "padding": "none"}], "layers[0].size", "a window of 9"),
        ([{"kind": "max_pool"}, {"kind": "max_pool", "size": 5}], "layers[1].size", "does not fit into 4 pixels"),
        ([{"kind": "average_pool", "size": 9}], "layers[0].size", "does not fit into 8 pixels"),
        ([{"kind": "max_pool"}, {"kind": "dense", "units": 3}], "layers[1].kind", "still an image"),
        ([{"kind": "flatten"}, {"kind": "convolution", "filters": 3}], "layers[1].kind", "was flattened above"),
        ([{"kind": "flatten"}, {"kind": "dense", "units": 3}, {"kind": "max_pool"}], "layers[2].kind", "flattened"),
        ([{"kind": "flatten"}, {"kind": "flatten"}], "layers[1].kind", "was flattened above"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_key(told: list[dict[str, Any]], key: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        compiled(layers(*told), (1, 8, 8), "relu")
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ([{"kind": "dense", "units": 3}, {"kind": "flatten"}], "layers[0].kind"),
        ([{"kind": "flatten"}, {"kind": "max_pool"}], "layers[1].kind"),
        ([{"kind": "flatten"}, {"kind": "dense", "units": 2}, {"kind": "convolution", "filters": 2}], "layers[2].kind"),
        ([{"kind": "max_pool", "size": 9}, {"kind": "flatten"}], "layers[0].size"),
        ([{"kind": "max_pool"}], "layers"),
        ([{"kind": "flatten"}, {"kind": "flatten"}], "layers"),
    ],
)
def test_validation_refuses_them_before_anything_is_learned(told: list[dict[str, Any]], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Cnn.model_validate({"layers": told}).check_features([Image(column="pixels", height=8, width=8)])
    assert refused.value.key == key


def test_a_window_with_padding_same_needs_a_middle() -> None:
    with pytest.raises(ValueError, match="an odd size"):
        layers({"kind": "convolution", "filters": 1, "size": 4})
