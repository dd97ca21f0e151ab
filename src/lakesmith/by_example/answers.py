"""The expression of some examples, or the sentence that says why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from lakesmith.by_example import terms
from lakesmith.by_example.doubts import Doubt, doubt
from lakesmith.by_example.search import candidates, closest, fails

MAX_SHOWN = 300
MAX_QUOTED = 60


class Answer(NamedTuple):
    """The expression found, and what to know about it: '' or one sentence."""

    expression: str
    note: str


def answer(column: str, examples: Mapping[str, str]) -> Answer:
    """The simplest expression over the column that gives all examples. Raises ValueError, whose text says why not."""
    return _answer(column, tuple(examples.items()))


@lru_cache(maxsize=256)
def _answer(column: str, pairs: tuple[tuple[str, str], ...]) -> Answer:
    examples = dict(pairs)
    found = candidates(examples)
    if not found:
        raise ValueError(_contradiction(examples) or _nothing(column, examples))
    text = terms.sql(found[0].term, column)
    if terms.read(text, column) != found[0].term:
        raise AssertionError(f"{text} is not read as it was written")
    open_at = doubt(found, examples)
    note = _told(open_at, text, column) if open_at is not None else ""
    if len(examples) == 1:
        note = note or _copied(found[0].term)
        if note:
            raise ValueError(f"one example leaves open what is meant: {note}, or give the expression itself")
    return Answer(text, note)


def check(expression: str, column: str, examples: Mapping[str, str]) -> None:
    """Raises ValueError, whose text says why, unless the expression gives all examples."""
    term = terms.read(expression, column)
    try:
        failing = fails(term, examples)
        given = terms.evaluator(term)(failing) if failing is not None else None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ValueError(f"the expression cannot be evaluated without Spark: {error}") from None
    if failing is not None:
        raise ValueError(
            f"the expression gives {_quoted(given)} for {_quoted(failing)}, and its example says "
            f"{_quoted(examples[failing])}. Remove the expression to have it searched anew, or correct the example"
        )


def _told(open_at: Doubt, text: str, column: str) -> str:
    return (
        f"for {_quoted(open_at.text)} it would give {_quoted(open_at.given)} by {_short(text)}, but "
        f"{_quoted(open_at.other_given)} by {_short(terms.sql(open_at.other, column))}, which gives the examples too. "
        f"Add an example like {_quoted(open_at.text)}"
    )


def _copied(term: terms.Term) -> str:
    """Letters or digits of the only output that are no part of its input, and may belong to the row; '' without."""
    arguments = term.arguments if isinstance(term, terms.Call) and term.name == "concat" else ()
    constants = [str(each.value) for each in arguments if isinstance(each, terms.Constant)]
    copied = next((text for text in constants if any(mark.isalnum() for mark in text)), None)
    return f"{_quoted(copied)} may stand in every output or in this one. Add another example" if copied else ""


def _contradiction(examples: Mapping[str, str]) -> str:
    """Two inputs that only spaces tell apart, with two outputs; '' when there are none."""
    seen: dict[str, str] = {}
    for text, wanted in examples.items():
        other = seen.setdefault(" ".join(text.split()), text)
        if other != text and examples[other] != wanted:
            return (
                f"the examples contradict: {_quoted(other)} gives {_quoted(examples[other])} and {_quoted(text)} gives "
                f"{_quoted(wanted)}, though only spaces tell them apart"
            )
    return ""


def _nothing(column: str, examples: Mapping[str, str]) -> str:
    best = closest(examples)
    hint = "Correct that example, split the task into two columns, or write the expression in add_columns"
    if best is None:
        first, wanted = next(iter(examples.items()))
        return f"no expression was found that makes {_quoted(wanted)} of {_quoted(first)}. {hint}"
    candidate, failing = best
    given = terms.evaluator(candidate.term)(failing)
    return (
        f"no expression was found that gives all examples. The closest, {_short(terms.sql(candidate.term, column))}, "
        f"gives {_quoted(given)} for {_quoted(failing)}, not {_quoted(examples[failing])}. {hint}"
    )


def _quoted(text: object) -> str:
    return "null" if text is None else f"'{_short(str(text), MAX_QUOTED)}'"


def _short(text: str, longest: int = MAX_SHOWN) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
