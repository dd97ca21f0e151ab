"""Inputs like the examples on which two expressions that give all examples part ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lakesmith.by_example.search import Candidate
from lakesmith.by_example.terms import Term, evaluator

MARGIN = 1.0  # how much dearer an expression may be to be another reading of several examples
MARGIN_OF_ONE = 8.0  # and of one example alone
_RUN = re.compile(r"[0-9]+|[^\W\d_]+")


class Doubt(NamedTuple):
    """An input, what the expression found gives for it, and another that gives something else."""

    text: str
    given: str
    other: Term
    other_given: str


def doubt(found: Sequence[Candidate], examples: Mapping[str, str]) -> Doubt | None:
    """Where the cheapest expression and the next ones of a like cost give two different texts for an input like the
    examples; None when they do not. An input for which one of them gives null is not in doubt: it is unlike."""
    margin = MARGIN if len(examples) > 1 else MARGIN_OF_ONE
    best, given = found[0], evaluator(found[0].term)
    inputs = [text for text in perturbed(list(examples)[:3]) if text not in examples]
    for rival in found[1:]:
        if rival.cost > best.cost + margin:
            break
        others = evaluator(rival.term)
        for text in inputs:
            one, other = given(text), others(text)
            if one is not None and other is not None and one != other:
                return Doubt(text, one, rival.term, other)
    return None


def perturbed(texts: Iterable[str]) -> Iterator[str]:
    """Each text with one run of digits or letters changed, longer, shorter, said twice, or left out."""
    for text in dict.fromkeys(texts):
        runs = list(_RUN.finditer(text))[:12]
        for change in (_longer, _shorter, _shifted):
            for run in runs:
                yield text[: run.start()] + change(run[0]) + text[run.end() :]
        for run, after in zip(runs, [*runs[1:], None], strict=True):
            between = text[run.end() : after.start()] if after is not None else _before(text, runs)
            yield text[: run.end()] + between + run[0] + text[run.end() :]
            if after is not None:
                yield text[: run.start()] + text[after.start() :]


def _before(text: str, runs: Sequence[re.Match[str]]) -> str:
    """What parts the last run from the one before it; a hyphen where there is one run only."""
    return text[runs[-2].end() : runs[-1].start()] if len(runs) > 1 else "-"


def _longer(run: str) -> str:
    return run + ("7" if run.isdigit() else "x")


def _shorter(run: str) -> str:
    return run[:-1] or run


def _shifted(run: str) -> str:
    """Other digits or letters of the same length and case."""
    return "".join(_next(mark) for mark in run)


def _next(mark: str) -> str:
    for series in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if mark in series:
            return series[(series.index(mark) + 3) % len(series)]
    return mark
