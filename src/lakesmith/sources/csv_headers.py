"""The header line of a CSV file: the names in it, and whether they are the declared ones."""

from __future__ import annotations

from collections.abc import Sequence

from lakesmith.errors import DataError, nearest
from lakesmith.sources import check_names
from lakesmith.sources.csv_values import Dialect


def names_in(line: str, dialect: Dialect, path: str) -> list[str]:
    """The column names of a header line, in its order. Raises DataError for an empty, reserved or double name."""
    names = next(dialect.split([line]), [])
    try:
        check_names(names)
    except ValueError as error:
        raise DataError(f"the header of {path}: {error}", fix=f"Found: {_listed(names)}") from None
    return names


def check(found: Sequence[str], declared: Sequence[str], path: str) -> None:
    """Raises DataError unless a header has exactly the declared names, in whatever order."""
    missing = [name for name in declared if name not in found]
    unknown = [name for name in found if name not in declared]
    if not missing and not unknown:
        return
    parts = [f"'{name}' is missing" for name in missing] + [f"'{name}' is not declared" for name in unknown]
    hint = f" {nearest(unknown[0], missing)}" if missing and unknown else ""
    raise DataError(
        f"the header of {path} has other names than `columns`: {', '.join(parts[:6])}"
        + (f" and {len(parts) - 6} more" if len(parts) > 6 else ""),
        key="columns",
        fix=f"Expected: {_listed(declared)}. Found: {_listed(found)}.{hint if 'Did you mean' in hint else ''}",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:30])
    return shown + (f", … ({len(names)} in all)" if len(names) > 30 else "")
