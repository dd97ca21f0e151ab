"""A network for images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.errors import ConfigError
from lakesmith.families.networks import Network
from lakesmith.features import Feature
from lakesmith.layers import AnyLayer, Layer, compiled
from lakesmith.layers.convolution import Convolution
from lakesmith.layers.dense import Dense
from lakesmith.layers.dropout import Dropout
from lakesmith.layers.flatten import Flatten
from lakesmith.layers.max_pool import MaxPool
from lakesmith.search import Space


class Augmentation(BaseModel):
    """How training images are changed, by chance and anew in every epoch, so that a network sees more than there is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mirror: bool = Field(False, description="Every second image is exchanged left and right.")
    flip: bool = Field(False, description="Every second image is put upside down.")
    skew: float = Field(0.0, ge=0, lt=60, description="Largest angle by which it is sheared sideways, in degrees.")
    shift: float = Field(0.0, ge=0, lt=1, description="Largest way it is moved, as a share of its width and height.")

    @property
    def changes(self) -> bool:
        """Whether it does anything."""
        return self.mirror or self.flip or self.skew > 0 or self.shift > 0


def _usual() -> tuple[Layer, ...]:
    return (
        Convolution(filters=32), Convolution(filters=32), MaxPool(), Dropout(rate=0.25),
        Flatten(), Dense(units=128), Dropout(rate=0.5),
    )  # fmt: skip


class Cnn(Network):
    """A convolutional network for the column of an `image` feature (torch), with convolutions and pooling up to
    `flatten`, where the row's other features join, and dense layers after it."""

    sees_images: ClassVar[bool] = True
    kind: Literal["cnn"] = "cnn"
    layers: tuple[AnyLayer, ...] = Field(default_factory=_usual, description="The layers, the first one first.")
    augment: Augmentation = Field(default_factory=Augmentation, description="How training images are changed.")

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.choice import Choice
        from lakesmith.search.loguniform import LogUniform

        return {
            "learning_rate": LogUniform(low=3e-4, high=1e-2),
            "weight_decay": LogUniform(low=1e-6, high=1e-2),
            "batch_size": Choice(values=(32, 64, 128)),
        }

    def check_features(self, features: Sequence[Feature]) -> None:
        images = [each.image() for each in features if each.image() is not None]
        if len(images) != 1 or images[0] is None:
            raise ConfigError(
                f"a cnn looks at one image, and the features make {len(images)}",
                key="kind",
                fix="Add one feature {kind: image, column: …, height: …, width: …}; for a table take dnn.",
            )
        height, width, channels = images[0]
        image, rest = self.divided()
        _, shape = compiled(image, (channels, height, width), self.activation)
        compiled(rest, shape, self.activation, first=len(image))  # other features only make it longer

    def divided(self) -> tuple[Sequence[Layer], Sequence[Layer]]:
        """The layers up to `flatten`, and those after it. Raises ConfigError (key = layers) unless there is one."""
        places = [i for i, each in enumerate(self.layers) if isinstance(each, Flatten)]
        if len(places) != 1:
            raise ConfigError(
                f"expected one {{kind: flatten}} among the layers, found {len(places)}",
                key="layers",
                fix="Put one between the convolutions and the dense layers.",
            )
        return self.layers[: places[0] + 1], self.layers[places[0] + 1 :]

    def changed(self, features: Any, spec: dict[str, Any]) -> Any:
        if not self.augment.changes:
            return features
        from lakesmith.deep.augmentation import changed

        return changed(features, spec["image"], self.augment)
