"""Many numbers in SQL text: arrays that Spark reads once, and steps over them."""

from __future__ import annotations

from collections.abc import Iterable


def array_literal(numbers: Iterable[float]) -> str:
    """A SQL array of doubles, NaN allowed.

    One string, not one literal a number: parsing thousands of literals takes seconds, and the cast is folded into a
    constant when the query is planned.
    """
    text = ",".join("NaN" if each != each else repr(float(each)) for each in numbers)
    return f"CAST(split('{text}', ',') AS ARRAY<DOUBLE>)" if text else "CAST(array() AS ARRAY<DOUBLE>)"


def bin_number(column: str, edges: Iterable[float]) -> str:
    """The number of edges at or below the value: the number of its bin, counted from 0; 0 for null."""
    return f"size(filter({array_literal(edges)}, edge -> edge <= {column}))"


def chosen(numbers: Iterable[float], position: str) -> str:
    """The number at `position` (SQL, counted from 0)."""
    return f"element_at({array_literal(numbers)}, CAST({position} AS INT) + 1)"
