"""Pieces: everything that steps make of the inputs and that stands in every output, cheapest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lakesmith.by_example import steps
from lakesmith.by_example.steps import Step
from lakesmith.by_example.terms import HOLE, Term, call, evaluator, filled

Values = tuple[str, ...]
PIECE, DATE_PIECE, NESTED = 10.0, 5.0, 1.5
ALTERNATIVES = 6  # pieces kept that give the same values
MAX_INNER = 60  # parts that are taken apart once more


@dataclass(frozen=True, slots=True)
class Piece:
    """A term with what it gives for each input. `instant` and `pattern` are those of a part of a date."""

    term: Term
    cost: float
    values: Values
    leaves_empty: bool = False
    instant: Term | None = None
    pattern: str = ""


class Pool:
    """Pieces by their values, the cheapest few of each."""

    def __init__(self) -> None:
        self.by_values: dict[Values, list[Piece]] = {}

    def add(self, piece: Piece) -> None:
        """Keeps the piece if it is among the cheapest of its values."""
        same = self.by_values.setdefault(piece.values, [])
        full = len(same) == ALTERNATIVES and same[-1].cost <= piece.cost
        if full or any(piece.term == each.term for each in same):
            return
        same.append(piece)
        same.sort(key=lambda each: each.cost)
        del same[ALTERNATIVES:]

    def cheapest(self, count: int) -> list[Piece]:
        """The cheapest piece of each values, at most `count`."""
        firsts = sorted((same[0] for same in self.by_values.values()), key=lambda each: each.cost)
        return firsts[:count]


def pieces(inputs: Values, outputs: Values) -> dict[Values, list[Piece]]:
    """All pieces of which each value stands in its output: values → the cheapest few terms."""
    wholes = [Piece(HOLE, 0.0, inputs)]
    if any(text != text.strip(" ") for text in inputs):
        wholes += _made(wholes[0], [steps.trimmed()])
    first = _pool(_taken(wholes, 0.0), *(_made(piece, steps.betweens(piece.values)) for piece in wholes))
    inner = first.cheapest(MAX_INNER)
    second = _pool(_taken(inner, NESTED), _ended(inner, NESTED))
    third = _pool(_ended(second.cheapest(MAX_INNER), NESTED))
    found = Pool()
    parts = [*wholes, *_all(first), *_all(second), *_all(third), *_counted(wholes, outputs), *_counted(inner, outputs)]
    parts += _ended(wholes, 0.0)
    cleaned = _cleaned([*wholes, *inner], outputs)
    for piece in _cased([*parts, *cleaned], outputs):
        found.add(piece)
    for piece in _dated([*wholes, *inner], outputs):
        found.add(piece)
    return found.by_values


def _made(piece: Piece, offered: Iterable[Step], more: float = 0.0) -> Iterator[Piece]:
    """The piece with each step applied, where that gives a text for every input, and another one."""
    for step in offered:
        values = _values(step.term, piece.values)
        if values is not None and values != piece.values:
            inner, empty = piece.term, piece.leaves_empty or step.leaves_empty
            if step.fills_empty:
                inner, empty = (call("nullif", inner, "") if empty or inner == HOLE else inner), False
            yield Piece(filled(step.term, inner), piece.cost + step.cost + more, values, empty)


_evaluator = cache(evaluator)


def _values(term: Term, texts: Values) -> Values | None:
    given, found = _evaluator(term), []
    for text in texts:
        value = given(text)
        if not value:
            return None
        found.append(value)
    return tuple(found)


def _taken(from_: Iterable[Piece], more: float) -> Iterator[Piece]:
    for piece in from_:
        yield from _made(piece, steps.parts(piece.values), more)


def _ended(from_: Iterable[Piece], more: float) -> Iterator[Piece]:
    for piece in from_:
        yield from _made(piece, steps.ends(), more)


def _counted(from_: Iterable[Piece], outputs: Values) -> Iterator[Piece]:
    """Counted characters; from a part only what fits, since there are many."""
    for piece in from_:
        more = 0.0 if piece.term == HOLE else NESTED
        yield from (made for made in _made(piece, steps.counted(), more) if _fits(made.values, outputs))


def _cleaned(from_: Sequence[Piece], outputs: Values) -> list[Piece]:
    """Characters dropped or replaced, then numbers padded or written anew."""
    kept = _pool(made for piece in from_ for made in _made(piece, steps.kept()))
    bases = [*from_, *kept.cheapest(MAX_INNER)]
    replaced = _pool(made for piece in bases for made in _made(piece, steps.replaced(piece.values, outputs)))
    texts = replaced.cheapest(MAX_INNER)
    twice = _pool(made for piece in texts for made in _made(piece, steps.replaced(piece.values, outputs)))
    numbers = [piece for piece in [*bases, *texts] if all(_is_number(text) for text in piece.values)]
    shaped = (made for piece in numbers for made in _made(piece, steps.shaped(piece.values, outputs)))
    return [*_all(kept), *_all(replaced), *_all(twice), *shaped]


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).removeprefix("-").isdigit()


def _cased(from_: Iterable[Piece], outputs: Values) -> Iterator[Piece]:
    """The pieces as they are and with their case changed, where they stand in the outputs."""
    folded = tuple(text.casefold() for text in outputs)
    for piece in from_:
        if _fits(tuple(text.casefold() for text in piece.values), folded):
            made = [piece, *_made(piece, steps.cases())]
            for each in made:
                if _fits(each.values, outputs):
                    yield Piece(each.term, each.cost + PIECE, each.values, each.leaves_empty)


def _fits(values: Values, outputs: Values) -> bool:
    return all(value in output for value, output in zip(values, outputs, strict=True))


def _dated(from_: Iterable[Piece], outputs: Values) -> Iterator[Piece]:
    """Parts of the dates that the pieces are."""
    for piece in from_:
        if not all(4 <= len(text) <= 30 and any(mark.isdigit() for mark in text) for text in piece.values):
            continue
        for java, step in steps.instants():
            if _values(step.term, piece.values) is not None:
                instant = filled(step.term, piece.term)
                yield from _parts_of(instant, piece.cost + step.cost, java, piece.values, step.term, outputs)


def _parts_of(instant: Term, cost: float, java: str, texts: Values, step: Term, outputs: Values) -> Iterator[Piece]:
    for pattern in steps.date_parts(java):
        written = _values(call("date_format", step, pattern), texts)
        if written is None:
            continue
        whole = Piece(
            call("date_format", instant, pattern), cost + DATE_PIECE, written, instant=instant, pattern=pattern
        )
        named = [Piece(each.term, each.cost, each.values) for each in _made(whole, steps.cases())]
        yield from (each for each in [whole, *named] if _fits(each.values, outputs))


def _pool(*made: Iterable[Piece]) -> Pool:
    pool = Pool()
    for each in made:
        for piece in each:
            pool.add(piece)
    return pool


def _all(pool: Pool) -> Iterator[Piece]:
    for same in pool.by_values.values():
        yield from same
