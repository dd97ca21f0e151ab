"""Products of columns as SQL."""

from __future__ import annotations

from collections.abc import Sequence

from lakesmith.features.statements import LARGEST

MOST_PRODUCTS = 2_000


def product(columns: Sequence[str]) -> str:
    """The product of internal columns; null where one is, and never beyond what a 32-bit float holds."""
    sql = f"({' * '.join(columns)})"
    return f"CASE WHEN abs({sql}) <= {LARGEST} THEN {sql} ELSE signum({sql}) * {LARGEST} END"


def product_name(names: Sequence[str]) -> str:
    """`a*b`, `a^2*b`"""
    counts = {name: names.count(name) for name in names}
    return "*".join(name if count == 1 else f"{name}^{count}" for name, count in counts.items())
