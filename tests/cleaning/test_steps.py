from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakesmith.cleaning import OWN, AnyCleaningStep, CleaningStep
from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.sources import FILE
from tests.builders import count_jobs, frame, rows
from tests.examples.cleaning import EXAMPLES

ADAPTER: TypeAdapter[CleaningStep] = TypeAdapter(AnyCleaningStep)


def step(**fields: Any) -> CleaningStep:
    return ADAPTER.validate_python(fields)


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind != "add_key"])  # which reads whatever is there
def test_a_missing_column_is_named(kind: str) -> None:
    piece = {**EXAMPLES[kind].piece, **({"columns": ["city"]} if kind == "trim_text" else {})}
    with pytest.raises(ConfigError, match="is not a column of visits"):
        step(**piece).columns_after(Names("visits", ("nothing",)))


def test_odd_column_names_work(spark: SparkSession) -> None:
    df = frame(spark, "`a.b` string, `c d` string, `e``f` string", [(" 1 ", None, "x"), ("y", "z", None)])
    steps = [
        step(kind="trim_text", columns=["a.b"]),
        step(kind="fill_nulls", values={"c d": "none"}),
        step(kind="drop_nulls", columns=["e`f"], otherwise="drop"),
        step(kind="map_values", column="e`f", values={"x": "it's"}),
        step(kind="cast", columns={"a.b": "int"}),
        step(kind="drop_duplicates", key=["a.b"], order_by="c d"),
        step(kind="keep_rows", where="`a.b` = 1 AND `c d` = 'none'"),
        step(kind="rename", columns={"e`f": "é 'x'"}),
        step(kind="drop_columns", columns=["c d"]),
    ]
    for each in steps:
        df = each.sift(df).kept
    assert (df.columns, rows(df)) == (["a.b", "é 'x'"], [(1, "it's")])


def test_a_rejected_row_keeps_its_columns_as_they_were_and_says_its_rule(spark: SparkSession) -> None:
    df = frame(spark, "id int, amount string, day string", [(1, "x", "2024-02-30"), (2, "1", "31.1.2024")])
    rejected = step(kind="cast", columns={"amount": "int", "day": "date"}).sift(df).rejected
    assert rejected is not None
    assert rows(rejected) == [
        (1, "x", "2024-02-30", "cast: 'amount' is not int"),
        (2, "1", "31.1.2024", "cast: 'day' is not date"),
    ]


@pytest.mark.parametrize(
    ("schema", "wanted", "given", "expected"),
    [
        ("x double", "int", [2.0, 2.5, 3e9, float("nan"), None], [2, None, None, None, None]),
        ("x bigint", "int", [2**31, 5], [None, 5]),
        ("x bigint", "double", [2**53 + 1, 2**53], [None, float(2**53)]),
        ("x double", "float", [0.5, 1e300, float("inf")], [0.5, None, float("inf")]),
        ("x int", "boolean", [0, 1, 5], [False, True, None]),
        ("x int", "string", [7], ["7"]),
        ("x string", "double", ["1e999", "NaN", "1.5"], [None, "nan", 1.5]),
    ],
)
def test_a_cast_makes_null_of_what_would_change(
    spark: SparkSession, schema: str, wanted: str, given: list[Any], expected: list[Any]
) -> None:
    df = frame(spark, schema, [(each,) for each in given])
    made = step(kind="cast", columns={"x": wanted}, on_error="null").apply(df).collect()
    assert [("nan" if row[0] != row[0] else row[0]) for row in made] == expected


def test_nan_is_no_value_that_a_cast_could_lose(spark: SparkSession) -> None:
    df = frame(spark, "x double", [(float("nan"),), (2.5,)])
    rejected = step(kind="cast", columns={"x": "int"}).sift(df).rejected
    assert rejected is not None
    assert [row["x"] for row in rejected.collect()] == [2.5]


def test_the_same_row_of_one_key_stays_under_any_partitioning(spark: SparkSession) -> None:
    given = [(key, 1, text) for key in range(20) for text in "abcdef"]
    newest = step(kind="drop_duplicates", key=["k"], order_by="t")
    kept = [
        rows(newest.apply(frame(spark, "k int, t int, x string", order, n)))
        for order in (given, given[::-1])
        for n in (1, 3)
    ]
    assert kept[0] == kept[1] == kept[2] == kept[3]
    assert len(kept[0]) == 20


