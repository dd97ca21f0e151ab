"""A network as data: `network.json` names modules of torch.nn with their arguments, the weights are a state dict.

    network = Network(json.loads(Path("network.json").read_text()))
    network.load_state_dict(torch.load("state_dict.pth", weights_only=True))
    scores = network.eval()(features)       # float32 [n, size] → [n, outputs]

Nothing is unpickled: a network holds the modules of MODULES and no others.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

NUMBERS_AT_ONCE = 2**20  # that go through a network when it answers: an image's channels multiply them
MODULES = (
    *("Linear", "Dropout", "BatchNorm1d", "BatchNorm2d", "Conv2d", "MaxPool2d", "AvgPool2d", "Flatten"),
    *("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid"),
)


class Network(nn.Module):  # type: ignore[misc]
    """The network of a spec: features [n, size] → scores [n, outputs].

    `numbers` and `image` are slots that are standardized by the means and deviations in the buffers, `categories`
    slots with an index for which a vector is learned. The image goes through `image_layers`; what comes out is joined
    by the numbers and the vectors, goes through `layers`, and `head` makes the scores: one for each class, or the
    label in standard deviations from its mean.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__()
        self.spec = dict(spec)
        numbers, image = spec["numbers"], spec.get("image")
        channels = image["channels"] if image else 0
        self.register_buffer("mean", torch.zeros(len(numbers)))
        self.register_buffer("deviation", torch.ones(len(numbers)))
        self.register_buffer("image_mean", torch.zeros(channels))
        self.register_buffer("image_deviation", torch.ones(channels))
        self.register_buffer("label_mean", torch.zeros(()))
        self.register_buffer("label_deviation", torch.ones(()))
        self.embeddings = nn.ModuleList(
            # The last row stands for indexes that training never saw, and stays zero.
            nn.Embedding(each["levels"] + 1, each["width"], padding_idx=each["levels"])
            for each in spec["categories"]
        )
        self.image_layers = sequence(spec.get("image_layers", ()))
        self.layers = sequence(spec["layers"])
        self.head = sequence([spec["head"]])[0]

    def forward(self, features: Tensor) -> Tensor:
        """The scores of each row."""
        return self.head(self.layers(torch.cat(list(self._parts(features)), dim=1)))  # type: ignore[no-any-return]

    def _parts(self, features: Tensor) -> Any:
        if self.spec.get("image"):
            yield self.image_layers(self.images(features)).flatten(1)
        if self.spec["numbers"]:
            yield (features[:, self.spec["numbers"]] - self.mean) / self.deviation
        for told, embedding in zip(self.spec["categories"], self.embeddings, strict=True):
            index = features[:, told["slot"]].long()
            unseen = (index < 0) | (index > told["levels"])
            yield embedding(index.masked_fill(unseen, told["levels"]))

    def images(self, features: Tensor) -> Tensor:
        """The image of each row, standardized: [n, channels, height, width] of slots in the order row, column,
        channel."""
        image = self.spec["image"]
        height, width, channels = image["height"], image["width"], image["channels"]
        first, size = image["first"], height * width * channels
        pixels = features[:, first : first + size].reshape(-1, height, width, channels)
        return ((pixels - self.image_mean) / self.image_deviation).permute(0, 3, 1, 2)

    def answers(self, features: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """Scores, probabilities (None for numbers) and predictions: the index of the likeliest class, or the label in
        its own unit; float64. Rows go through in parts, whose size is bounded by their numbers."""
        rows = max(16, NUMBERS_AT_ONCE // features.shape[1])
        scores = torch.cat([self(part) for part in features.split(rows)]).double()
        if self.spec["classes"]:
            probabilities = torch.softmax(scores, dim=1)
            return scores, probabilities, probabilities.argmax(dim=1).double()
        return scores, None, scores[:, 0] * self.label_deviation.double() + self.label_mean.double()


def sequence(told: Sequence[Sequence[Any]]) -> nn.Sequential:
    """[["Linear", {"in_features": 8, …}], …] as modules. Raises ValueError for one that is not of MODULES."""
    for name, _ in told:
        if name not in MODULES:
            raise ValueError(f"'{name}' may not be part of a network; allowed are {', '.join(MODULES)}")
    return nn.Sequential(*(getattr(nn, name)(**arguments) for name, arguments in told))


def packed(state: Mapping[str, Any]) -> bytes:
    """A state dict as the bytes of a `.pth` file."""
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return buffer.getvalue()


def unpacked(content: bytes) -> dict[str, Any]:
    """The state dict of a `.pth` file's bytes: tensors and plain values, nothing that runs."""
    found: dict[str, Any] = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    return found


def opened(spec: Mapping[str, Any], content: bytes) -> Network:
    """The network with its weights, ready to answer."""
    network = Network(spec)
    network.load_state_dict(unpacked(content))
    network.eval()
    return network
