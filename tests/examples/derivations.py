"""One example of each derivation: kind → rows in, other tables, rows out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def at(text: str) -> datetime:
    """`2013-01-01 06:00` as an instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """A derivation's YAML as a dict, rows before and after it, and the other tables it reads: name → (schema, rows)."""

    piece: dict[str, Any]
    schema: str
    rows: list[tuple[Any, ...]]
    expected_schema: str
    expected: list[tuple[Any, ...]]
    tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = field(default_factory=dict)


EXAMPLES: dict[str, Example] = {
    "add_columns": Example(
        piece={"kind": "add_columns", "columns": {"is_late": "arr_delay > 15"}},
        schema="flight int, arr_delay double",
        rows=[(1, 20.0), (2, -3.0), (3, None)],
        expected_schema="flight int, arr_delay double, is_late boolean",
        expected=[(1, 20.0, True), (2, -3.0, False), (3, None, None)],
    ),
    "aggregate": Example(
        piece={"kind": "aggregate", "by": ["origin"], "columns": {"flights": "count(*)", "delay": "avg(arr_delay)"}},
        schema="origin string, arr_delay int",
        rows=[("EWR", 10), ("EWR", None), ("JFK", 4), (None, 2)],
        expected_schema="origin string, flights bigint, delay double",
        expected=[("EWR", 2, 10.0), ("JFK", 1, 4.0), (None, 1, 2.0)],
    ),
    "derive_by_example": Example(
        piece={
            "kind": "derive_by_example",
            "column": "phone",
            "examples": {"+49 30 1234": "030", "+49 89 777": "089"},
            "as": "area",
        },
        schema="id int, phone string",
        rows=[(1, "+49 221 5550"), (2, "112"), (3, None), (4, "")],
        expected_schema="id int, phone string, area string",
        expected=[(1, "+49 221 5550", "0221"), (2, "112", None), (3, None, None), (4, "", None)],
    ),
    "history": Example(
        piece={
            "kind": "history",
            "by": ["carrier"],
            "over": "7 days",
            "time": "scheduled_at",
            "known_at": "arrived_at",
            "columns": {"late_share": "avg(is_late)", "flights": "count(is_late)"},
        },
        schema="flight int, carrier string, scheduled_at timestamp, arrived_at timestamp, is_late boolean",
        rows=[
            (1, "UA", at("2013-01-01 06:00"), at("2013-01-01 08:00"), True),
            (2, "UA", at("2013-01-01 23:50"), at("2013-01-02 02:00"), False),
            (3, "UA", at("2013-01-02 00:30"), None, None),
            (4, "UA", at("2013-01-02 09:00"), at("2013-01-02 11:00"), False),
        ],
        expected_schema=(
            "flight int, carrier string, scheduled_at timestamp, arrived_at timestamp, is_late boolean, "
            "late_share double, flights bigint"
        ),
        expected=[
            (1, "UA", at("2013-01-01 06:00"), at("2013-01-01 08:00"), True, None, 0),
            (2, "UA", at("2013-01-01 23:50"), at("2013-01-02 02:00"), False, 1.0, 1),
            (3, "UA", at("2013-01-02 00:30"), None, None, 1.0, 1),
            (4, "UA", at("2013-01-02 09:00"), at("2013-01-02 11:00"), False, 0.5, 2),
        ],
    ),
    "join": Example(
        piece={"kind": "join", "with": "planes", "on": {"tailnum": "tail"}, "columns": {"year": "built"}},
        schema="flight int, tailnum string",
        rows=[(1, "N1"), (2, "N9"), (3, None)],
        expected_schema="flight int, tailnum string, built int",
        expected=[(1, "N1", 2004), (2, "N9", None), (3, None, None)],
        tables={"planes": ("tail string, year int", [("N1", 2004), ("N2", 1998)])},
    ),
    "join_as_of": Example(
        piece={
            "kind": "join_as_of", "with": "ratings", "on": {"customer": "id"}, "time": "at", "known_at": "since",
            "columns": {"rating": "rating"}, "max_age": "10 days",
        },
        schema="visit int, customer string, at timestamp",
        rows=[
            (1, "a", at("2013-01-02 00:00")), (2, "a", at("2013-01-05 00:00")), (3, "a", at("2013-01-05 00:01")),
            (4, "a", at("2013-02-01 00:00")), (5, "b", at("2013-01-05 00:00")), (6, None, at("2013-01-05 00:00")),
            (7, "a", None),
        ],
        expected_schema="visit int, customer string, at timestamp, rating int",
        expected=[
            (1, "a", at("2013-01-02 00:00"), 1), (2, "a", at("2013-01-05 00:00"), 1),
            (3, "a", at("2013-01-05 00:01"), 3), (4, "a", at("2013-02-01 00:00"), None),
            (5, "b", at("2013-01-05 00:00"), None), (6, None, at("2013-01-05 00:00"), None), (7, "a", None, None),
        ],
        tables={
            "ratings": (
                "id string, since timestamp, rating int",
                [
                    ("a", at("2013-01-01 00:00"), 1), ("a", at("2013-01-05 00:00"), 2),
                    ("a", at("2013-01-05 00:00"), 3), ("a", None, 9), ("b", at("2013-01-06 00:00"), 4),
                ],
            )
        },
    ),
}  # fmt: skip
