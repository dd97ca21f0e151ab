"""Steps that look at other tables, or at all rows of their own."""

from __future__ import annotations

import random
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith.checks import check
from lakesmith.cleaning.chain import StepCounts, broken_rules, counted, walk
from lakesmith.cleaning.workers.min_hashes import HASHES, hashed_ngrams, rows_of_bands, signer
from lakesmith.columns import Names
from lakesmith.errors import ConfigError, ConfigErrors
from tests.builders import frame, rows
from tests.cleaning.test_steps import step
from tests.stages.small_projects import project

STAFF = [(1, 2), (2, None), (3, 9), (4, 1), (None, 4)]
REFERS = {"kind": "reference", "columns": ["boss"], "to": ["id"]}


def _grams(text: str, size: int = 3) -> set[str]:
    spelt = " ".join(text.lower().split())
    return {spelt[place : place + size] for place in range(max(1, len(spelt) - size + 1))}


def _texts(count: int) -> list[str]:
    """Names with mistakes in some of them, so that similarities of all sizes occur."""
    draw = random.Random(3)
    words = ["petersen", "gallagher", "okonkwo", "szymańska", "de la cruz", "李小龙", "anna", "maria", "johannes"]
    found = []
    for _ in range(count):
        text = list(" ".join(draw.sample(words, 3)) if not found or draw.random() < 0.4 else draw.choice(found))
        for _ in range(draw.randrange(3)):
            text[draw.randrange(len(text))] = draw.choice("abcdeé ")
        found.append("".join(text).upper() if draw.random() < 0.3 else "".join(text))
    return found


@pytest.mark.parametrize("keep", ["oldest", "newest"])
def test_fuzzy_duplicates_are_those_that_every_pair_compared_gives(spark: SparkSession, keep: str) -> None:
    texts, threshold = _texts(60), 0.6
    given = [(place, text) for place, text in enumerate(texts)]
    order = given if keep == "oldest" else given[::-1]
    grams = {place: _grams(text) for place, text in given}

    def is_like(one: int, other: int) -> bool:
        return len(grams[one] & grams[other]) / len(grams[one] | grams[other]) >= threshold

    wanted = [p for at, (p, _) in enumerate(order) if not any(is_like(p, before) for before, _ in order[:at])]
    made = step(kind="fuzzy_duplicates", columns=["x"], order_by="at", threshold=threshold, keep=keep)
    passage = counted(frame(spark, "at int, x string", given, 3), [made], lambda _: nullcontext(), "people")
    assert [row[0] for row in sorted(passage.frame.collect())] == sorted(wanted)
    assert 10 < len(wanted) < 50
    assert passage.counts() == [StepCounts(kept=len(wanted), dropped=60 - len(wanted))]


def test_signatures_estimate_the_similarity_and_miss_no_more_than_they_say() -> None:
    import pandas as pd

    texts = _texts(40)
    signed = signer(3, 1, seed=7)(pd.Series([text.lower() for text in texts]))
    for one in range(0, 40, 3):
        for other in range(one):
            a, b = set(signed["grams"][one].tolist()), set(signed["grams"][other].tolist())
            estimate = float(np.mean(np.array(signed["bands"][one]) == np.array(signed["bands"][other])))
            assert estimate == pytest.approx(len(a & b) / len(a | b), abs=0.2)  # 4.5 standard errors of 128 hashes
    for threshold in (0.3, 0.5, 0.8, 0.95, 1.0):
        r = rows_of_bands(threshold)
        assert 1 - (1 - threshold**r) ** (HASHES // r) >= 0.999 or r == 1
    assert len(hashed_ngrams("a\U0001f600", 3)) == 1


def test_a_reference_to_its_own_table_sees_the_rows_as_the_steps_before_left_them(spark: SparkSession) -> None:
    df = frame(spark, "id int, boss int", STAFF, 2)
    steps = [step(kind="keep_rows", where="id <> 4"), step(**REFERS, table="staff", otherwise="quarantine")]
    passage = counted(df, steps, lambda _: nullcontext(), "staff")
    assert rows(passage.frame) == [(1, 2), (2, None)]
    assert passage.counts() == [StepCounts(kept=3, quarantined=2), StepCounts(kept=2, quarantined=1)]
    stops = list(walk(df, steps, lambda _: nullcontext(), "staff"))
    assert rows(stops[1].sifted.rejected) == [(3, 9, "reference: 'boss' in staff")]


def test_a_reference_that_must_hold_or_is_watched_counts_the_rows_that_break_it(spark: SparkSession) -> None:
    df, others = frame(spark, "id int, boss int", STAFF, 2), {"bosses": frame(spark, "id bigint", [(2,), (4,)])}
    must = [step(**REFERS, table="bosses")]
    broken = broken_rules(df, must, lambda _: nullcontext(), "staff", others)
    assert [(each.told, each.count) for each in broken] == [("reference: 'boss' in bosses", 2)]
    assert rows(broken[0].examples) == [(3, 9), (4, 1)]
    watched = counted(df, [step(**REFERS, table="bosses", otherwise="warn")], lambda _: nullcontext(), "staff", others)
    assert watched.frame.count() == 5
    assert [each.broken for each in watched.counts()] == [2]


def test_keys_that_cannot_be_compared_are_refused(spark: SparkSession) -> None:
    others = {"bosses": frame(spark, "id string", [])}
    df = frame(spark, "id int, boss int", STAFF)
    with pytest.raises(ConfigError, match=r"columns\[0\].*'boss' is int and 'id' of bosses is string"):
        list(walk(df, [step(**REFERS, table="bosses")], lambda _: nullcontext(), "staff", others))
    with pytest.raises(ValidationError, match="do not pair"):
        step(kind="reference", columns=["a"], table="b", to=["c", "d"])


def _sources(*names: str) -> dict[str, Any]:
    columns = {"id": "int", "amount": "int", "boss": "int"}
    return {name: {"kind": "csv", "path": f"{name}.csv", "columns": columns} for name in names}


def _check(clean: dict[str, Any]) -> None:
    made = project(_sources("a", "b", "c"), clean)
    check(made.model_copy(update={"features": (made.features[0].model_copy(update={"columns": ("boss",)}),)}))


@pytest.mark.parametrize(
    ("clean", "message"),
    [
        ({"a": [{**REFERS, "table": "bb"}]}, r"clean\.a\[0\]\.table: 'bb' is not a source.*'b'"),
        ({"a": [{**REFERS, "table": "b", "to": ["idd"]}]}, r"clean\.a\[0\]\.to\[0\]: 'idd' is not a column of b.*'id'"),
        (
            {"b": [{"kind": "rename", "columns": {"id": "no"}}], "a": [{**REFERS, "table": "b"}]},
            r"clean\.a\[0\]\.to\[0\]: 'id' is not a column of b",
        ),
        (
            {each: [{**REFERS, "table": to}] for each, to in [("a", "b"), ("b", "c"), ("c", "a")]},
            r"clean\.c\[0\]\.table: these sources wait for each other to be cleaned: a → b → c → a",
        ),
    ],
)
def test_tables_are_checked_without_spark(clean: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, ConfigErrors), match=message):
        _check(clean)


def test_a_table_may_refer_to_one_that_is_declared_later_and_to_itself() -> None:
    clean = {"a": [{**REFERS, "table": "b"}, {**REFERS, "table": "a"}], "b": [{**REFERS, "table": "c"}]}
    _check(clean)
    made = step(**REFERS, table="a")
    with pytest.raises(ConfigError, match="'boss' is not a column of a"):
        made.columns_after(Names("a", ("id",)))
