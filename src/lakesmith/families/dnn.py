"""A network for tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from lakesmith.families.networks import Network
from lakesmith.layers import Layer
from lakesmith.layers.batch_norm import BatchNorm
from lakesmith.layers.dense import Dense
from lakesmith.layers.dropout import Dropout
from lakesmith.search import Space


class Dnn(Network):
    """A deep neural network for tables (torch): dense layers over numbers, and over a vector learned for each category.

    Categories are the columns of `ordinal` features in order of frequency; anything else is a number. What a network
    was not shown in training has the vector of zeros.
    """

    kind: Literal["dnn"] = "dnn"
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=65_536)], ...], Field(min_length=1)] = Field(
        (128, 64), description="Units of each dense layer, the first one first."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Share of a layer's numbers that are left out in each step.")
    batch_norm: bool = Field(False, description="Whether each layer's numbers are standardized over the batch.")

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.choice import Choice
        from lakesmith.search.loguniform import LogUniform
        from lakesmith.search.uniform import Uniform

        return {
            "learning_rate": LogUniform(low=1e-4, high=1e-2),
            "weight_decay": LogUniform(low=1e-6, high=1e-2),
            "dropout": Uniform(low=0.0, high=0.5),
            "batch_size": Choice(values=(128, 256, 512, 1024)),
        }

    def divided(self) -> tuple[Sequence[Layer], Sequence[Layer]]:
        found: list[Layer] = []
        for units in self.hidden:
            found.append(Dense(units=units))
            found += [BatchNorm()] if self.batch_norm else []
            found += [Dropout(rate=self.dropout)] if self.dropout else []
        return (), found
