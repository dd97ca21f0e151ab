"""Search spaces in our own words: nine forms, the names of the field, no library behind them.

`low` and `high` of the log forms are values of the parameter itself (0.01 … 0.3), not exponents; `mean` and `stddev`
of the lognormal forms are those of the parameter's logarithm, as is usual. A form with a step `q` gives integers
where the step (and for `quniform` also `low`) is one.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from random import Random
from typing import Annotated

from pydantic import Field

from lakesmith.errors import ConfigError
from lakesmith.piece import Catalogue, Piece

Value = bool | int | float | str
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
FEW = 50  # a stepped form with more steps than this is no grid


class Space(Piece):
    """The values a search may give one parameter of a family.

    A search algorithm works on numbers (`form`): `value` turns such a number into the parameter's value and `number`
    is its inverse, so that a recorded trial can be told to the algorithm again.
    """

    def grid(self) -> tuple[Value, ...]:
        """Every value, in order, for a grid search. Raises ConfigError for a form without a short list of values."""
        raise ConfigError(
            f"{type(self).__name__} has no short list of values for a grid",
            fix="Name them: {kind: choice, values: [...]}, or search with tpe or random.",
        )

    def draw(self, rng: Random) -> Value:
        """One value by chance, for random search."""
        raise NotImplementedError

    def form(self) -> tuple[str, tuple[float, ...]]:
        """The distribution of the number behind the value: the form's usual name and its arguments, bounds of the log
        forms as logarithms. For choice: 'choice' and the count of values."""
        raise NotImplementedError

    def value(self, number: float) -> Value:
        """The parameter's value for a drawn number."""
        return float(number)

    def number(self, value: object) -> float | None:
        """The number behind a value; None where this space cannot give that value."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def steps(start: float, q: float, count: float) -> float | int:
    """`start` + `count` steps of `q`, reckoned in decimals (0.1 + 2 × 0.1 is 0.3); an int where both are integers."""
    exact = Decimal(repr(start)) + Decimal(repr(q)) * Decimal(round(count))
    return int(exact) if start.is_integer() and q.is_integer() else float(exact)


def multiple(number: float, q: float) -> float | int:
    """The multiple of `q` nearest to the number; an int where `q` is one."""
    return steps(0.0, q, number / q)


def steps_between(low: float, high: float, q: float) -> int:
    """How often `q` fits between low and high, reckoned in decimals."""
    return int((Decimal(repr(high)) - Decimal(repr(low))) // Decimal(repr(q)))


def multiples_between(low: float, high: float, q: float) -> tuple[int, int]:
    """The first and last multiple of `q` in [low, high], as counts of `q`; first > last when there is none."""
    step = Decimal(repr(q))
    first = (Decimal(repr(low)) / step).to_integral_value(ROUND_CEILING)
    last = (Decimal(repr(high)) / step).to_integral_value(ROUND_FLOOR)
    return int(first), int(last)


SPACES: Catalogue[Space] = Catalogue(Space)
AnySpace = Annotated[Space, SPACES]
