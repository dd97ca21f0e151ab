from __future__ import annotations

import json
import math
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from lakesmith.errors import ConfigError
from lakesmith.search import SPACES, AnySpace, Space
from tests.examples.spaces import EXAMPLES

ADAPTER: TypeAdapter[Space] = TypeAdapter(AnySpace)


def space(kind: str, **fields: Any) -> Space:
    return ADAPTER.validate_json(json.dumps({"kind": kind, **fields}), strict=True)


def draws(a_space: Space, count: int = 300) -> list[Any]:
    rng = Random(0)
    return [a_space.draw(rng) for _ in range(count)]


def test_there_are_nine_forms_and_each_has_an_example() -> None:
    assert set(SPACES.kinds) == set(EXAMPLES)
    assert len(EXAMPLES) == 9


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_drawn_value_comes_back_from_its_number(kind: str) -> None:
    example = space(**EXAMPLES[kind])
    for value in draws(example):
        number = example.number(value)
        assert number is not None
        again = example.value(number)
        assert again == value
        assert type(again) is type(value)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_the_same_seed_draws_the_same_values(kind: str) -> None:
    assert draws(space(**EXAMPLES[kind])) == draws(space(**EXAMPLES[kind]))


@pytest.mark.parametrize("kind", ["quniform", "qloguniform", "qnormal", "qlognormal"])
def test_integer_steps_give_integers(kind: str) -> None:
    assert {type(value) for value in draws(space(**EXAMPLES[kind]))} == {int}


def test_quniform_counts_its_steps_from_low_and_reaches_both_ends_evenly() -> None:
    depths = space("quniform", low=1, high=10, q=4)
    assert depths.grid() == (1, 5, 9)
    assert set(draws(depths)) == {1, 5, 9}
    assert depths.form() == ("quniform", (-0.5, 2.5, 1.0))  # half a step beyond each end
    assert [depths.value(number) for number in (-0.5, 0.49, 1.2, 2.5)] == [1, 1, 5, 9]


def test_quniform_steps_are_decimal() -> None:
    assert space("quniform", low=0.1, high=0.4, q=0.1).grid() == (0.1, 0.2, 0.3, 0.4)


def test_quniform_from_a_fraction_gives_floats() -> None:
    assert space("quniform", low=0.5, high=2.5, q=1).grid() == (0.5, 1.5, 2.5)


def test_qloguniform_stays_between_its_bounds() -> None:
    sizes = space("qloguniform", low=15, high=95, q=10)
    assert sizes.grid() == (20, 30, 40, 50, 60, 70, 80, 90)
    assert set(draws(sizes)) <= set(sizes.grid())
    assert [sizes.value(number) for number in (15.1, 14.0, 95.0)] == [20, 20, 90]


def test_loguniform_bounds_are_values_of_the_parameter() -> None:
    rates = draws(space("loguniform", low=0.01, high=1.0))
    assert 0.01 <= min(rates) < max(rates) <= 1.0
    assert 0.4 < sum(rate < 0.1 for rate in rates) / len(rates) < 0.6
    assert space("loguniform", low=0.01, high=0.3).value(0.3000000000000001) == 0.3


def test_choice_keeps_types_apart() -> None:
    mixed = space("choice", values=[1, True, "1", 1.5])
    assert [type(value) for value in mixed.grid()] == [int, bool, str, float]
    assert mixed.number(True) == 1
    assert mixed.number("other") is None


@pytest.mark.parametrize("kind", ["uniform", "loguniform", "normal", "qnormal", "lognormal", "qlognormal"])
def test_a_form_without_a_short_list_is_no_grid(kind: str) -> None:
    with pytest.raises(ConfigError, match="choice"):
        space(**EXAMPLES[kind]).grid()


@pytest.mark.parametrize("high", [1000, 60])
def test_too_many_steps_are_no_grid(high: int) -> None:
    with pytest.raises(ConfigError, match="no short list"):
        space("quniform", low=1, high=high).grid()


@pytest.mark.parametrize("value", ["deep", True, None, math.nan, 99])
def test_a_value_outside_the_space_has_no_number(value: object) -> None:
    assert space("quniform", low=3, high=10).number(value) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "choice", "values": []},
        {"kind": "choice", "values": [1, 1]},
        {"kind": "uniform", "low": 1, "high": 1},
        {"kind": "quniform", "low": 1, "high": 1.5},
        {"kind": "quniform", "low": 1, "high": 5, "q": 0},
        {"kind": "loguniform", "low": 0, "high": 1},
        {"kind": "qloguniform", "low": 11, "high": 19, "q": 10},
        {"kind": "normal", "mean": 0, "stddev": 0},
        {"kind": "uniform", "low": "0", "high": 1},
    ],
)
def test_an_impossible_space_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        space(**wrong)
