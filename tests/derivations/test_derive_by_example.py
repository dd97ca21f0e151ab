"""A column of which only examples are given: what is found, what is said when nothing is, and that Spark agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from builders import frame, rows
from derivations.by_example_tasks import TASKS
from lakesmith.by_example import terms
from lakesmith.by_example.answers import answer
from lakesmith.by_example.doubts import perturbed
from lakesmith.columns import Names
from lakesmith.derivations import Fact
from lakesmith.derivations.derive_by_example import DeriveByExample
from lakesmith.errors import ConfigError
from lakesmith.expressions import compiled
from lakesmith.project import Project, load
from lakesmith.stages.derive import DeriveResult, StepFacts

AREAS = {"+49 30 1234": "030", "+49 89 777": "089"}
# Its examples end in a word of four digits, so the last word is what is found.
UNSOLVED = {"last four of a card"}
HOSTILE = (
    "", " ", "  a", "a ", "ß", "STRASSE ß", "İstanbul", "o'neil-smith  mary", "ǆ ǆ", "ΣΑΣ ΟΔΟΣ ΑΣ", "a\nb", "a\r",
    "2024-01-05\n",
    "2024-02-30", "2023-02-29", "0000-01-01", "99/99/2024", "1/2/24", "31.4.2024", "5 jan 2024", "5 MAY 2024",
    "Sept 5, 2024", "12:10 am", "0:10 AM", "13:00 PM", "24:00:00", "2024-01-05T17:30:00Z", "💜 x💜", "é e\u0301",
    "1e5", "1e999", "1e-999", "-0.001", "-0.01", "-0", "+7", ".5", "5.", "1" * 40, "1.0000005", "0.0000005", "2.5",
    "3.5", "\t12\t", "x=1&x=2", "//", "..", "$^[a]\\", "٣٤", "²³", "a\u2028b",
)  # fmt: skip
BY_HAND = (
    "substring(x, -5, 3)", "substring(x, 0, 2)", "substring(x, -2)", "left(x, 0)", "right(x, 3)", "reverse(x)",
    "split_part(x, ' ', -3)", "substring_index(x, ' ', 2)", "substring_index(x, '.', -1)", "initcap(x)", "upper(x)",
    "lower(x)", "lpad(x, 3, 'ab')", "rpad(x, 12, 'ab')", "replace(x, '', 'y')", "trim(x)", "ltrim(x)", "rtrim(x)",
    "x || '-' || x", "regexp_extract(x, '(\\\\p{Lu})(.*)$', 2)", "regexp_replace(x, '.$', '_')",
    "regexp_extract(x, '\\\\s(\\\\w+)', 1)", "regexp_replace(x, '[^\\\\p{L}0-9]', '')",
    "try_element_at(regexp_extract_all(x, '\\\\p{L}+', 0), -2)",
    "format_number(try_cast(x AS DECIMAL(38, 6)), 0)", "format_number(try_cast(x AS DECIMAL(5, 1)), 2)",
    "date_format(try_to_timestamp(regexp_extract(x, '^[AaPp0-9: mM]*$', 0), 'h:mm a'), 'hh:mm a H')",
    "date_format(try_to_timestamp(regexp_extract(x, '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}$', 0), 'd/M/yy'), 'yyyy yy D')",
)  # fmt: skip


def built(**values: Any) -> DeriveByExample:
    return DeriveByExample.model_validate({"column": "phone", "as": "area", "examples": AREAS, **values})


def evaluated(expression: str, text: str, column: str = "x") -> Any:
    return terms.evaluator(terms.read(expression, column))(text)


def test_nearly_all_tasks_are_solved_and_right_on_inputs_that_were_not_examples() -> None:
    wrong = set()
    for name, (examples, unseen) in TASKS.items():
        try:
            expression = answer("x", examples).expression
        except ValueError:
            wrong.add(name)
            continue
        assert {text: evaluated(expression, text) for text in examples} == examples, name
        if {text: evaluated(expression, text) for text in unseen} != unseen:
            wrong.add(name)
    assert wrong == UNSOLVED
    assert len(TASKS) - len(wrong) == 106


def test_spark_gives_what_was_evaluated_without_it_and_no_error_for_any_text(spark: SparkSession) -> None:
    found = [answer("x", examples).expression for name, (examples, _) in TASKS.items() if name not in UNSOLVED]
    expressions = list(dict.fromkeys([*found, *BY_HAND]))
    examples = [text for given, unseen in TASKS.values() for text in (next(iter(given)), *unseen)]
    texts = list(dict.fromkeys([*HOSTILE, *examples, *list(perturbed(examples))[::4]]))
    table = frame(spark, "x string", [(None,), *[(text,) for text in texts]])
    names = Names("texts", ("x",))
    made = table.select("x", F.array(*[F.expr(compiled(each, names)) for each in expressions]).alias("made")).collect()
    assert len(made) == len(texts) + 1
    evaluators = [terms.evaluator(terms.read(each, "x")) for each in expressions]
    differing = {}
    for text, given in made:
        wanted = [None if text is None else each(text) for each in evaluators]
        differing |= {(e, text): (g, w) for e, g, w in zip(expressions, given, wanted, strict=True) if g != w}
    assert differing == {}, repr(differing)[:2000]


def test_the_expression_found_is_written_into_the_resolved_project() -> None:
    step = built()
    assert step.expression == "concat('0', nullif(split_part(phone, ' ', 2), ''))"
    written = step.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert built(**written) == step


def test_an_expression_given_beside_the_examples_is_kept_though_the_search_would_find_another() -> None:
    other = "concat('0', split_part(phone, ' ', -2))"
    assert built(expression=other).expression == other


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("split_part(phone, ' ', 2)", "gives '30' for '.49 30 1234', and its example says '030'"),
        ("concat('0', city)", "it reads 'city', and may read 'phone' only"),
        ("soundex(phone)", "'soundex' is not evaluated without Spark"),
        ("lpad(phone)", "cannot be evaluated without Spark"),
        ("regexp_extract(phone, '\\\\h+', 0)", "has the escape"),
    ],
)
def test_a_given_expression_is_checked_against_the_examples(expression: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        built(expression=expression)


def test_one_example_with_two_readings_is_an_error_that_asks_for_the_example_it_needs() -> None:
    with pytest.raises(
        ValidationError, match=r"one example leaves open .* for 'report\.report\.pdf' it would give 'pdf'"
    ):
        built(examples={"report.pdf": "pdf"})
    with pytest.raises(ValidationError, match="'Q1 ' may stand in every output or in this one"):
        built(examples={"2024-02-05": "Q1 2024"})
    assert built(examples={"2024-01-31": "31.01.2024"}).expression is not None


def test_several_examples_with_two_readings_are_told_in_a_note_of_the_derive_result() -> None:
    facts = [Fact("texts", 5), Fact("unlike", 2)]
    told = built(examples={"Ada Lovelace": "Lovelace, Ada", "Alan Turing": "Turing, Alan"}).judged(facts)
    assert (told["texts"], told["unlike"]) == (5, 2)
    assert "for 'Ada Ada Lovelace' it would give 'Lovelace, Ada'" in told["note"]
    clear = built(examples={"2024-01-05": "05.01.2024", "2023-12-31": "31.12.2023"}).judged(facts)
    assert clear == {"column": "area", "texts": 5, "unlike": 2}


def test_a_note_is_a_line_of_what_the_derive_stage_tells() -> None:
    facts = {"column": "area", "texts": 5, "unlike": 2, "note": "Add an example like 'x'"}
    result = DeriveResult(
        version=1, rows=5, labelled=5, parts={"train": 5}, columns={}, casts={}, frozen={},
        steps=(StepFacts(position=0, kind="derive_by_example", facts=facts),),
    )  # fmt: skip
    assert result.told()[1:] == ("area: Add an example like 'x'",)


def test_nothing_found_shows_the_closest_expression_and_the_example_it_fails() -> None:
    with pytest.raises(ValidationError, match=r"The closest, concat\('0'.* gives '040' for '\+49 40 1', not 'Hamburg'"):
        built(examples={**AREAS, "+49 40 1": "Hamburg"})


def test_examples_that_only_spaces_tell_apart_contradict() -> None:
    with pytest.raises(ValidationError, match="the examples contradict: 'a b' gives 'x' and 'a  b ' gives 'y'"):
        built(examples={"a b": "x", "a  b ": "y"})


def test_a_later_example_that_the_first_three_mislead_about_is_searched_with_too() -> None:
    days = {"1/1/2024": "2024-01-01", "2/2/2024": "2024-02-02", "3/3/2024": "2024-03-03", "12/25/2024": "2024-12-25"}
    assert evaluated(str(built(examples=days).expression), "7/31/2024", "phone") == "2024-07-31"


@pytest.mark.parametrize("column", ["größe", "a.b", "tick`s", "date", "left", "x y"])
def test_any_column_name_is_quoted_where_it_must_be(column: str) -> None:
    step = built(column=column)
    assert evaluated(str(step.expression), "+49 221 5", column) == "0221"
    assert step.uses() == {"column": (column,)}


def test_a_project_tells_file_line_and_key_of_examples_without_an_expression(tmp_path: Path) -> None:
    path = tmp_path / "visits.yml"
    path.write_text(
        """\
