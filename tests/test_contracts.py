"""Laws over the whole catalogue: what holds for every piece, whoever wrote it."""

from __future__ import annotations

import importlib
import json
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from builders import frame, rows
from lakesmith import yaml_file
from lakesmith.cleaning import OWN, STEPS, CleaningStep, Sifted
from lakesmith.columns import Names
from lakesmith.derivations import DERIVATIONS, Derivation
from lakesmith.early_termination import POLICIES
from lakesmith.errors import ConfigError
from lakesmith.families import FAMILIES
from lakesmith.features import FEATURES
from lakesmith.fold_plans import FOLD_PLANS
from lakesmith.gates import GATES
from lakesmith.layers import LAYERS
from lakesmith.metrics import METRICS
from lakesmith.piece import Catalogue, Piece
from lakesmith.resampling import RESAMPLINGS
from lakesmith.schedules import SCHEDULES
from lakesmith.search import SPACES
from lakesmith.sources import RULE, SOURCES
from lakesmith.splits import SPLITS
from lakesmith.tasks import TASKS

CATALOGUES: dict[str, Catalogue[Any]] = {
    "cleaning": STEPS, "derivations": DERIVATIONS, "early_termination": POLICIES, "families": FAMILIES,
    "features": FEATURES, "fold_plans": FOLD_PLANS, "gates": GATES, "layers": LAYERS, "metrics": METRICS,
    "resampling": RESAMPLINGS, "schedules": SCHEDULES, "sources": SOURCES, "spaces": SPACES,
    "splits": SPLITS, "tasks": TASKS,
}  # fmt: skip
FOREIGN = {"a.b": 1, "with space": 2, "tick`s": 3, "größe": 4, 'quo"te': 5}


def examples(sort: str) -> dict[str, Any]:
    return dict(importlib.import_module(f"examples.{sort}").EXAMPLES)


def yaml_of(example: Any) -> dict[str, Any]:
    if isinstance(example, dict):
        return example
    return dict(next(getattr(example, name) for name in ("piece_yaml", "piece", "yaml") if hasattr(example, name)))


def built(sort: str, data: dict[str, Any]) -> Any:
    catalogue = CATALOGUES[sort]
    return TypeAdapter(Annotated[catalogue.base, catalogue]).validate_json(json.dumps(data), strict=True)


PIECES = [(sort, kind) for sort, catalogue in CATALOGUES.items() for kind in catalogue.kinds]


@pytest.mark.parametrize("sort", CATALOGUES)
def test_every_piece_has_an_example_and_every_example_a_piece(sort: str) -> None:
    assert set(examples(sort)) == set(CATALOGUES[sort].kinds)


