"""Transfer learning: a network that goes on from another one's layers, with a head of its own."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Literal

import torch

from lakesmith.errors import ConfigError
from lakesmith_stages.network import Network, unpacked

if TYPE_CHECKING:
    from lakesmith.deep.networks import Design

OWN = ("head.", "label_")  # what is never taken over


def started(design: Design, base: str | None) -> Network:
    """The network of a design; with the layers, and the means and deviations of its numbers, from a state dict."""
    network = Network(design.spec)
    network.load_state_dict({name: torch.tensor(value) for name, value in design.buffers.items()}, strict=False)
    if base is not None:
        if design.spec["categories"]:
            raise ConfigError(
                "the features hold categories, whose numbers are others than those of the base's training rows",
                key="base",
                fix="Leave `ordinal` features out of both networks, or give them {order: value}, or use one_hot.",
            )
        network.load_state_dict(_taken(network, base), strict=False)
    return network


def freeze(network: Network, layers: Literal["all", "none"] | int | None) -> None:
    """Keeps so many of the layers, from the first, as they are: they do not learn, and their averages do not move."""
    frozen = _frozen(network, 0 if layers in (None, "none") else layers)
    for each in network.parameters():
        each.requires_grad_(True)
    for module in frozen:
        module.eval()
        for each in module.parameters():
            each.requires_grad_(False)


def _frozen(network: Network, layers: Any) -> list[torch.nn.Module]:
    """The first so many layers that have something to learn, with all that stands before them."""
    every = [*network.image_layers, *network.layers]
    if not layers:
        return []
    if layers == "all":
        return every
    learning = [place for place, each in enumerate(every) if isinstance(each, torch.nn.Linear | torch.nn.Conv2d)]
    end = learning[layers] if layers < len(learning) else len(every)
    return every[:end]


def _taken(network: Network, base: str) -> dict[str, Any]:
    """What fits of a state dict. Raises ConfigError (key = base) for one that is of other layers."""
    found, own = _state(base), network.state_dict()
    wanted = {name: each for name, each in own.items() if not name.startswith(OWN)}
    for name, each in wanted.items():
        there = tuple(found[name].shape) if isinstance(found.get(name), torch.Tensor) else None
        if there != tuple(each.shape):
            told = "is missing" if there is None else f"has the shape {list(there)}"
            raise ConfigError(
                f"'{name}' of the base {told}, and {list(each.shape)} is expected",
                key="base",
                fix="Give this network the layers and features of its base.",
            )
    return {name: found[name] for name in wanted}


def _state(base: str) -> dict[str, Any]:
    """A state dict, of which nothing is run. Raises ConfigError (key = base) for a file that is none."""
    problem: Exception | None = None
    found: Any = None
    try:
        found = unpacked(Path(base).read_bytes())
    except (UnpicklingError, EOFError, RuntimeError) as error:
        problem = error
    if not isinstance(found, dict):
        raise ConfigError(
            f"{base} is no state dict of torch", key="base", fix="Write one: torch.save(network.state_dict(), path)."
        ) from problem
    return found
