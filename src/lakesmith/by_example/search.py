"""The cheapest concatenations of pieces and constants that give all outputs.

A shortest-path search over positions in all outputs at once: from the place reached in each output, a piece whose
values stand there, or a text all outputs go on with, leads to the next. This is the version-space idea of FlashFill
(Gulwani, Automating String Processing in Spreadsheets Using Input-Output Examples, POPL 2011), its graph walked rather
than kept. Deterministic; bounded by the number of places, of pieces kept, and of examples searched with at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakesmith.by_example import dates, steps
from lakesmith.by_example.pieces import Piece, Values, pieces
from lakesmith.by_example.terms import HOLE, Constant, Term, call, evaluator

KEPT = 12  # ways kept to each place
MAX_PLACES = 4_000
MAX_PIECES = 12  # what takes more has been learned by heart
SEARCHED = 3  # examples searched with at first
Way = tuple[float, tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expression that gives all outputs, and its cost."""

    term: Term
    cost: float


def candidates(examples: Mapping[str, str]) -> list[Candidate]:
    """Expressions that give every example's output, cheapest first; none when nothing was found.

    Searched with a few examples; an example that the cheapest fails joins them, and the search is made again.
    """
    chosen = list(examples)[:SEARCHED]
    while True:
        found = _found(chosen, [examples[text] for text in chosen])
        right = [each for each in found if fails(each.term, examples) is None]
        if right or not found or len(chosen) == len(examples):
            return right
        failing = fails(found[0].term, examples)
        chosen.append(str(failing))


def closest(examples: Mapping[str, str]) -> tuple[Candidate, str] | None:
    """The expression that gives most of the first outputs, and the first input it fails on."""
    texts = list(examples)
    for count in range(min(len(texts) - 1, SEARCHED), 0, -1):
        for candidate in _found(texts[:count], [examples[text] for text in texts[:count]])[:1]:
            failing = fails(candidate.term, examples)
            if failing is not None:
                return candidate, failing
    return None


def fails(term: Term, examples: Mapping[str, str]) -> str | None:
    """The first input for which the term does not give the output."""
    given = evaluator(term)
    return next((text for text, wanted in examples.items() if given(text) != wanted), None)


def _found(inputs: Sequence[str], outputs: Sequence[str]) -> list[Candidate]:
    wanted = tuple(outputs)
    ways = _ways(tuple(inputs), wanted, pieces(tuple(inputs), wanted))
    found: dict[Term, float] = {}
    for cost, way in ways:
        if any(not isinstance(piece.term, Constant) for piece in way):
            found.setdefault(_joined(way), cost)
    return [Candidate(term, cost) for term, cost in found.items()]


def _ways(inputs: Values, outputs: Values, found: Mapping[Values, Sequence[Piece]]) -> list[Way]:
    """The cheapest ways from the start of all outputs to their ends."""
    starts = _starts(outputs[0], found)
    end = tuple(map(len, outputs))
    layers: list[dict[tuple[int, ...], list[Way]]] = [{} for _ in range(len(outputs[0]) + 1)]
    layers[0][(0,) * len(outputs)] = [(0.0, ())]
    seen = 1
    for place, layer in enumerate(layers[:-1]):
        for at, ways in layer.items():
            for piece in _onward(at, inputs, outputs, starts[place], found):
                to = tuple(here + len(value) for here, value in zip(at, piece.values, strict=True))
                known = layers[to[0]]
                seen += to not in known
                if seen > MAX_PLACES:
                    return []
                _extend(known.setdefault(to, []), ways, piece)
    return layers[-1].get(end, [])


def _starts(output: str, found: Mapping[Values, Sequence[Piece]]) -> list[list[Values]]:
    """Place in the first output → the values of which the first stands there."""
    starts: list[list[Values]] = [[] for _ in output]
    for values in found:
        place = output.find(values[0])
        while place >= 0:
            starts[place].append(values)
            place = output.find(values[0], place + 1)
    return starts


def _onward(
    at: tuple[int, ...],
    inputs: Values,
    outputs: Values,
    here: Sequence[Values],
    found: Mapping[Values, Sequence[Piece]],
) -> list[Piece]:
    onward = [
        piece
        for values in here
        if all(out.startswith(value, place) for out, value, place in zip(outputs, values, at, strict=True))
        for piece in found[values]
    ]
    for length in range(1, _alike(at, outputs) + 1):
        text = outputs[0][at[0] : at[0] + length]
        onward.append(Piece(Constant(text), steps.constant_cost(text, inputs), (text,) * len(outputs)))
    return onward


def _alike(at: tuple[int, ...], outputs: Values) -> int:
    """How many characters all outputs go on with alike."""
    rests = [out[place:] for out, place in zip(outputs, at, strict=True)]
    longest = min(map(len, rests))
    return next((n for n in range(longest) if len({rest[n] for rest in rests}) > 1), longest)


def _extend(known: list[Way], ways: Sequence[Way], piece: Piece) -> None:
    is_constant = isinstance(piece.term, Constant)
    free = [way for way in ways if not (is_constant and way[1] and isinstance(way[1][-1].term, Constant))]
    free = [way for way in free if len(way[1]) < MAX_PIECES]
    known += [(cost + piece.cost, (*way, piece)) for cost, way in free]
    known.sort(key=lambda way: way[0])
    del known[KEPT:]


def _joined(way: tuple[Piece, ...]) -> Term:
    """The pieces as one term: neighbouring parts of one date in one pattern, then all in one concat."""
    terms: list[Term] = []
    several = len(way) > 1
    place = 0
    while place < len(way):
        piece = way[place]
        pattern, after = _dated(way, place)
        if piece.instant is not None:
            terms.append(call("date_format", piece.instant, pattern))
        else:
            bare = piece.leaves_empty or (several and piece.term == HOLE)
            terms.append(call("nullif", piece.term, "") if bare else piece.term)
        place = after
    return terms[0] if len(terms) == 1 else call("concat", *terms)


def _dated(way: tuple[Piece, ...], place: int) -> tuple[str, int]:
    """The longest pattern of one instant from `place` on, and the place after it."""
    first, pattern, after = way[place], way[place].pattern, place + 1
    while first.instant is not None:
        between = after
        text = ""
        while between < len(way) and isinstance(way[between].term, Constant):
            text += way[between].values[0]
            between += 1
        if between == len(way) or way[between].instant != first.instant:
            break
        joined = pattern + dates.quoted(text)
        if not text and pattern[-1:] == way[between].pattern[:1]:
            break
        pattern, after = joined + way[between].pattern, between + 1
    return pattern, after