@pytest.mark.parametrize(("sort", "kind"), PIECES)
def test_a_piece_written_as_yaml_and_read_again_is_the_same_piece(sort: str, kind: str) -> None:
    piece = built(sort, yaml_of(examples(sort)[kind]))
    text = yaml_file.dump(piece.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert built(sort, yaml_file.parse(text, "piece.yml").data) == piece


@pytest.mark.parametrize(("sort", "kind"), PIECES)
def test_a_piece_says_what_each_of_its_keys_means(sort: str, kind: str) -> None:
    piece = CATALOGUES[sort].kinds[kind]
    silent = [name for name, field in piece.model_fields.items() if name != "kind" and not field.description]
    assert silent == []
    assert (piece.__doc__ or "").strip() != (Piece.__doc__ or "").strip()


@pytest.mark.parametrize(("sort", "kind"), PIECES)
def test_a_piece_refuses_a_key_it_does_not_know(sort: str, kind: str) -> None:
    with pytest.raises(ValidationError, match="columnz"):
        built(sort, {**yaml_of(examples(sort)[kind]), "columnz": []})


def test_two_pieces_of_one_kind_are_refused_by_both_names() -> None:
    class Sort(Piece):
        """A sort of piece for this test."""

    one = type("One", (Sort,), {"__annotations__": {"kind": str}, "kind": "same", "__module__": "one"})
    other = type("Other", (Sort,), {"__annotations__": {"kind": str}, "kind": "same", "__module__": "other"})
    catalogue = Catalogue(Sort)
    Sort.__module__ = "examples"
    with pytest.raises(ConfigError, match=r"one\.One.*other\.Other|other\.Other.*one\.One"):
        catalogue.kinds  # noqa: B018
    assert one is not other


def given(spark: SparkSession, example: Any, *, empty: bool = False) -> DataFrame:
    """The example's rows, with foreign columns of odd names beside them."""
    table = frame(spark, example.schema, [] if empty else example.rows)
    return table.select("*", *[F.lit(value).alias(name) for name, value in FOREIGN.items()])


def only(table: DataFrame, names: list[str]) -> DataFrame:
    return table.select(*[F.col("`" + name.replace("`", "``") + "`") for name in names])


def sifted(spark: SparkSession, step: CleaningStep, example: Any, table: DataFrame) -> Sifted:
    """What a step makes of a table, given the tables it looks at as the chain gives them."""
    others = {name: frame(spark, schema, values) for name, (schema, values) in example.tables.items()}
    return step.sift(step.beside(table, {OWN: table, **others}))


@pytest.mark.parametrize("kind", STEPS.kinds)
def test_a_cleaning_step_does_what_its_example_says(spark: SparkSession, kind: str) -> None:
    example = examples("cleaning")[kind]
    step: CleaningStep = built("cleaning", yaml_of(example))
    kept, rejected = sifted(spark, step, example, given(spark, example))
    expected = frame(spark, example.expected_schema, example.expected)
    types = dict(kept.dtypes)
    assert {name: types[name] for name in expected.columns} == dict(expected.dtypes)
    assert rows(only(kept, expected.columns)) == rows(expected)
    assert (rejected.count() if rejected is not None else 0) == example.rejected
    if rejected is not None:
        assert rejected.columns == [*given(spark, example).columns, RULE]


@pytest.mark.parametrize("kind", STEPS.kinds)
def test_a_cleaning_step_keeps_foreign_columns_and_says_which_columns_come_out(spark: SparkSession, kind: str) -> None:
    example = examples("cleaning")[kind]
    step: CleaningStep = built("cleaning", yaml_of(example))
    table = given(spark, example)
    kept, _ = sifted(spark, step, example, table)
    assert tuple(kept.columns) == step.columns_after(Names("silver", tuple(table.columns))).names
    assert {tuple(row) for row in only(kept, list(FOREIGN)).collect()} <= {tuple(FOREIGN.values())}
    if not step.changes_rows:
        assert kept.count() == len(example.rows)


@pytest.mark.parametrize("kind", STEPS.kinds)
def test_a_cleaning_step_is_defined_on_an_empty_frame(spark: SparkSession, kind: str) -> None:
    example = examples("cleaning")[kind]
    step: CleaningStep = built("cleaning", yaml_of(example))
    kept, rejected = sifted(spark, step, example, given(spark, example, empty=True))
    assert kept.count() == 0
    assert rejected is None or rejected.count() == 0


@pytest.mark.parametrize("kind", STEPS.kinds)
def test_a_cleaning_step_gives_the_same_on_other_partitions(spark: SparkSession, kind: str) -> None:
    example = examples("cleaning")[kind]
    step: CleaningStep = built("cleaning", yaml_of(example))
    table = given(spark, example)
    moved = sifted(spark, step, example, table.repartition(3))
    assert rows(moved.kept) == rows(sifted(spark, step, example, table).kept)


def derived(spark: SparkSession, example: Any, table: DataFrame) -> DataFrame:
    step: Derivation = built("derivations", yaml_of(example))
    tables = {name: frame(spark, schema, values) for name, (schema, values) in example.tables.items()}
    return step.apply(table, tables)


@pytest.mark.parametrize("kind", DERIVATIONS.kinds)
def test_a_derivation_does_what_its_example_says(spark: SparkSession, kind: str) -> None:
    example = examples("derivations")[kind]
    expected = frame(spark, example.expected_schema, example.expected)
    found = derived(spark, example, given(spark, example))
    assert rows(only(found, expected.columns)) == rows(expected)


@pytest.mark.parametrize("kind", DERIVATIONS.kinds)
def test_a_derivation_says_which_columns_come_out_and_keeps_foreign_ones(spark: SparkSession, kind: str) -> None:
    example = examples("derivations")[kind]
    step: Derivation = built("derivations", yaml_of(example))
    table = given(spark, example)
    known = {name: Names(name, tuple(frame(spark, schema, []).columns)) for name, (schema, _) in example.tables.items()}
    found = derived(spark, example, table)
    assert tuple(found.columns) == step.columns_after(Names("silver", tuple(table.columns)), known).names
    if not step.changes_rows:
        assert {tuple(row) for row in only(found, list(FOREIGN)).collect()} == {tuple(FOREIGN.values())}
        assert found.count() == len(example.rows)


@pytest.mark.parametrize("kind", DERIVATIONS.kinds)
def test_a_derivation_is_defined_on_an_empty_frame_and_on_other_partitions(spark: SparkSession, kind: str) -> None:
    example = examples("derivations")[kind]
    assert derived(spark, example, given(spark, example, empty=True)).count() == 0
    table = given(spark, example)
    assert rows(derived(spark, example, table.repartition(3))) == rows(derived(spark, example, table))
