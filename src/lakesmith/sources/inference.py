"""Column types guessed from a sample: the narrowest type that every value seen has, `string` where none fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from lakesmith.columns import quote

SAMPLE_LINES = 2_000
_INT = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def types_of_texts(names: Sequence[str], rows: Sequence[Sequence[str]], null_values: Sequence[str]) -> dict[str, str]:
    """Name → type, from rows of text. A column of nulls only is a string; so is one of numbers with leading zeros,
    which are codes and not amounts."""
    return {
        name: _type_of_texts([row[position] for row in rows if row[position] not in null_values])
        for position, name in enumerate(names)
    }


def types_of_objects(objects: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Name → type, from parsed JSON objects; names in the order they first stand in."""
    names = dict.fromkeys(name for each in objects for name in each)
    return {name: type_of_values([each[name] for each in objects if name in each]) for name in names}


def type_of_values(values: Iterable[Any]) -> str:
    """The type that all of some JSON values have; null has every type."""
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, dict) for value in present):
        fields = types_of_objects(present)
        return f"struct<{','.join(f'{quote(name)}:{type_}' for name, type_ in fields.items())}>" if fields else "string"
    if present and all(isinstance(value, list) for value in present):
        return f"array<{type_of_values(item for value in present for item in value)}>"
    if present and all(isinstance(value, bool) for value in present):
        return "boolean"
    if present and all(isinstance(value, int) and not isinstance(value, bool) for value in present):
        return "bigint" if all(-(2**63) <= value < 2**63 for value in present) else "double"
    if present and all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        return "double"
    if present and all(isinstance(value, str) for value in present):
        return next((type_ for type_, is_one in _TIMES if all(is_one(value) for value in present)), "string")
    return "string"


def _type_of_texts(texts: list[str]) -> str:
    if not texts:
        return "string"
    if all(_INT.fullmatch(text) for text in texts):
        return "int" if all(-(2**31) <= int(text) < 2**31 for text in texts) else "bigint"
    kinds: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("double", lambda text: _NUMBER.fullmatch(text) is not None and any(each.isdigit() for each in text)),
        ("boolean", lambda text: text.casefold() in ("true", "false")),
        *_TIMES,
    )
    return next((type_ for type_, is_one in kinds if all(is_one(text) for text in texts)), "string")


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and _parses(date.fromisoformat, text)


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None and _parses(datetime.fromisoformat, text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


_TIMES: tuple[tuple[str, Callable[[str], bool]], ...] = (("date", _is_date), ("timestamp", _is_time))
