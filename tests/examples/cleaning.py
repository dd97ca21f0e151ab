"""One example of each cleaning step: kind → rows in, rows out, and how many rows were sent to quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Example:
    """A step's YAML as a dict, rows before and after it, and the number of rows it rejects."""

    piece: dict[str, Any]
    schema: str
    rows: list[tuple[Any, ...]]
    expected_schema: str
    expected: list[tuple[Any, ...]]
    rejected: int = 0


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
    "rename": Example(
        piece={"kind": "rename", "columns": {"a": "b", "b": "a"}},
        schema="a int, b string, c int",
        rows=[(1, "x", 2)],
        expected_schema="b int, a string, c int",
        expected=[(1, "x", 2)],
    ),
    "trim_text": Example(
        piece={"kind": "trim_text", "empty_to_null": True},
        schema="id int, city string",
        rows=[(1, " Rome\t"), (2, "\u00a0\u3000"), (3, None)],
        expected_schema="id int, city string",
        expected=[(1, "Rome"), (2, None), (3, None)],
    ),
}
