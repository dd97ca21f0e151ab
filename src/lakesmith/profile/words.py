"""A profile in lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.profile.page import shown
from lakesmith.wording import count, share, shortened

if TYPE_CHECKING:
    from lakesmith.profile.profiles import Profile
    from lakesmith.profile.results import ColumnProfile

MOST_LINES, MOST_WARNINGS = 60, 30
HEADS = ("column", "type", "nulls", "distinct", "mean", "median", "tells of the label")


def text(profile: Profile) -> str:
    """Facts, warnings and one line a column, the first sixty of them."""
    rows = [HEADS, *[_line(column) for column in profile.columns[:MOST_LINES]]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    table = [
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    if len(profile.columns) > MOST_LINES:
        table.append(f"and {len(profile.columns) - MOST_LINES:,} more columns: see the page")
    told = (
        f"{count(profile.rows)} rows, {count(len(profile.columns))} columns, {count(profile.duplicates)} repeated rows"
    )
    return "\n".join([f"{profile.name}: {told}", *warnings(profile), *[line.rstrip() for line in table]])


def warnings(profile: Profile) -> list[str]:
    """One line a warning, leaks first; the first thirty."""
    told = [f"{'leak?' if each.is_leak else 'note':10} {each.told}" for each in profile.warnings[:MOST_WARNINGS]]
    more = len(profile.warnings) - MOST_WARNINGS
    return [*told, f"{'note':10} {more:,} more warnings are on the page"] if more > 0 else told


def _line(column: ColumnProfile) -> tuple[str, ...]:
    word = shown(column)
    distinct = "" if column.distinct is None else ("" if column.distinct_is_exact else "≈ ") + count(column.distinct)
    strength = f"{column.association.strength:.2f}" if column.association is not None else ""
    return (
        shortened(column.name, 32), shortened(column.type, 16), share(column.null_share), distinct,
        word(column.mean) if column.mean is not None else "",
        word(column.percentiles["50"]) if "50" in column.percentiles else "", strength,
    )  # fmt: skip
