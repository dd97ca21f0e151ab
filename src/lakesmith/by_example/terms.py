"""Terms: an expression over one text, written as Spark SQL, read back from it, and evaluated without Spark."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Union

from lakesmith.by_example.functions import FUNCTIONS, Value
from lakesmith.columns import quote
from lakesmith.errors import ConfigError
from lakesmith.expressions import parsed
from lakesmith.sql_rendering import literal

DECIMAL = (38, 6)


@dataclass(frozen=True, slots=True)
class Hole:
    """The text that the expression is over: the column, or what an outer term puts there."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A text or a whole number."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of Spark with its arguments; `try_decimal`, `+` and `-` are written as SQL has them."""

    name: str
    arguments: tuple[Term, ...]


Term = Union[Hole, Constant, Call]  # noqa: UP007 (a forward reference)
HOLE = Hole()


class UnreadableError(ValueError):
    """What of an expression cannot be evaluated without Spark."""


def call(name: str, *arguments: Term | str | int) -> Call:
    """A call whose plain arguments are constants."""
    return Call(name, tuple(Constant(each) if isinstance(each, str | int) else each for each in arguments))


def filled(term: Term, inner: Term) -> Term:
    """The term with `inner` in its hole."""
    if isinstance(term, Hole):
        return inner
    if isinstance(term, Constant):
        return term
    return Call(term.name, tuple(filled(each, inner) for each in term.arguments))


def sql(term: Term, column: str) -> str:
    """The term as Spark SQL over a column."""
    if isinstance(term, Hole):
        return _written(column)
    if isinstance(term, Constant):
        return literal(term.value) if isinstance(term.value, str) else str(term.value)
    arguments = [sql(each, column) for each in term.arguments]
    if term.name in ("+", "-"):
        return f" {term.name} ".join(arguments)
    if term.name == "try_decimal":
        return f"try_cast({arguments[0]} AS DECIMAL({arguments[1]}, {arguments[2]}))"
    return f"{term.name}({', '.join(arguments)})"


@cache
def _written(column: str) -> str:
    """The column as a person writes it: quoted only where SQL would read the bare name as something else."""
    from sqlglot.dialects.spark import Spark

    is_plain = re.fullmatch("[a-z][a-z0-9_]*", column) and Spark().tokenize(column)[0].token_type.name == "VAR"
    return column if is_plain else quote(column)


def evaluator(term: Term) -> Callable[[str], Value]:
    """The function of a text that the term is; null wherever an argument is null."""
    if isinstance(term, Hole):
        return lambda text: text
    if isinstance(term, Constant):
        value = term.value
        return lambda _: value
    function = FUNCTIONS[term.name]
    first = evaluator(term.arguments[0])
    if all(isinstance(each, Constant) for each in term.arguments[1:]):
        rest = tuple(each.value for each in term.arguments[1:] if isinstance(each, Constant))
        return lambda text: None if (given := first(text)) is None else function(given, *rest)
    return _general(function, tuple(evaluator(each) for each in term.arguments))


def _general(function: Callable[..., Value], arguments: tuple[Callable[[str], Value], ...]) -> Callable[[str], Value]:
    def evaluated(text: str) -> Value:
        given = [each(text) for each in arguments]
        return None if any(each is None for each in given) else function(*given)

    return evaluated


def read(text: str, column: str) -> Term:
    """The term of an expression over one column. Raises UnreadableError for what cannot be evaluated without Spark, or
    may not be said at all."""
    try:
        tree = parsed(text)
    except ConfigError as error:
        raise UnreadableError(error.message) from None
    return _term(tree, column)


def _term(node: Any, column: str) -> Term:
    name = type(node).__name__
    if name == "Paren":
        return _term(node.this, column)
    if name == "Column":
        if node.name != column or node.args.get("table") is not None:
            raise UnreadableError(f"it reads '{node.sql()}', and may read '{column}' only")
        return HOLE
    if name == "Literal":
        return Constant(node.this if node.is_string else _whole(node.this))
    if name == "Neg":
        return Constant(-_whole(node.this.this))
    if name in ("Add", "Sub", "DPipe"):
        operator = {"Add": "+", "Sub": "-", "DPipe": "concat"}[name]
        return Call(operator, (_term(node.this, column), _term(node.expression, column)))
    if name == "TryCast" and node.args.get("safe"):
        return _cast(node, column)
    if name == "Anonymous" and str(node.this).lower() in FUNCTIONS:
        return Call(str(node.this).lower(), tuple(_term(each, column) for each in node.expressions))
    raise UnreadableError(f"'{node.this if name == 'Anonymous' else name}' is not evaluated without Spark")


def _cast(node: Any, column: str) -> Term:
    sizes = [each.this.this for each in node.args["to"].expressions]
    if node.args["to"].this.name != "DECIMAL" or len(sizes) != 2:
        raise UnreadableError("a cast to another type than decimal(p, s) is not evaluated without Spark")
    return call("try_decimal", _term(node.this, column), *map(int, sizes))


def _whole(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch("[0-9]{1,9}", text):
        raise UnreadableError("a number with decimals is not evaluated without Spark")
    return int(text)
