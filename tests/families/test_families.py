"""Laws that every family keeps, over the examples of all kinds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from examples.families import EXAMPLES
from lakesmith.errors import ConfigError
from lakesmith.families import FAMILIES, AnyFamily, Family

KINDS = sorted(EXAMPLES)


def family(**fields: Any) -> Family:
    return TypeAdapter(AnyFamily).validate_json(json.dumps(fields), strict=True)


def test_every_kind_has_an_example() -> None:
    assert list(FAMILIES.kinds) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_family_survives_the_round_trip_through_its_yaml(kind: str) -> None:
    piece = family(**EXAMPLES[kind])
    assert family(**json.loads(piece.model_dump_json())) == piece


@pytest.mark.parametrize("kind", KINDS)
def test_the_own_search_space_gives_values_that_the_family_accepts(kind: str) -> None:
    from random import Random

    piece, rng = family(kind=kind), Random(7)
    assert piece.space()
    for _ in range(20):
        drawn = {name: space.draw(rng) for name, space in piece.space().items()}
        changed = piece.with_params(drawn)
        assert {name: changed.params()[name] for name in drawn} == drawn


def test_a_given_search_space_replaces_the_own_one() -> None:
    assert set(family(kind="linear", search={"max_iter": {"kind": "choice", "values": [5]}}).space()) == {"max_iter"}
    assert family(kind="linear", search={}).space() == {}


def test_a_search_space_of_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="Did you mean 'max_depth'"):
        family(kind="gbt", search={"max_deep": {"kind": "choice", "values": [5]}})


def test_a_parameter_value_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as raised:
        family(kind="xgboost").with_params({"learning_rate": 2.0})
    assert raised.value.key == "learning_rate"
    with pytest.raises(ConfigError, match="Did you mean 'learning_rate'"):
        family(kind="xgboost").with_params({"learning_rat": 0.1})


def test_a_whole_number_given_as_a_float_is_taken() -> None:
    assert family(kind="xgboost").with_params({"max_depth": 4.0}).params()["max_depth"] == 4


def test_changed_parameters_keep_the_search_space() -> None:
    piece = family(kind="xgboost", search={"max_depth": {"kind": "choice", "values": [3, 4]}})
    assert piece.with_params({"max_depth": 3}).space() == piece.space()


def test_gbt_refuses_many_classes_and_names_what_takes_them() -> None:
    with pytest.raises(ConfigError, match="xgboost or random_forest"):
        family(kind="gbt").check_sort("multiclass")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 255, "shards": 2}, "a batch must divide into shards"),
        ({"batch_size": 256, "shards": 3, "processes": 2}, "a batch must divide into shards"),
        ({"batch_size": 2, "shards": 2, "batch_norm": True, "search": {}}, "which batch_norm cannot standardize"),
        ({"schedule": {"kind": "cosine", "warmup_epochs": 20}}, "the rate rises over 20 of 20 epochs"),
        ({"fine_tune": {"epochs": 1}}, "there is no base to go on from"),
        ({"loss": "squared_error"}, "squared_error is no loss for a binary task"),
        (
            {"batch_size": 96, "shards": 3, "search": {"batch_size": {"kind": "choice", "values": [48, 64]}}},
            "batch_size 96, 48, 64, shards 3",
        ),
    ],
)
def test_a_network_refuses_keys_that_do_not_go_together(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        family(kind="dnn", **fields).check_sort("binary")


def test_a_networks_own_search_has_only_batches_that_divide() -> None:
    piece = family(kind="dnn", shards=3, batch_size=96)
    piece.check_sort("binary")
    assert piece.space()["batch_size"].grid() == (96,)
    assert family(kind="cnn").space()["batch_size"].grid() == (32, 64, 128)