name: visits
sources:
  visits: {kind: csv, path: raw, columns: {id: int, phone: string, late: boolean}}
derive:
  steps:
    - kind: derive_by_example
      column: phone
      as: area
      examples:
        "+49 30 1234": Berlin
        "+49 89 777": Munich
key: [id]
task: {kind: binary, label: late}
split: {kind: hash}
features:
  - {kind: one_hot, columns: [area]}
families:
  - {kind: linear}
"""
    )
    with pytest.raises(ConfigError, match=r"visits\.yml:9 derive\.steps\[0\]\.examples: no expression was found"):
        load(path)
    path.write_text(path.read_text().replace("Berlin", '"030"').replace("Munich", '"089"'))
    resolved = load(path).resolved()
    assert resolved["derive"]["steps"][0]["expression"] == built().expression
    assert Project.model_validate(resolved).resolved() == resolved


def test_texts_unlike_the_examples_are_null_and_counted_and_the_column_must_be_text(spark: SparkSession) -> None:
    calls = frame(spark, "id int, phone string", [(1, "+49 221 5"), (2, "112"), (3, None), (4, "")])
    step = built()
    assert rows(step.apply(calls, {}).select("id", "area")) == [(1, "0221"), (2, None), (3, None), (4, None)]
    assert step.check(calls, {})["unlike"] == 2
    with pytest.raises(ConfigError, match="'id' is int, and examples are of texts"):
        built(column="id").apply(calls, {})
    with pytest.raises(ConfigError, match="Did you mean 'phone'"):
        built(column="phon").columns_after(Names("calls", tuple(calls.columns)), {})
