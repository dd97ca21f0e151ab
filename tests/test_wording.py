from __future__ import annotations

import math

import pytest

from lakesmith import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.779, "0.7790"),
        (12.345, "12.35"),
        (1234.5, "1,234.5"),
        (336776.0, "336,776"),
        (-0.002, "−0.0020"),
        (0.00004, "0.00004"),
        (1e-9, "1.00e−09"),
        (0.0, "0.0000"),
        (math.nan, "undefined"),
        (-math.inf, "−∞"),
        (None, "–"),
    ],
)
def test_decimals_carry_the_digits_that_matter(value: float | None, text: str) -> None:
    assert wording.decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.04, "0.0 s"), (4.24, "4.2 s"), (9.96, "10 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3900, "1 h 05 min")],
)
def test_seconds_are_told_in_the_unit_people_use(value: float, text: str) -> None:
    assert wording.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.214, "21.4 %"), (0.00001, "< 0.1 %"), (0.99999, "> 99.9 %"), (0, "0.0 %")]
)
def test_a_share_that_is_present_is_not_rounded_away(value: float, text: str) -> None:
    assert wording.share(value) == text


@pytest.mark.parametrize(("value", "text"), [(812, "812 B"), (31_053_427, "31.1 MB"), (None, "–")])
def test_sizes_use_decimal_units(value: int | None, text: str) -> None:
    assert wording.size(value) == text


def test_printable_shows_control_and_direction_characters_as_escapes() -> None:
    assert wording.printable("a\x1b[2J\n\u202eé漢") == "a\\x1b[2J\\x0a\\u202eé漢"


def test_width_counts_wide_characters_twice_and_combining_marks_not_at_all() -> None:
    assert wording.width("漢e\u0301") == 3
