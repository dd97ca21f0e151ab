"""Mistakes in a project file, told as one sentence each, with file, line, dotted key and what would be right."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lakesmith.errors import ConfigErrors
from lakesmith.expressions import Expression
from lakesmith.mistakes import validation_errors
from lakesmith.yaml_file import parse, set_values


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class OneHot(Strict):
    kind: Literal["one_hot"] = "one_hot"
    columns: tuple[str, ...] = Field(description="Columns to encode.", min_length=1)
    max_categories: int = Field(50, ge=2)


class Flag(Strict):
    kind: Literal["flag"] = "flag"
    flag: Expression  # named as its kind: the union's branch and the key look the same in pydantic's path
    name: str


class Join(Strict):
    kind: Literal["join"] = "join"
    table: str = Field(alias="with")
    on: tuple[str, ...] | str
    how: Literal["left", "inner"] = "left"


class Choice(Strict):
    kind: Literal["choice"] = "choice"
    values: tuple[int | float | str, ...]


class Tune(Strict):
    metric: str
    depth: int | Choice | None = None
    share: float = Field(0.5, ge=0, lt=1)
    search: dict[str, float | Choice] = Field(default_factory=dict)

    @field_validator("metric")
    @classmethod
    def _known(cls, metric: str) -> str:
        if metric != "auc":
            raise ValueError(f"'{metric}' is no metric")
        return metric


class Kinds:
    """Stands where a catalogue stands."""

    kinds = {"one_hot": OneHot, "flag": Flag, "join": Join}  # noqa: RUF012


KINDS = Kinds()
AnyPiece = Annotated[Annotated[OneHot | Flag | Join, Field(discriminator="kind")], KINDS]


class Small(Strict):
    name: Annotated[str, Field(pattern="^[a-z]+$")]
    seed: int = 0
    features: tuple[AnyPiece, ...] = ()
    one: OneHot | None = None
    tune: Tune | None = None
    tables: dict[str, tuple[AnyPiece, ...]] = Field(default_factory=dict)


def told(text: str, *sets: str) -> list[str]:
    document = parse(text, "p.yml")
    document = set_values(document, sets) if sets else document
    with pytest.raises(ValidationError) as caught:
        Small.model_validate_json(json.dumps(document.data), strict=True)
    errors = validation_errors(caught.value, document, Small)
    assert isinstance(errors, ConfigErrors)
    assert errors.exit_code == 2
    return [str(error) for error in errors.errors]


def test_an_unknown_key_is_told_with_the_nearest_key_of_its_owner() -> None:
    text = "name: a\nfeatures:\n  - kind: one_hot\n    colums: [a]\n    columns: [a]\n"
    assert told(text) == [
        "p.yml:4 features[0].colums: there is no such key here (a list of 1 item). Did you mean 'columns'?"
    ]
    assert told("nam: a\n") == [
        "p.yml:1 name: is missing. Add it.",
        "p.yml:1 nam: there is no such key here (the text 'a'). Did you mean 'name'?",
    ]


def test_a_missing_key_stands_at_its_owner_with_its_description() -> None:
    assert told("name: a\nfeatures:\n  - kind: one_hot\n") == [
        "p.yml:3 features[0].columns: is missing. Add it: Columns to encode."
    ]


def test_keys_that_python_reserves_are_called_as_the_file_calls_them() -> None:
    assert told("name: a\ntables:\n  t:\n    - {kind: join, on: x, wiht: y}\n") == [
        "p.yml:4 tables.t[0].with: is missing. Add it.",
        "p.yml:4 tables.t[0].wiht: there is no such key here (the text 'y'). Did you mean 'with'?",
    ]


def test_an_unknown_kind_is_told_with_the_nearest_kind() -> None:
    assert told("name: a\nfeatures:\n  - columns: [a]\n    kind: one_hott\n") == [
        "p.yml:4 features[0].kind: there is no such kind: the text 'one_hott'. Did you mean 'one_hot'?"
    ]
    assert told("name: a\nfeatures:\n  - columns: [a]\n") == [
        "p.yml:3 features[0]: has no kind. Add 'kind: …'. Allowed: one_hot, flag, join."
    ]
    assert told("name: a\nfeatures: [one_hot]\n") == [
        "p.yml:2 features[0]: must be a mapping with a kind, found the text 'one_hot'. Kinds: one_hot, flag, join."
    ]


def test_a_key_named_as_the_kind_of_its_piece_is_found() -> None:
    text = "name: a\nfeatures:\n  - kind: flag\n    flag: rand()\n    name: x\n"
    (only,) = told(text)
    assert only.startswith("p.yml:4 features[0].flag: 'rand' does not give the same value")
    assert told("name: a\nfeatures:\n  - kind: flag\n    flag: a\n") == [
        "p.yml:3 features[0].name: is missing. Add it."
    ]
    assert told("name: a\nfeatures:\n  - {kind: flag, flag: 3, name: x}\n") == [
        'p.yml:3 features[0].flag: must be text, found the number 3. Quote it: "3".'
    ]


def test_a_wrong_type_says_what_must_be_there_and_what_was_found() -> None:
    assert told("name: a\nseed: '5'\n") == [
        "p.yml:2 seed: must be a whole number, found the text '5'. Write it without quotes."
    ]
    assert told("name: a\nseed: 1.5\n") == ["p.yml:2 seed: must be a whole number, found the number 1.5"]
    assert told("name: a\nseed: yes\n") == [
        "p.yml:2 seed: must be a whole number, found the text 'yes'. Write it without quotes."
    ]
    assert told("name: true\n") == ['p.yml:1 name: must be text, found true. Quote it: "true".']
    assert told("name: a\ntune: []\n") == ["p.yml:2 tune: must be a mapping, found a list of 0 items"]
    assert told("name: a\nfeatures: {}\n") == ["p.yml:2 features: must be a list, found a mapping of 0 keys"]
    assert told("name: A B\n") == ["p.yml:1 name: the text 'A B' is not written as it must be: pattern ^[a-z]+$"]


def test_limits_are_told_with_the_value_found() -> None:
    assert told("name: a\ntune: {metric: auc, share: 1}\n") == [
        "p.yml:2 tune.share: must be less than 1, found the number 1"
    ]
    assert told("name: a\nfeatures:\n  - {kind: one_hot, columns: [], max_categories: 1}\n") == [
        "p.yml:3 features[0].columns: must have at least 1 item",
        "p.yml:3 features[0].max_categories: must be at least 2, found the number 1",
    ]


def test_a_wrong_word_is_told_with_the_nearest_word() -> None:
    assert told("name: a\ntables: {t: [{kind: join, with: u, on: x, how: lefft}]}\n") == [
        "p.yml:2 tables.t[0].how: must be one of left, inner; found the text 'lefft'. Did you mean 'left'?"
    ]


def test_one_mistake_in_a_union_gives_one_sentence() -> None:
    assert told("name: a\nfeatures:\n  - kind: join\n    with: t\n    on: 5\n") == [
        'p.yml:5 features[0].on: must be a list or text, found the number 5. Quote it: "5".'
    ]
    assert told("name: a\nfeatures:\n  - kind: join\n    with: t\n    on:\n      - a\n      - 5\n") == [
        'p.yml:7 features[0].on[1]: must be text, found the number 5. Quote it: "5".'
    ]
    assert told("name: a\ntune: {metric: auc, depth: [1]}\n") == [
        "p.yml:2 tune.depth: must be a whole number or a mapping, found a list of 1 item"
    ]
    assert told("name: a\ntune:\n  metric: auc\n  depth:\n    kind: choice\n    values: [1]\n    valeus: [2]\n") == [
        "p.yml:7 tune.depth.valeus: there is no such key here (a list of 1 item). Did you mean 'values'?"
    ]
    assert told("name: a\ntune:\n  metric: auc\n  search:\n    max.depth: {kind: choice, values: [[1]]}\n") == [
        "p.yml:5 tune.search.max.depth.values[0]: must be a whole number or a number or text, found a list of 1 item"
    ]


def test_a_piece_that_is_the_only_one_of_its_sort_has_no_branch_in_its_path() -> None:
    assert told("name: a\none: {columns: a}\n") == ["p.yml:2 one.columns: must be a list, found the text 'a'"]


def test_a_rule_of_the_field_speaks_for_itself() -> None:
    assert told("name: a\ntune: {metric: acc}\n") == ["p.yml:2 tune.metric: 'acc' is no metric"]


def test_mistakes_come_in_the_order_of_the_lines_and_are_not_endless() -> None:
    text = "name: a\n" + "".join(f"k{i}: 1\n" for i in range(500)) + "seed: x\n"
    sentences = told(text)
    assert len(sentences) == 21
    assert sentences[0].startswith("p.yml:2 k0: ")
    assert sentences[-1].endswith("and 481 more mistakes")


def test_an_option_is_named_as_the_place_of_its_mistake() -> None:
    text = "name: a\ntune: {metric: auc}\n"
    assert told(text, "tune.max_trails=3") == [
        "--set tune.max_trails=3 tune.max_trails: there is no such key here (the number 3). Allowed: metric, depth, "
        "share, search"
    ]
    assert told(text, "seed=1.5") == ["--set seed=1.5 seed: must be a whole number, found the number 1.5"]
    assert told(text, "tune={metric: acc}")[0].startswith("--set tune={metric: acc} tune.metric: ")


def test_a_sentence_stays_one_line_whatever_was_found() -> None:
    (only,) = told('name: "a\\n\\e[31mred' + "x" * 500 + '"\n')
    assert "\n" not in only
    assert "\x1b" not in only
    assert len(only) < 300
