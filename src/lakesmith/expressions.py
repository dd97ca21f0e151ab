"""The only door for SQL text in a project file: parsed, allow-listed node by node, and written anew from the tree.

What runs in Spark is never the text of the file but the text rendered here from the checked tree, with every column
quoted: a construct that two parsers read differently cannot pass the check as one thing and run as another. Function
names are kept as written (sqlglot's own translation is switched off), so a function means what Spark says it means.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.sql_functions import AGGREGATES
from lakesmith.sql_rendering import CHAIN_OF, RefusedError, Rendering

if TYPE_CHECKING:
    from sqlglot import exp

MAX_LENGTH = 10_000
MAX_NESTING = 20
MAX_DEPTH = 40
MAX_TERMS = 200

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def columns_in(sql: str, *, allow_aggregates: bool = False) -> tuple[str, ...]:
    """The columns an expression reads, in the order it names them. Raises ConfigError when it may not run."""
    try:
        return _rendered(sql, allow_aggregates)[1]
    except RefusedError as refusal:
        raise ConfigError(str(refusal)) from None


def compiled(sql: str, names: Names, key: str = "", *, allow_aggregates: bool = False) -> str:
    """The expression as Spark SQL text, written from the checked tree, every column quoted and a column of `names`.

    With `allow_aggregates` every column must stand inside an aggregate. Raises ConfigError for anything not
    allow-listed and for an unknown column, with the nearest name.
    """
    try:
        text, columns = _rendered(sql, allow_aggregates)
    except RefusedError as refusal:
        raise ConfigError(str(refusal), key=key) from None
    for column in columns:
        names.need(column, key=key)
    return text


def parsed(sql: str) -> exp.Expression:
    """The tree of an expression that may run. Raises ConfigError otherwise."""
    columns_in(sql)
    return _tree(sql)


def _valid(sql: str) -> str:
    _rendered(sql, False)
    return sql


def _valid_aggregate(sql: str) -> str:
    _rendered(sql, True)
    return sql


# A field's type: SQL text of one value a row, or of one value a group. Which columns exist is asked by `compiled`.
Expression = Annotated[str, AfterValidator(_valid)]
AggregateExpression = Annotated[str, AfterValidator(_valid_aggregate)]


@lru_cache(maxsize=1024)
def _rendered(sql: str, allow_aggregates: bool) -> tuple[str, tuple[str, ...]]:
    """(Spark SQL, columns read). Raises RefusedError."""
    rendering = Rendering(allow_aggregates)
    try:
        tree = _tree(sql)
        _check_depth(tree)
        text = rendering.of(tree)
    except RecursionError:
        raise RefusedError("the expression is nested too deeply. Split it into several columns") from None
    if allow_aggregates and not rendering.aggregated:
        raise RefusedError(f"there is no aggregate in it, such as avg(…). Allowed: {', '.join(sorted(AGGREGATES))}")
    return text, tuple(rendering.columns)


@cache
def _parser() -> tuple[Any, type[Any]]:
    """Spark's dialect and a parser that knows no function, so that every call keeps its name and its arguments."""
    from sqlglot.dialects.spark import Spark

    spark = Spark()
    parser: Any = spark.parser_class
    keywords = {name: parser.FUNCTION_PARSERS[name] for name in ("CAST", "TRY_CAST", "EXTRACT")}
    case = {"CASE": parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    narrowed = {"FUNCTIONS": {}, "FUNCTION_PARSERS": keywords, "NO_PAREN_FUNCTION_PARSERS": case}
    return spark, type("ExpressionParser", (parser,), narrowed)


def _tree(sql: str) -> exp.Expression:
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    if len(sql) > MAX_LENGTH:
        raise RefusedError(f"the expression has {len(sql):,} characters, and may have {MAX_LENGTH:,}")
    if "\0" in sql:
        raise RefusedError("the expression holds a NUL character. Remove it")
    spark, parser = _parser()
    try:
        tokens = spark.tokenize(sql)
        _check_nesting(tokens)
        trees = parser(dialect=spark).parse_into(exp.Condition, _with_spark_texts(tokens, sql), sql)
    except (ParseError, TokenError) as error:
        raise RefusedError(_told(sql, error)) from None
    if len(trees) != 1 or trees[0] is None:
        raise RefusedError("the expression is empty" if not any(trees) else "it is more than one expression")
    return trees[0]  # type: ignore[no-any-return]


def _told(sql: str, error: Any) -> str:
    details: dict[str, Any] = next(iter(getattr(error, "errors", [])), {})
    found, column = details.get("highlight"), details.get("col")
    if re.match(r"\s*(select|with|insert|drop|create|from|values|table)\b", sql, re.IGNORECASE):
        return "it is a statement, and must be an expression that gives one value a row"
    if found:
        return f"it is not one SQL expression: '{found[:40]}' is not expected at character {column}"
    return "it is not one SQL expression: a quote or bracket is not closed"


def _check_nesting(tokens: list[Any]) -> None:
    """Refuses deep nesting before the parser, which is recursive, meets it."""
    depth = 0
    for token in tokens:
        kind = token.token_type.name
        depth += kind in ("L_PAREN", "L_BRACKET", "L_BRACE", "CASE")
        depth -= kind in ("R_PAREN", "R_BRACKET", "R_BRACE", "END")
        if depth > MAX_NESTING:
            raise RefusedError(f"it is nested deeper than {MAX_NESTING} brackets. Split it into several columns")


def _check_depth(tree: exp.Expression) -> None:
    """Refuses a tree that the rendering, or Spark, would have to descend far."""
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, terms = waiting.pop()
        if depth > MAX_DEPTH or terms > MAX_TERMS:
            what = f"{MAX_TERMS} terms in a row" if terms > MAX_TERMS else f"{MAX_DEPTH} levels"
            raise RefusedError(f"it has more than {what}. Split it into several columns")
        chain = CHAIN_OF.get(type(node).__name__)
        for child in node.iter_expressions():
            same = chain is not None and child is node.this and type(child).__name__ in chain
            waiting.append((child, depth + (not same), terms + 1 if same else 0))


def _with_spark_texts(tokens: list[Any], sql: str) -> list[Any]:
    """The tokens, each quoted one with the text Spark reads in it: a doubled quote is a quote, as in Spark 4."""
    merged: list[Any] = []
    for token in tokens:
        if token.token_type.name != "STRING":
            merged.append(token)
            continue
        text, before = _text_of(sql[token.start : token.end + 1]), merged[-1:]
        doubled = [b for b in before if b.token_type.name == "STRING" and b.end + 1 == token.start]
        if doubled and sql[doubled[0].end] == sql[token.start]:
            doubled[0].text, doubled[0].end = doubled[0].text + sql[token.start] + text, token.end
        else:
            token.text = text
            merged.append(token)
    return merged


def _text_of(literal: str) -> str:
    """The value Spark gives a quoted literal: its backslash escapes read as Spark reads them."""

    def value(escape: re.Match[str]) -> str:
        code = escape[1]
        if len(code) > 1:
            number = int(code[1:], 16) if code[0] in "uU" else int(code, 8)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise RefusedError(f"'{escape[0]}' is no character")
            return chr(number)
        return _ESCAPED.get(code, code)

    return _ESCAPE.sub(value, literal[1:-1])
