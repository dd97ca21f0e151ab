"""One example of each cleaning step: kind → rows in, rows out, and how many rows were sent to quarantine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Example:
    """A step's YAML as a dict, rows before and after it, the number of rows it rejects, and tables it looks at as
    (schema, rows)."""

    piece: dict[str, Any]
    schema: str
    rows: list[tuple[Any, ...]]
    expected_schema: str
    expected: list[tuple[Any, ...]]
    rejected: int = 0
    tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = field(default_factory=dict)


EXAMPLES: dict[str, Example] = {
    "add_key": Example(
        piece={"kind": "add_key"},
        schema="id int, city string, town string",
        rows=[(1, "Rome", None), (1, None, "Rome"), (1, "Rome", None), (None, None, None)],
        expected_schema="id int, city string, town string, row_key string",
        expected=[
            (1, "Rome", None, "9b002efa9a2980aa-1"),
            (1, "Rome", None, "9b002efa9a2980aa-2"),
            (1, None, "Rome", "4b7f7fcc692f2fcf-1"),
            (None, None, None, "dae4134743ebab79-1"),
        ],
    ),
    "cast": Example(
        piece={"kind": "cast", "columns": {"amount": "int"}},
        schema="id int, amount string",
        rows=[(1, "12"), (2, "12a"), (3, None)],
        expected_schema="id int, amount int",
        expected=[(1, 12), (3, None)],
        rejected=1,
    ),
    "convert_units": Example(
        piece={"kind": "convert_units", "columns": ["warmth"], "from": "F", "to": "C"},
        schema="id int, warmth int",
        rows=[(1, 212), (2, 32), (3, None)],
        expected_schema="id int, warmth double",
        expected=[(1, 100.0), (2, 0.0), (3, None)],
    ),
    "drop_columns": Example(
        piece={"kind": "drop_columns", "columns": ["note"]},
        schema="id int, note string",
        rows=[(1, "x")],
        expected_schema="id int",
        expected=[(1,)],
    ),
    "drop_duplicates": Example(
        piece={"kind": "drop_duplicates", "key": ["id"], "order_by": "seen"},
        schema="id int, seen int, city string",
        rows=[(1, 1, "Rome"), (1, 2, "Oslo"), (1, None, "Bern"), (None, 1, "Kyiv"), (None, 1, "Kyiv")],
        expected_schema="id int, seen int, city string",
        expected=[(1, 2, "Oslo"), (None, 1, "Kyiv"), (None, 1, "Kyiv")],
    ),
    "drop_nulls": Example(
        piece={"kind": "drop_nulls", "columns": ["city", "amount"]},
        schema="id int, city string, amount double",
        rows=[(1, "Rome", 1.0), (2, None, 1.0), (3, "Oslo", float("nan"))],
        expected_schema="id int, city string, amount double",
        expected=[(1, "Rome", 1.0)],
        rejected=2,
    ),
    "expect": Example(
        piece={"kind": "expect", "rule": "amount > 0", "otherwise": "quarantine"},
        schema="id int, amount double",
        rows=[(1, 5.0), (2, -1.0), (3, None), (4, float("nan"))],
        expected_schema="id int, amount double",
        expected=[(1, 5.0)],
        rejected=3,
    ),
    "fill_nulls": Example(
        piece={"kind": "fill_nulls", "values": {"city": "unknown", "amount": 0}},
        schema="id int, city string, amount double",
        rows=[(1, "Rome", float("nan")), (2, None, 2.0)],
        expected_schema="id int, city string, amount double",
        expected=[(1, "Rome", 0.0), (2, "unknown", 2.0)],
    ),
    "fuzzy_duplicates": Example(
        piece={"kind": "fuzzy_duplicates", "columns": ["name", "city"], "order_by": "id", "threshold": 0.6},
        schema="id int, name string, city string",
        rows=[
            (1, "Anna Petersen", "Oslo"),
            (2, "anna  Petersen", "oslo"),
            (3, "Ana Petersen", "Oslo"),
            (4, "Bo Petersen", "Kyiv"),
            (5, None, " "),
            (6, None, None),
            (7, "Bo Petersen", "Kyiv"),
        ],
        expected_schema="id int, name string, city string",
        expected=[(1, "Anna Petersen", "Oslo"), (4, "Bo Petersen", "Kyiv"), (5, None, " "), (6, None, None)],
    ),
    "keep_rows": Example(
        piece={"kind": "keep_rows", "where": "amount > 0", "otherwise": "drop"},
        schema="id int, amount int",
        rows=[(1, 5), (2, 0), (3, None)],
        expected_schema="id int, amount int",
        expected=[(1, 5)],
    ),
    "map_values": Example(
        piece={"kind": "map_values", "column": "sex", "values": {"1": "female", "2": "male", "9": None}},
        schema="id int, sex string",
        rows=[(1, "1"), (2, "9"), (3, "x"), (4, None)],
        expected_schema="id int, sex string",
        expected=[(1, "female"), (2, None), (3, "x"), (4, None)],
    ),
    "normalize_text": Example(
        piece={"kind": "normalize_text", "columns": ["city"], "form": "NFKC", "case": "title"},
        schema="id int, city string",
        rows=[(1, "  sa\u0303o\u00a0 PAULO "), (2, "\uff32\uff4f\uff4d\uff45"), (3, None), (4, " ")],
        expected_schema="id int, city string",
        expected=[(1, "S\u00e3o Paulo"), (2, "Rome"), (3, None), (4, "")],
    ),
    "outliers": Example(
        piece={"kind": "outliers", "limits": {"age": {"low": 0, "high": 120}, "pay": {"high": 1e6}}, "action": "clip"},
        schema="id int, age int, pay double",
        rows=[(1, -3, 5.0), (2, 130, 2e6), (3, None, float("-inf"))],
        expected_schema="id int, age int, pay double",
        expected=[(1, 0, 5.0), (2, 120, 1e6), (3, None, float("-inf"))],
    ),
    "parse_dates": Example(
        piece={"kind": "parse_dates", "columns": ["day"], "formats": ["iso", "d.M.yyyy"], "type": "date"},
        schema="id int, day string",
        rows=[(1, "2024-02-29"), (2, "29.2.2024"), (3, "31.2.2024"), (4, "29.2.2024 10:00"), (5, None)],
        expected_schema="id int, day date",
        expected=[(1, date(2024, 2, 29)), (2, date(2024, 2, 29)), (5, None)],
        rejected=2,
    ),
    "parse_numbers": Example(
        piece={"kind": "parse_numbers", "columns": ["amount"], "locale": "de_DE", "type": "decimal(9,2)"},
        schema="id int, amount string",
        rows=[(1, "1.234,50 \u20ac"), (2, "(3,1)"), (3, "1.23"), (4, "5 Euro"), (5, None)],
        expected_schema="id int, amount decimal(9,2)",
        expected=[(1, Decimal("1234.50")), (2, Decimal("-3.10")), (5, None)],
        rejected=2,
    ),
    "reference": Example(
        piece={
            "kind": "reference",
            "columns": ["shop", "till"],
            "table": "tills",
            "to": ["shop", "no"],
            "otherwise": "quarantine",
        },
        schema="id int, shop string, till int",
        rows=[(1, "a", 1), (2, "a", 2), (3, "b", 1), (4, None, 9), (5, "a", None)],
        expected_schema="id int, shop string, till int",
        expected=[(1, "a", 1), (4, None, 9), (5, "a", None)],
        rejected=2,
        tables={"tills": ("shop string, no bigint", [("a", 1), ("a", 1), ("b", 2), (None, 9)])},
    ),
    "rename": Example(
        piece={"kind": "rename", "columns": {"a": "b", "b": "a"}},
        schema="a int, b string, c int",
        rows=[(1, "x", 2)],
        expected_schema="b int, a string, c int",
        expected=[(1, "x", 2)],
    ),
    "standardize_nulls": Example(
        piece={"kind": "standardize_nulls", "columns": ["city"]},
        schema="id int, city string, note string",
        rows=[(1, " n/a\u00a0", "NA"), (2, "", None), (3, "?", "x"), (4, " Nantes", "-"), (5, None, "")],
        expected_schema="id int, city string, note string",
        expected=[(1, None, "NA"), (2, None, None), (3, None, "x"), (4, " Nantes", "-"), (5, None, "")],
    ),
    "trim_text": Example(
        piece={"kind": "trim_text", "empty_to_null": True},
        schema="id int, city string",
        rows=[(1, " Rome\t"), (2, "\u00a0\u3000"), (3, None)],
        expected_schema="id int, city string",
        expected=[(1, "Rome"), (2, None), (3, None)],
    ),
}
