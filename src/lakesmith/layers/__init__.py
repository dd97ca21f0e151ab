"""Layers: what a network is made of, as modules of torch.nn with their arguments; torch itself is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from lakesmith.errors import ConfigError, located
from lakesmith.piece import Catalogue, Piece

Shape = tuple[int, ...]  # of one row: (channels, height, width) of an image, (numbers,) after it was flattened
Module = tuple[str, dict[str, Any]]  # the name of a class of torch.nn, and what it is made with
Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "none"]
_MODULES = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}  # fmt: skip


class Layer(Piece):
    """One step of a network, from a row's numbers to other numbers."""

    def modules(self, shape: Shape, activation: Activation) -> list[Module]:
        """The modules that take rows of `shape`. Raises ConfigError where it cannot (key = own field or kind)."""
        raise NotImplementedError

    def shape_after(self, shape: Shape) -> Shape:
        """The shape of what comes out."""
        return shape


def activated(activation: Activation) -> list[Module]:
    """The activation as a module; [] for `none`."""
    return [] if activation == "none" else [(_MODULES[activation], {})]


def need_image(shape: Shape) -> tuple[int, int, int]:
    """(channels, height, width). Raises ConfigError after a flatten."""
    if len(shape) != 3:
        raise ConfigError("the image was flattened above", key="kind", fix="Put it above `flatten`.")
    channels, height, width = shape
    return channels, height, width


def need_numbers(shape: Shape) -> int:
    """How many numbers a row has. Raises ConfigError while it is an image."""
    if len(shape) != 1:
        raise ConfigError("it takes numbers, and here is still an image", key="kind", fix="Put {kind: flatten} above.")
    return shape[0]


def slid(length: int, size: int, stride: int, padding: int, key: str) -> int:
    """How many places a window of `size` has along `length`. Raises ConfigError where it does not fit once."""
    if length + 2 * padding < size:
        raise ConfigError(f"a window of {size} does not fit into {length} pixels", key=key, fix="Make it smaller.")
    return (length + 2 * padding - size) // stride + 1


def compiled(
    layers: Sequence[Layer], shape: Shape, activation: Activation, first: int = 0
) -> tuple[list[Module], Shape]:
    """All modules in order, and the shape of what comes out. Raises ConfigError (key `layers[i]`, from `first` on)."""
    found: list[Module] = []
    for position, layer in enumerate(layers, start=first):
        with located(f"layers[{position}]"):
            found += layer.modules(shape, activation)
            shape = layer.shape_after(shape)
    return found, shape


LAYERS: Catalogue[Layer] = Catalogue(Layer)
AnyLayer = Annotated[Layer, LAYERS]
Rate = Annotated[float, Field(ge=0, lt=1)]