def test_rows_equal_but_for_their_file_are_duplicates(spark: SparkSession) -> None:
    df = frame(spark, f"a int, b double, {FILE} string", [(1, None, "z"), (1, None, "y"), (2, 1.0, "z")], partitions=3)
    assert rows(step(kind="drop_duplicates").apply(df)) == [(1, None, "y"), (2, 1.0, "z")]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("x > 0", [1]),
        ("x IS NULL OR x > 0", [1, 3, 4]),
        ("isnan(x)", []),
        ("s <> '`x`'", [1, 2, 3]),
        ("x < 100 AND s = 'a'", [1, 2]),
    ],
)
def test_null_and_nan_break_a_rule_that_does_not_allow_them(spark: SparkSession, rule: str, kept: list[int]) -> None:
    given = [(1, 5.0, "a"), (2, -5.0, "a"), (3, None, "a"), (4, float("nan"), "`x`")]
    df = frame(spark, "id int, x double, s string", given)
    found = step(kind="expect", rule=rule, otherwise="quarantine").sift(df)
    assert [row[0] for row in rows(found.kept)] == kept
    assert found.rejected is not None
    assert found.rejected.count() == 4 - len(kept)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "fill_nulls", "values": {"i": "x"}}, r"values\.i.*'x' is not a value of 'i', which is int"),
        ({"kind": "fill_nulls", "values": {"i": 3_000_000_000}}, "is not a value of 'i'"),
        ({"kind": "fill_nulls", "values": {"i": True}}, "is not a value of 'i'"),
        ({"kind": "fill_nulls", "values": {"m": 1.005}}, "is not a value of 'm'"),
        ({"kind": "fill_nulls", "values": {"d": "2024-02-30"}}, "is not a value of 'd'"),
        ({"kind": "map_values", "column": "i", "values": {"1": "one"}}, r"values\.1.*is not a value of 'i'"),
        ({"kind": "trim_text", "columns": ["i"]}, r"columns\[0\].*'i' is int, not text"),
        ({"kind": "keep_rows", "where": "i + 1"}, "where.*gives int, not true or false"),
        ({"kind": "keep_rows", "where": "i"}, "where.*gives int, not true or false"),
        ({"kind": "cast", "columns": {"a": "int"}}, r"columns\.a: 'a' is array<int>, which has no cast to int"),
    ],
)
def test_a_step_that_does_not_fit_the_columns_types_is_refused(
    spark: SparkSession, fields: dict[str, Any], message: str
) -> None:
    df = frame(spark, "i int, m decimal(5,2), d date, a array<int>", [])
    with pytest.raises(ConfigError, match=message):
        step(**fields).sift(df)


def test_constants_of_a_columns_type_fill_it(spark: SparkSession) -> None:
    df = frame(spark, "i bigint, m decimal(5,2), d date, t timestamp, b boolean", [(None,) * 5])
    values = {"i": 2**40, "m": 1.5, "d": "2024-02-29", "t": "2024-02-29T10:00:00Z", "b": False}
    filled = step(kind="fill_nulls", values=values).apply(df).select(*[F.col(name).cast("string") for name in values])
    assert rows(filled) == [(str(2**40), "1.50", "2024-02-29", "2024-02-29 10:00:00", "false")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "drop_duplicates", "key": ["a"]}, "`key` and `order_by` go together"),
        ({"kind": "cast", "columns": {"a": "itn"}}, "'itn' is not a type"),
        ({"kind": "rename", "columns": {"a": "_lakesmith_x"}}, "reserved"),
        ({"kind": "rename", "columns": {"a": "c", "b": "C"}}, "twice"),
        ({"kind": "expect", "rule": "(select 1) > 0"}, "subquery"),
    ],
)
def test_a_wrong_field_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        step(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "rename", "columns": {"a": "B"}}, r"columns\.a: 'B' is already a column"),
        ({"kind": "drop_columns", "columns": ["a", "b"]}, "no column left"),
        ({"kind": "keep_rows", "where": "c > 1"}, "where: 'c' is not a column"),
    ],
)
def test_names_are_checked_without_spark(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        step(**fields).columns_after(Names("t", ("a", "b")))


def test_no_step_runs_a_job(spark: SparkSession) -> None:
    frames = {kind: spark.createDataFrame(example.rows, example.schema) for kind, example in EXAMPLES.items()}
    tables = {name: table for example in EXAMPLES.values() for name, table in example.tables.items()}
    others = {name: spark.createDataFrame(values, schema) for name, (schema, values) in tables.items()}
    with count_jobs(spark) as jobs:
        for kind, example in EXAMPLES.items():
            made = step(**example.piece)
            made.sift(made.beside(frames[kind], {OWN: frames[kind], **others}))
    assert jobs.count == 0
