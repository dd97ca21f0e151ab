"""Spark types as a project file writes them: checked and brought to one spelling without Spark."""

from __future__ import annotations

import re
from collections.abc import Iterator

ALIASES = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "bool": "boolean",
    "dec": "decimal",
    "numeric": "decimal",
    "timestamp_ltz": "timestamp",
}
INTEGERS = ("tinyint", "smallint", "int", "bigint")
FLOATS = ("float", "double")
SCALARS = (*INTEGERS, *FLOATS, "decimal", "string", "boolean", "date", "timestamp", "timestamp_ntz", "binary")
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_TOKEN = re.compile(r"\s*(`(?:[^`]|``)+`|[^\s`<>(),:]+|[<>(),:])")
MAX_DEPTH = 20


def canonical(text: str) -> str:
    """The type in Spark's own spelling: `Long` → `bigint`, `decimal( 9, 2 )` → `decimal(9,2)`.

    Raises ValueError, naming the types there are, for anything else.
    """
    tokens = _tokens(text)
    try:
        found = _type(tokens, 0)
    except StopIteration:
        raise ValueError(f"'{text}' is not a whole type: something is missing at its end") from None
    rest = next(tokens, None)
    if rest is not None:
        raise ValueError(f"'{text}' goes on after the type {found}: '{rest}'")
    return found


def decimal_size(type_: str) -> tuple[int, int] | None:
    """(digits, digits after the point) of a decimal type, None for other types."""
    found = _DECIMAL.fullmatch(type_)
    return (int(found[1]), int(found[2])) if found else None


def is_scalar(type_: str) -> bool:
    """Whether a canonical type is a single value, not a struct, array or map."""
    return type_.split("(")[0] in SCALARS


def widens(found: str, declared: str) -> bool:
    """Whether every value of `found` is a value of `declared`, unchanged."""
    if found == declared:
        return True
    if declared in INTEGERS:
        return found in INTEGERS[: INTEGERS.index(declared)]
    if declared == "double":
        return found in ("float", "tinyint", "smallint", "int")
    to, of = decimal_size(declared), decimal_size(found)
    if to is not None and of is not None:
        return to[1] >= of[1] and to[0] - to[1] >= of[0] - of[1]
    digits = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}.get(found)
    return to is not None and digits is not None and to[0] - to[1] >= digits


def _tokens(text: str) -> Iterator[str]:
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"'{text}' is not a type: '{text[position:]}' cannot be read")
        position = found.end()
        yield found[1]


def _type(tokens: Iterator[str], depth: int) -> str:
    if depth > MAX_DEPTH:
        raise ValueError(f"the type is nested deeper than {MAX_DEPTH} levels")
    word = next(tokens)
    name = ALIASES.get(word.casefold(), word.casefold())
    if name == "decimal":
        return _decimal(tokens)
    if name in SCALARS:
        return name
    if name == "array":
        _expect(tokens, "<")
        element = _type(tokens, depth + 1)
        _expect(tokens, ">")
        return f"array<{element}>"
    if name == "map":
        return _map(tokens, depth)
    if name == "struct":
        return _struct(tokens, depth)
    raise ValueError(f"'{word}' is not a type; there are {', '.join(SCALARS)}, array<…>, map<string,…>, struct<…>")


def _decimal(tokens: Iterator[str]) -> str:
    _expect(tokens, "(", "decimal needs its size, such as decimal(10,2)")
    digits, scale = next(tokens), "0"
    if (after := next(tokens)) == ",":
        scale = next(tokens)
        after = next(tokens)
    if after != ")" or not digits.isdecimal() or not scale.isdecimal():
        raise ValueError("decimal needs its size, such as decimal(10,2)")
    if not 1 <= int(digits) <= 38 or int(scale) > int(digits):
        raise ValueError(f"decimal({digits},{scale}): 1 to 38 digits, of which at most all stand after the point")
    return f"decimal({int(digits)},{int(scale)})"


def _map(tokens: Iterator[str], depth: int) -> str:
    _expect(tokens, "<")
    key = _type(tokens, depth + 1)
    _expect(tokens, ",")
    value = _type(tokens, depth + 1)
    _expect(tokens, ">")
    if key != "string":
        raise ValueError(f"map<{key},…>: the keys of a map are strings")
    return f"map<{key},{value}>"


def _struct(tokens: Iterator[str], depth: int) -> str:
    _expect(tokens, "<")
    fields = []
    while True:
        name = next(tokens)
        _expect(tokens, ":")
        fields.append(f"{name}:{_type(tokens, depth + 1)}")
        if (after := next(tokens)) == ">":
            return f"struct<{','.join(fields)}>"
        if after != ",":
            raise ValueError(f"struct<…>: ',' or '>' expected, '{after}' found")


def _expect(tokens: Iterator[str], wanted: str, told: str = "") -> None:
    try:
        found = next(tokens)
    except StopIteration:
        raise ValueError(told or f"'{wanted}' is missing") from None
    if found != wanted:
        raise ValueError(told or f"'{wanted}' expected, '{found}' found")
