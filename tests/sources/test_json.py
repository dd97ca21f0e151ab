from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import Row, SparkSession

from lakesmith.errors import DataError
from lakesmith.sources import FILE, POSITION
from lakesmith.sources.faults import told
from lakesmith.sources.json import Json
from tests.builders import count_jobs
from tests.sources.reading import accepted, read, rejected, write

AB = {"a": "int", "b": "string"}


def test_a_record_is_read_with_its_types(spark: SparkSession, tmp_path: Path) -> None:
    columns = {
        "i": "int",
        "d": "double",
        "m": "decimal(5,2)",
        "t": "date",
        "w": "timestamp",
        "b": "boolean",
        "s": "string",
    }
    line = '{"s":"1.10","b":true,"w":"2024-01-31T10:00Z","t":"2024-01-31","m":3.10,"d":2,"i":1}'
    data = write(tmp_path, a__jsonl=f'{line}\n\n{{"i":null}}\n')
    found = accepted(read(spark, Json(path="a.jsonl", columns=columns), data))
    moment = datetime(2024, 1, 31, 10)
    assert found == [(1, 2.0, Decimal("3.10"), date(2024, 1, 31), moment, True, "1.10"), (None,) * 7]


OF_ANOTHER_KIND = {
    "int": ['"5"', "1.5", "1.0", "2147483648", "true", "1e3", "{}"],
    "double": ['"1.5"', "1e400", "[1]"],
    "float": ["1e39"],
    "decimal(5,2)": ["1.005", '"1.00"'],
    "boolean": ['"true"', "1"],
    "string": ["5", "true", '{"c":1}'],
    "date": ["20240131", '"2024-1-31"'],
}


def test_a_value_of_another_kind_is_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    wrong = [(type_, f'{{"{type_}":{value}}}') for type_, values in OF_ANOTHER_KIND.items() for value in values]
    data = write(tmp_path, a="\n".join(line for _, line in wrong))
    reading = read(spark, Json(path="a", columns={type_: type_ for type_ in OF_ANOTHER_KIND}), data)
    assert accepted(reading) == []
    assert rejected(reading) == sorted((f"type: '{type_}' is not {type_}", line) for type_, line in wrong)


def test_a_line_that_is_not_exactly_one_object_is_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    lines = ['{"a":1', "5", "null", "[1]", '[{"a":1}]', '{"a":1} xyz', '{"a":1}{"a":2}', '{"a":1},{"a":2}', '{"a":1}]{']
    lines += ["{'a':1}", '{"a":NaN}', '{"a":1,"a":2}']
    reading = read(spark, Json(path="a", columns=AB), write(tmp_path, a="\n".join(['{"a":7}', *lines])))
    rule = "json: the line is not one valid JSON object without a key twice"
    assert (accepted(reading), rejected(reading)) == ([(7, None)], sorted((rule, line) for line in lines))


def test_a_key_in_another_case_or_unknown_is_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a='{"A":1,"b":"x"}\n{"a":1,"b":"x","c":3}\n{"a":2}\n')
    reading = read(spark, Json(path="a", columns=AB), data)
    assert accepted(reading) == [(2, None)]
    assert [rule for rule, _ in rejected(reading)] == [
        "key: not a column",
        "key: spelled in another case than the column",
    ]
    assert reading.records.filter("_lakesmith_rule LIKE 'key: not%'").first()[POSITION] == "line 2"


def test_unknown_keys_can_be_ignored_but_not_those_in_another_case(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a='{"A":1,"b":"x"}\n{"a":1,"b":"x","c":3}\n')
    reading = read(spark, Json(path="a", columns=AB, unknown_keys="ignore"), data)
    assert (accepted(reading), len(rejected(reading))) == ([(1, "x")], 1)


def test_bytes_that_are_not_utf8_are_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a=b'{"a":1,"b":"caf\xe9"}\n\xef\xbb\xbf{"a":2}\n')
    reading = read(spark, Json(path="a", columns=AB), data)
    assert ("encoding: the line is not valid UTF-8", "hex:" + b'{"a":1,"b":"caf\xe9"}'.hex().upper()) in rejected(
        reading
    )


def test_half_a_character_is_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    halves = [r"\ud800", r"\uDC00\ud800", r"\\\uD83d x", r"\ud83d\\\ude00"]
    lines = "\n".join(f'{{"b":"{each}"}}' for each in [r"\ud83d\uDE00", r"\\ud800", *halves])
    reading = read(spark, Json(path="a", columns=AB), write(tmp_path, a=lines))
    assert accepted(reading) == [(None, "\\ud800"), (None, "\U0001f600")]
    assert {rule for rule, _ in rejected(reading)} == {
        r"json: the line has an escape that is half of a character (\ud800 to \udfff)"
    }


