"""One of a list of values."""

from __future__ import annotations

from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from lakesmith.search import Space, Value


class Choice(Space):
    """One of `values`, each as likely as the others."""

    kind: Literal["choice"] = "choice"
    values: tuple[Value, ...] = Field(min_length=1, description="The values to choose from, each once.")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        # 1, 1.0 and true are equal in Python and three things in YAML.
        seen = [(type(each), each) for each in self.values]
        if len(set(seen)) < len(seen):
            raise ValueError("values holds one value twice")
        return self

    def grid(self) -> tuple[Value, ...]:
        return self.values

    def draw(self, rng: Random) -> Value:
        return self.values[rng.randrange(len(self.values))]

    def form(self) -> tuple[str, tuple[float, ...]]:
        return "choice", (len(self.values),)

    def value(self, number: float) -> Value:
        return self.values[int(number)]

    def number(self, value: object) -> float | None:
        places = [i for i, each in enumerate(self.values) if type(each) is type(value) and each == value]
        return places[0] if places else None
