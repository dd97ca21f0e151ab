"""SQL text written from a parsed tree, node by node; what has no rule here cannot be said in an expression.

Every rule names the parts of its node that it writes; a node with any other part is refused, so nothing that was
parsed is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from lakesmith.columns import quote
from lakesmith.errors import nearest
from lakesmith.sql_functions import AGGREGATES, ALLOWED, REFUSED

# Operators that join two values, by sqlglot's name of the node; those on one line associate to the left together.
_CHAINS: tuple[dict[str, str], ...] = (
    {"And": "AND"},
    {"Or": "OR"},
    {"Add": "+", "Sub": "-"},
    {"Mul": "*", "Div": "/", "IntDiv": "DIV", "Mod": "%"},
    {"DPipe": "||"},
    {"BitwiseAnd": "&"},
    {"BitwiseOr": "|"},
    {"BitwiseXor": "^"},
)
CHAIN_OF = {name: chain for chain in _CHAINS for name in chain}
_COMPARISONS = {
    "EQ": "=",
    "NEQ": "<>",
    "GT": ">",
    "GTE": ">=",
    "LT": "<",
    "LTE": "<=",
    "NullSafeEQ": "<=>",
    "Like": "LIKE",
    "ILike": "ILIKE",
    "RegexpLike": "RLIKE",
}
_TYPES = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "TINYINT",
    "SMALLINT": "SMALLINT",
    "INT": "INT",
    "BIGINT": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DECIMAL": "DECIMAL",
    "TEXT": "STRING",
    "BINARY": "BINARY",
    "DATE": "DATE",
    "TIMESTAMPTZ": "TIMESTAMP",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "ARRAY": "ARRAY",
    "MAP": "MAP",
}
_CLOCK_UNITS = frozenset({"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"})
_UNITS = _CLOCK_UNITS | {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_FIELDS = _UNITS | frozenset(["DAYOFWEEK", "DAYOFWEEK_ISO", "DOW", "DOW_ISO", "DOY", "YEAROFWEEK"])
_NAMED = {
    **dict.fromkeys(("Subquery", "Select", "Exists", "Any", "All", "Union", "Table"), "a subquery"),
    **dict.fromkeys(("Window", "Filter", "IgnoreNulls", "RespectNulls", "WithinGroup"), "a window or filter clause"),
    **dict.fromkeys(("Lambda", "Kwarg"), "a lambda or named argument"),
    **dict.fromkeys(("Placeholder", "Parameter", "SessionParameter"), "a parameter or template ({{…}}, ${…}, :…, ?)"),
    **dict.fromkeys(("JSONExtract", "JSONExtractScalar"), "the operator '->' (use get_json_object)"),
    "Star": "'*'",
    "Distinct": "DISTINCT",
    "Order": "ORDER BY",
    "Tuple": "a list in brackets",
    "Slice": "a slice",
    "Array": "an index right after array(…) (use element_at)",
    "Alias": "AS (the file names the column)",
    "CurrentDate": "current_date",
    "CurrentTimestamp": "current_timestamp",
    "CurrentUser": "current_user",
    "Coalesce": "'??' (use coalesce)",
    "AtTimeZone": "AT TIME ZONE (use convert_timezone)",
}


class RefusedError(ValueError):
    """A sentence that says what in an expression is not read."""


def literal(text: str) -> str:
    """The text as a Spark literal; the two patterns Spark keeps the backslash of are kept too."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