def test_nested_values_are_typed_strictly(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"s": "struct<x:int>", "l": "array<int>"}
    good, bad = '{"s":{"x":5},"l":[1,2]}', '{"s":{"x":"5"},"l":[1]}'
    reading = read(spark, Json(path="a", columns=columns), write(tmp_path, a=f"{good}\n{bad}\n"))
    assert accepted(reading) == [(Row(x=5), [1, 2])]
    assert rejected(reading) == [("type: a value inside 's', 'l' is not of its declared type", bad)]


def test_odd_names_work(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"a.b": "int", "c`d": "string", "é 'x'": "string", "$[0]": "int"}
    data = write(tmp_path, a='{"a.b":1,"c`d":"y","é \'x\'":"z","$[0]":3}\n')
    assert accepted(read(spark, Json(path="a", columns=columns), data)) == [(1, "y", "z", 3)]


def test_columns_are_inferred_from_a_sample_in_one_job(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a='{"a":1,"b":"2024-01-31","n":{"x":1.5}}\n{"a":2,"c":[1],"n":null}\nbroken\n')
    source = Json(path="a")
    files = source.files(spark, data)
    with count_jobs(spark) as jobs:
        reading = source.read(spark, files)
    types = {"a": "bigint", "b": "date", "n": "struct<`x`:double>", "c": "array<bigint>"}
    assert (reading.columns, reading.inferred, jobs.count) == (types, True, 1)
    assert len(accepted(reading)) == 2


def test_an_empty_file_is_an_error(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a is empty"):
        read(spark, Json(path="a", columns=AB), write(tmp_path, a=""))


def test_a_file_is_one_document_or_an_array_of_them(spark: SparkSession, tmp_path: Path) -> None:
    one, two = '{\n "a": 1,\n "b": "x]\\" , {"\n}', '{"a":\n2}'
    bad = ['{"a":"3"}', "4", '{"a":5,"a":6}', '{"a":7,\n"c":1}', '{"a":NaN}', '{"b":"a\ttab"}', "[]"]
    data = write(
        tmp_path,
        a__json=f"\ufeff {one} \n",
        b__json=f"[{two},\n {', '.join(bad)} ]\n",
        c__json=b'[{"b":"caf\xe9"}]',
        d__json="[ ]",
    )
    reading = read(spark, Json(path="*.json", columns=AB, multiline=True), data)
    assert accepted(reading) == [(1, 'x]" , {'), (2, None)]
    not_one = "json: the document is not one valid JSON object without a key twice"
    texts = dict(zip(bad, ["type: 'a' is not int", not_one, not_one, "key: not a column", *[not_one] * 3], strict=True))
    not_utf8 = ("encoding: the line is not valid UTF-8", "hex:" + b'{"b":"caf\xe9"}'.hex().upper())
    assert rejected(reading) == sorted([*((rule, text) for text, rule in texts.items()), not_utf8])
    places = {
        (row[FILE][-6:], row[POSITION]) for row in reading.records.filter("_lakesmith_raw LIKE '%\"c\"%'").collect()
    }
    assert places == {("b.json", "document 5")}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('[{"a":1},{"a":2', "Expecting ',' delimiter at line 1 column 16"),
        ('[{"a":1} {"a":2}]', "',' or ']' expected at line 1 column 10"),
        ('[{"a":1},]', "Expecting value at line 1 column 10"),
        ('{"a":1}\n{"a":2}\n', "more follows at line 2 column 1"),
        ("\n", "Expecting value at line 2 column 1"),
        ('{"b":' + "[" * 200_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_not_one_json_value_stops_the_run(
    spark: SparkSession, tmp_path: Path, content: str, why: str
) -> None:
    data = write(tmp_path, good__json='{"a":1}', bad__json=content)
    with pytest.raises(DataError, match=rf"{re.escape(data)}/bad\.json: .*{re.escape(why)}.*fetch it again"), told():
        read(spark, Json(path="*.json", columns=AB, multiline=True), data).records.collect()


def test_columns_of_documents_are_inferred(spark: SparkSession, tmp_path: Path) -> None:
    reading = read(spark, Json(path="a", multiline=True), write(tmp_path, a='[{"a":\n1}, {"b":"x"}]'))
    assert (reading.columns, accepted(reading)) == ({"a": "bigint", "b": "string"}, [(1, None), (None, "x")])
