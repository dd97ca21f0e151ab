"""Steps: the small terms a piece is made of, each with a cost that says how much it takes for granted.

A step is offered for the texts it would be applied to, so that only their delimiters, tokens and lengths are tried.
Costs are in points. They are a ranking, no probabilities: tokens counted from an end and parts between delimiters are
cheap, counted characters dear, and everything costs more the further from an end it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from lakesmith.by_example import dates
from lakesmith.by_example.terms import HOLE, Term, call

_CAMEL = re.compile("[a-z][A-Z]")
MAX_PARTS = 5
MAX_MARKS = 8
MAX_COUNTED = 24
TOKENS = {"[0-9]+": 2.0, r"\p{L}+": 2.2, r"[\p{L}0-9]+": 2.6, "[0-9]+(?:[.,][0-9]+)*": 2.8, r"\p{Lu}+": 6.0}
_BRACKETS = ("()", "[]", "{}", "<>")
_LONG_DELIMITERS = (", ", " - ", "://", ": ", "; ", " / ", "--", "::")
_KEPT = {"[^0-9]": 2.5, "[^0-9.]": 3.0, "[^0-9.-]": 3.2, "[^0-9,]": 3.1, "[^0-9,-]": 3.3,
         r"[^\p{L}]": 3.0, r"[^\p{L}0-9]": 3.1, r"[^\p{Lu}]": 3.4}  # fmt: skip


class Step(NamedTuple):
    """A term over its hole; `leaves_empty` says that it gives '' where what it looks for is missing, `fills_empty`
    that it makes a text even of ''."""

    term: Term
    cost: float
    leaves_empty: bool = False
    fills_empty: bool = False


def parts(texts: Sequence[str]) -> Iterator[Step]:
    """What stands between, before and after delimiters, and the tokens."""
    for delimiter in _delimiters(texts):
        most = min(max(text.count(delimiter) for text in texts) + 1, MAX_PARTS)
        for place in _places(most):
            yield split(delimiter, place)
        yield rest_after(delimiter)
        yield rest_before(delimiter)
    for token, cost in TOKENS.items():
        for place in _places(4):
            yield token_at(token, place, cost)
    for label in _labels(texts):
        yield after_label(label)


def betweens(texts: Sequence[str]) -> Iterator[Step]:
    """What stands between two marks."""
    for opening, closing in _pairs(texts):
        yield between(opening, closing)


@cache
def split(delimiter: str, place: int) -> Step:
    """The part at a place between delimiters."""
    cost = (1.8 if delimiter == " " else 2.0) + abs(place) - 1 + 0.5 * (place < 0)
    return Step(call("split_part", HOLE, delimiter, place), cost, True)


@cache
def token_at(token: str, place: int, cost: float) -> Step:
    """The token at a place."""
    more = 1.5 * (abs(place) - 1) + 0.5 * (place < 0)
    if place == 1:
        return Step(call("regexp_extract", HOLE, token, 0), cost, True)
    return Step(call("try_element_at", call("regexp_extract_all", HOLE, token, 0), place), cost + more)


@cache
def after_label(label: str) -> Step:
    """What follows a label such as `page=`, up to the next mark that may end a value."""
    return Step(call("regexp_extract", HOLE, f"(?:^|[^\\p{{L}}0-9]){label} *([^&;, ]+)", 1), 3.2, True)


@cache
def between(opening: str, closing: str) -> Step:
    """What stands between a mark and the next other one; dearer when they are no brackets."""
    pattern = f"{_escaped(opening)}([^{_within(closing)}]*){_escaped(closing)}"
    return Step(call("regexp_extract", HOLE, pattern, 1), 2.8 if opening + closing in _BRACKETS else 3.4, True)


@cache
def rest_after(delimiter: str) -> Step:
    """Everything after the first delimiter."""
    return Step(call("regexp_extract", HOLE, f"{_escaped(delimiter)}([\\s\\S]*)", 1), 3.3, True)


@cache
def rest_before(delimiter: str) -> Step:
    """Everything before the last delimiter."""
    return Step(call("regexp_extract", HOLE, f"([\\s\\S]*){_escaped(delimiter)}", 1), 3.3, True)


@cache
def ends() -> tuple[Step, ...]:
    """The first and last few characters, of a part."""
    return tuple(
        Step(call(side, HOLE, count), 2.5 + 0.4 * (count - 1) + 0.3 * (side == "right"), True)
        for side in ("left", "right")
        for count in (1, 2, 3, 4)
    )


@cache
def counted() -> tuple[Step, ...]:
    """Characters by their position from the left or right."""
    steps = [
        Step(call(side, HOLE, count), 3.5 + 0.3 * count, True) for side in ("left", "right") for count in range(5, 13)
    ]
    for start in range(2, MAX_COUNTED):
        for length in range(1, 13):
            steps.append(Step(call("substring", HOLE, start, length), 4.5 + 0.3 * (start + length), True))
            if length <= start:
                steps.append(Step(call("substring", HOLE, -start, length), 5.0 + 0.3 * (start + length), True))
    for count in range(1, 9):
        steps.append(Step(call("substring", HOLE, count + 1), 3.8 + 0.3 * count, True))
        shorter = call("-", call("length", HOLE), count)
        steps.append(Step(call("substring", HOLE, 1, shorter), 4.0 + 0.3 * count, True))
    return tuple(steps)


@cache
def kept() -> tuple[Step, ...]:
    """Only the characters of a class."""
    return tuple(Step(call("regexp_replace", HOLE, dropped, ""), cost, True) for dropped, cost in _KEPT.items())


def replaced(texts: Sequence[str], wanted: Sequence[str]) -> Iterator[Step]:
    """One delimiter removed, or replaced by one of the outputs; words joined by capitals parted; zeros removed."""
    new = ["", *sorted({mark for text in wanted for mark in text if not mark.isalnum()})]
    for old in _delimiters(texts):
        for mark in new:
            if mark != old:
                yield Step(call("replace", HOLE, old, mark), 2.5 + 0.3 * (mark != ""), True)
    if any(_CAMEL.search(text) for text in texts):
        for mark in new[1:5]:
            yield Step(call("regexp_replace", HOLE, r"(?<=\p{Ll})(?=\p{Lu})", mark), 3.0)
    if any(text.startswith("0") for text in texts):
        yield Step(call("regexp_replace", HOLE, "^0+(?=.)", ""), 2.5)


def shaped(texts: Sequence[str], wanted: Sequence[str]) -> Iterator[Step]:
    """Numbers padded with zeros to a length the outputs have, or written with commas and decimals."""
    # Where all lack as many zeros, a constant before them says the same and asks for less.
    cost = 3.5 if len({len(text) for text in texts}) > 1 else 13.5
    for length in sorted({len(text) for text in wanted} | {2, 3}):
        if any(len(text) < length <= 18 for text in texts):
            yield Step(call("lpad", HOLE, call("greatest", length, call("length", HOLE)), "0"), cost, fills_empty=True)
    # Without a comma in the outputs it is a plain number that is wanted.
    grouped = 4.0 if any("," in text for text in wanted) else 6.0
    for places in (0, 1, 2, 3):
        number = call("format_number", call("try_decimal", HOLE, 38, 6), places)
        yield Step(number, grouped)
        yield Step(call("replace", number, ",", ""), 4.5)


@cache
def cases() -> tuple[Step, ...]:
    """The case changed."""
    return tuple(Step(call(name, HOLE), 1.5) for name in ("lower", "upper", "initcap"))


@cache
def trimmed() -> Step:
    """Without spaces around it."""
    return Step(call("trim", HOLE), 0.6)


@cache
def instants() -> tuple[tuple[str, Step], ...]:
    """Input pattern → the text as an instant; null for a text of another shape."""
    steps = []
    for position, java in enumerate(dates.INPUTS):
        held = call("regexp_extract", HOLE, dates.guard(java), 0)
        steps.append((java, Step(call("try_to_timestamp", held, java), 0.02 * position)))
    return tuple(steps)


def date_parts(java: str) -> tuple[str, ...]:
    """The parts an instant read by a pattern has."""
    letters = {run[0] for run, is_run in dates.runs(java) if is_run}
    of_date = [part for part in dates.DATE_PARTS if "d" in letters or ("y" in letters and part[0] in "yMQ")]
    return (*of_date, *(dates.TIME_PARTS if "m" in letters else ()))


def _places(most: int) -> Iterator[int]:
    for place in range(1, most + 1):
        yield place
        yield -place


def _labels(texts: Sequence[str]) -> list[str]:
    """Words before `=` or `:` that all texts have."""
    return [each for each in dict.fromkeys(re.findall("[A-Za-z]+[=:]", texts[0])) if all(each in t for t in texts)][:8]


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Two marks of which all texts have the second somewhere after the first."""
    marks = [mark for mark in _delimiters(texts) if len(mark) == 1 and all(mark in text for text in texts)]
    pairs = [(one, other) for one in marks for other in marks if one != other]
    return [(one, other) for one, other in pairs if all(other in text[text.index(one) :] for text in texts)]