class Rendering:
    """Writes one tree as Spark SQL; what it has no rule for is refused."""

    def __init__(self, allow_aggregates: bool) -> None:
        self.allow_aggregates = allow_aggregates
        self.aggregated = False
        self.within: str = ""
        self.columns: dict[str, None] = {}

    def of(self, node: Any) -> str:
        """The text of one node and all below it. Raises RefusedError."""
        name = type(node).__name__
        rule = self._rules.get(name)
        if rule is None:
            self._refuse(node)
        return rule(self, node)

    def _refuse(self, node: Any) -> NoReturn:
        name = type(node).__name__
        what = _NAMED.get(name, f"this use of SQL ({name})")
        reason = REFUSED.get(what)
        raise RefusedError(f"'{what}' {reason}" if reason else f"{what} is not read in an expression")

    def _args(self, node: Any, *allowed: str) -> None:
        """Only the named parts of the node are there: a part no rule writes must not be dropped in silence."""
        if any(value for name, value in node.args.items() if name not in allowed):
            self._refuse(node)

    def _inner(self, node: Any) -> str:
        """The value within an operation: in brackets unless it is one word or call."""
        name, text = type(node).__name__, self.of(node)
        simple = ("Column", "Literal", "RawString", "Boolean", "Null", "Anonymous", "Cast", "TryCast", "Paren", "Case")
        return text if name in (*simple, "Dot", "Bracket", "Extract", "Concat") else f"({text})"

    def _chain(self, node: Any) -> str:
        """Operands that associate to the left, written without brackets and without descending one by one."""
        chain = CHAIN_OF[type(node).__name__]
        joined = []
        while type(node).__name__ in chain:
            self._args(node, "this", "expression", "typed", "safe")
            joined.append((chain[type(node).__name__], node.expression))
            node = node.this
        terms = [self._inner(node)]
        for operator, operand in reversed(joined):
            terms += (operator, self._inner(operand))
        return " ".join(terms)

    def _comparison(self, node: Any) -> str:
        self._args(node, "this", "expression", "negate")
        negated = "NOT " if node.args.get("negate") else ""
        operator = _COMPARISONS[type(node).__name__]
        return f"{self._inner(node.this)} {negated}{operator} {self._inner(node.expression)}"

    def _nullsafeneq(self, node: Any) -> str:
        self._args(node, "this", "expression")
        return f"NOT ({self._inner(node.this)} <=> {self._inner(node.expression)})"

    def _escape(self, node: Any) -> str:
        self._args(node, "this", "expression")
        if type(node.this).__name__ not in ("Like", "ILike") or not node.expression.is_string:
            self._refuse(node)
        return f"{self.of(node.this)} ESCAPE {self.of(node.expression)}"

    def _not(self, node: Any) -> str:
        self._args(node, "this")
        return f"NOT {self._inner(node.this)}"

    def _neg(self, node: Any) -> str:
        self._args(node, "this")
        return f"-{self._inner(node.this)}"

    def _bitwisenot(self, node: Any) -> str:
        self._args(node, "this")
        return f"~{self._inner(node.this)}"

    def _paren(self, node: Any) -> str:
        self._args(node, "this")
        return f"({self.of(node.this)})"

    def _is(self, node: Any) -> str:
        self._args(node, "this", "expression")
        if type(node.expression).__name__ not in ("Null", "Boolean"):
            self._refuse(node)
        return f"{self._inner(node.this)} IS {self.of(node.expression)}"

    def _between(self, node: Any) -> str:
        self._args(node, "this", "low", "high")
        low, high = (self._inner(node.args[end]) for end in ("low", "high"))
        return f"{self._inner(node.this)} BETWEEN {low} AND {high}"

    def _in(self, node: Any) -> str:
        if node.args.get("query") is not None:
            raise RefusedError("a subquery is not read in an expression")
        self._args(node, "this", "expressions")
        return f"{self._inner(node.this)} IN ({', '.join(self.of(each) for each in node.expressions)})"

    def _case(self, node: Any) -> str:
        self._args(node, "this", "ifs", "default")
        parts = ["CASE", self._inner(node.this)] if node.this else ["CASE"]
        for branch in node.args["ifs"]:
            self._args(branch, "this", "true")
            parts.append(f"WHEN {self.of(branch.this)} THEN {self.of(branch.args['true'])}")
        if node.args.get("default") is not None:
            parts.append(f"ELSE {self.of(node.args['default'])}")
        return " ".join([*parts, "END"])

    def _cast(self, node: Any) -> str:
        self._args(node, "this", "to", "safe", "_type")
        # sqlglot's TryCast is Spark's plain CAST unless `safe` is set: its name is from before Spark was ANSI.
        word = "TRY_CAST" if node.args.get("safe") else "CAST"
        return f"{word}({self.of(node.this)} AS {self._datatype(node.args['to'])})"

    def _datatype(self, node: Any) -> str:
        kind = getattr(node.this, "name", "")
        if type(node).__name__ != "DataType" or kind not in _TYPES:
            known = ", ".join(sorted(name.lower() for name in _TYPES.values()))
            raise RefusedError(f"'{str(kind or node.this).lower()[:40]}' is not a type to cast to. Allowed: {known}")
        self._args(node, "this", "expressions", "nested", "_type")
        within = node.expressions
        if kind in ("ARRAY", "MAP"):
            return f"{kind}<{', '.join(self._datatype(each) for each in within)}>"
        sizes = [each.this.this if type(each).__name__ == "DataTypeParam" else "" for each in within]
        if sizes and (kind != "DECIMAL" or len(sizes) > 2 or not all(re.fullmatch("[0-9]{1,2}", s) for s in sizes)):
            raise RefusedError(f"the type {_TYPES[kind].lower()} takes no such size")
        return _TYPES[kind] + (f"({', '.join(sizes)})" if sizes else "")

    def _interval(self, node: Any) -> str:
        self._args(node, "this", "unit")
        amount, unit = node.this, node.args.get("unit")
        if type(amount).__name__ != "Literal" or not re.fullmatch(r"[-+ 0-9.:a-zA-Z]{1,80}", amount.this):
            raise RefusedError("an INTERVAL takes a number; for a column use make_dt_interval or make_ym_interval")
        ends = [unit.this, unit.expression] if type(unit).__name__ == "IntervalSpan" else [unit] if unit else []
        words = [str(end.this).upper() for end in ends]
        if not all(word.removesuffix("S") in _UNITS for word in words):
            raise RefusedError(f"'{' '.join(words)[:40]}' is not a unit of an INTERVAL. Allowed: day, hour, month, …")
        return " ".join(("INTERVAL", literal(amount.this), " TO ".join(words))).rstrip()

    def _extract(self, node: Any) -> str:
        self._args(node, "this", "expression")
        part = str(node.this.this).upper()
        if part.removesuffix("S") not in _FIELDS:
            raise RefusedError(f"'{part[:40]}' cannot be extracted. {nearest(part, sorted(_FIELDS))}")
        return f"EXTRACT({part} FROM {self.of(node.expression)})"

    def _literal(self, node: Any) -> str:
        if node.is_string:
            return literal(node.this)
        if not re.fullmatch(r"(?a:\d+\.?\d*|\.\d+)([eE][-+]?[0-9]+)?", node.this):
            raise RefusedError(f"'{node.this[:40]}' is not a number")
        return str(node.this)

    def _rawstring(self, node: Any) -> str:
        return literal(node.this)

    def _concat(self, node: Any) -> str:
        """Literals side by side ('a' 'b'), which are one text; the function concat is an ordinary call."""
        if not all(type(each).__name__ == "Literal" and each.is_string for each in node.expressions):
            self._refuse(node)
        return literal("".join(each.this for each in node.expressions))

    def _boolean(self, node: Any) -> str:
        return "TRUE" if node.this else "FALSE"

    def _null(self, node: Any) -> str:
        return "NULL"

    def _column(self, node: Any) -> str:
        """A column, or a field of a struct column: the first word is the column."""
        self._args(node, "this", "table", "db", "catalog")
        parts = [node.args.get(part) for part in ("catalog", "db", "table", "this")]
        words = [self._identifier(part) for part in parts if part is not None]
        if self.allow_aggregates and not self.within:
            raise RefusedError(f"the column '{words[0][:80]}' stands outside an aggregate such as avg(…)")
        self.columns[words[0]] = None
        return ".".join(quote(word) for word in words)

    def _identifier(self, node: Any) -> str:
        if type(node).__name__ != "Identifier" or not node.this:
            self._refuse(node)
        return str(node.this)

    def _dot(self, node: Any) -> str:
        self._args(node, "this", "expression")
        if type(node.this).__name__ == "Identifier" or type(node.expression).__name__ != "Identifier":
            raise RefusedError("a function with dots in its name is not read; only Spark's own can be called")
        return f"{self._inner(node.this)}.{quote(self._identifier(node.expression))}"

    def _bracket(self, node: Any) -> str:
        self._args(node, "this", "expressions")
        if len(node.expressions) != 1:
            self._refuse(node)
        return f"{self._inner(node.this)}[{self.of(node.expressions[0])}]"

    def _anonymous(self, node: Any) -> str:
        self._args(node, "this", "expressions")
        if not isinstance(node.this, str):
            raise RefusedError("a function name in backticks is not read. Write it without")
        name = node.this.lower()
        if name in AGGREGATES:
            return self._aggregate(name, node)
        if name not in ALLOWED:
            self._refuse_function(name)
        return f"{name}({', '.join(self.of(each) for each in node.expressions)})"

    def _aggregate(self, name: str, node: Any) -> str:
        if not self.allow_aggregates:
            raise RefusedError(f"'{name}' looks at many rows, and an expression sees one. Use history or aggregate")
        if self.within:
            raise RefusedError(f"'{name}' stands inside '{self.within}', and aggregates do not nest")
        self.within, self.aggregated = name, True
        every_row = name == "count" and [type(each).__name__ for each in node.expressions] == ["Star"]
        arguments = "*" if every_row else ", ".join(self.of(each) for each in node.expressions)
        self.within = ""
        return f"{name}({arguments})"

    def _refuse_function(self, name: str) -> NoReturn:
        shown = name if len(name) <= 60 else f"{name[:59]}…"
        if name in REFUSED:
            raise RefusedError(f"'{shown}' {REFUSED[name]}, so it may not be used")
        hint = nearest(name, sorted(ALLOWED | AGGREGATES if self.allow_aggregates else ALLOWED))
        raise RefusedError(f"'{shown}' is not a function an expression may call. {hint}")

    _rules: ClassVar[dict[str, Callable[[Rendering, Any], str]]] = {
        **dict.fromkeys(CHAIN_OF, _chain),
        **dict.fromkeys(_COMPARISONS, _comparison),
        **dict.fromkeys(("Cast", "TryCast"), _cast),
        "NullSafeNEQ": _nullsafeneq,
        "Escape": _escape,
        "Not": _not,
        "Neg": _neg,
        "BitwiseNot": _bitwisenot,
        "Paren": _paren,
        "Is": _is,
        "Between": _between,
        "In": _in,
        "Case": _case,
        "Interval": _interval,
        "Extract": _extract,
        "Literal": _literal,
        "RawString": _rawstring,
        "Concat": _concat,
        "Boolean": _boolean,
        "Null": _null,
        "Column": _column,
        "Dot": _dot,
        "Bracket": _bracket,
        "Anonymous": _anonymous,
    }
