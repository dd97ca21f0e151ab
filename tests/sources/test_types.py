from __future__ import annotations

import pytest

from lakesmith.sources.types import canonical, decimal_size, is_scalar, widens


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Long", "bigint"),
        ("INTEGER", "int"),
        ("decimal( 9, 2 )", "decimal(9,2)"),
        ("numeric(4)", "decimal(4,0)"),
        ("timestamp_ltz", "timestamp"),
        ("array< struct<a: int, `b c`:map<string,double>> >", "array<struct<a:int,`b c`:map<string,double>>>"),
    ],
)
def test_a_type_is_brought_to_one_spelling(text: str, type_: str) -> None:
    assert canonical(text) == type_


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("itn", "is not a type"),
        ("", "something is missing"),
        ("int int", "goes on"),
        ("decimal", "needs its size"),
        ("decimal(40,2)", "1 to 38"),
        ("decimal(5,6)", "1 to 38"),
        ("array<int", "missing"),
        ("map<int,int>", "keys of a map are strings"),
        ("array<" * 30, "nested deeper"),
    ],
)
def test_what_is_no_type_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical(text)


@pytest.mark.parametrize(
    ("found", "declared", "fits"),
    [
        ("int", "bigint", True),
        ("bigint", "int", False),
        ("float", "double", True),
        ("bigint", "double", False),
        ("int", "double", True),
        ("decimal(5,2)", "decimal(9,4)", True),
        ("decimal(5,2)", "decimal(5,3)", False),
        ("int", "decimal(12,2)", True),
        ("date", "timestamp", False),
    ],
)
def test_a_type_widens_only_where_no_value_changes(found: str, declared: str, fits: bool) -> None:
    assert widens(found, declared) is fits


def test_sizes_and_scalars() -> None:
    assert decimal_size("decimal(9,2)") == (9, 2)
    assert decimal_size("int") is None
    assert is_scalar("decimal(9,2)")
    assert not is_scalar("array<int>")