def _delimiters(texts: Sequence[str]) -> list[str]:
    marks = dict.fromkeys(mark for text in texts for mark in text if not mark.isalnum())
    return [*list(marks)[:MAX_MARKS], *(long for long in _LONG_DELIMITERS if any(long in text for text in texts))]


def _escaped(delimiter: str) -> str:
    """The delimiter as a pattern, without a backslash where a class does as well."""
    return "".join(f"[{mark}]" if mark in ".$|()[{*+?" and mark != "[" else _special(mark) for mark in delimiter)


def _within(mark: str) -> str:
    """The mark within a class."""
    return "\\" + mark if mark in "[]^-\\&" else mark


def _special(mark: str) -> str:
    return "\\" + mark if mark in "[]^}\\" else mark


def constant_cost(text: str, inputs: Sequence[str]) -> float:
    """What a text copied from the outputs costs: letters and digits much more than marks, since they may belong to the
    rows, and more again when every input holds them, above all where there is one input only."""
    known = sum(mark.isalnum() for mark in text)
    cost = (8.0 if known else 3.0) + 3.0 * known + 0.5 * (len(text) - known)
    runs = re.findall(r"[0-9]+|[^\W\d_]+", text.casefold())
    if any(all(run in each.casefold() for each in inputs) for run in runs):
        cost += 8.0 if len(inputs) > 1 else 20.0
    return cost
