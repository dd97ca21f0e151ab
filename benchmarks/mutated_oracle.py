"""An independent reading of one CSV or JSON line: Python's csv, json, decimal, datetime; nothing of lakesmith."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isnan
from typing import Any

COLUMNS = {
    "id": "int",
    "big": "bigint",
    "share": "double",
    "amount": "decimal(10,2)",
    "day": "date",
    "at": "timestamp",
    "late": "boolean",
    "note": "string",
}
HEADER = ",".join(COLUMNS)
_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0"), "false"),
}


def lines_in(content: bytes) -> list[bytes]:
    """The lines that are not empty, without a byte-order mark at the start of the file."""
    return [line for line in re.split(rb"\r\n|\n|\r", content.removeprefix(b"\xef\xbb\xbf")) if line]


def shown(line: bytes) -> str:
    """A line as the quarantine shows it."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return f"hex:{line.hex().upper()}"


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float | str:
    return "NaN" if isnan(float(text)) else float(text)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})0+", r"\1", text))
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _boolean(text: str) -> str:
    return _WORDS[text.lower()]


READERS: dict[str, Callable[[str], object]] = {
    "int": _whole,
    "bigint": _whole,
    "double": _number,
    "decimal(10,2)": Decimal,
    "date": date.fromisoformat,
    "timestamp": _instant,
    "boolean": _boolean,
    "string": str,
}


def _same(type_: str, found: str, text: str) -> bool:
    """Whether a value, as Spark writes it, is the text's value. A year 0, which Python has not, is compared as text."""
    if type_ in ("date", "timestamp") and text.strip().startswith("0000"):
        return found[:10] == text.strip()[:10]
    try:
        return READERS[type_](found) == READERS[type_](text if type_ == "string" else text.strip())
    except (ValueError, KeyError, InvalidOperation):
        return False


def failures_of_csv(line: str, found: dict[str, str | None]) -> list[str]:
    """What is wrong with the values of an accepted CSV line."""
    rows = list(csv.reader([line]))
    if len(rows) != 1 or len(rows[0]) != len(COLUMNS):
        return [f"accepted with {[len(row) for row in rows]} values"]
    wrong = []
    for (name, type_), text in zip(COLUMNS.items(), rows[0], strict=True):
        value = found[name]
        if (text == "") != (value is None) or (value is not None and not _same(type_, value, text)):
            wrong.append(f"{name} ({type_}) is {value!r}, the file has {text!r}")
    return wrong


def failures_of_json(line: str, found: dict[str, str | None]) -> list[str]:
    """What is wrong with the values of an accepted line of JSON."""
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_int=Token, parse_float=Token)
        values = dict(pairs)
    except (ValueError, TypeError) as error:
        return [f"accepted, and is no JSON object: {error}"]
    if len(values) != len(pairs) or not set(values) <= set(COLUMNS):
        return [f"accepted with the keys {[name for name, _ in pairs]}"]
    wrong = []
    for name, type_ in COLUMNS.items():
        value, given = found[name], values.get(name)
        if (given is None) != (value is None) or (value is not None and not _same_json(type_, value, given)):
            wrong.append(f"{name} ({type_}) is {value!r}, the file has {given!r}")
    return wrong


class Token(str):
    """A number as JSON writes it."""

    __slots__ = ()


def _same_json(type_: str, found: str, given: Any) -> bool:
    """Whether a value is the file's, which must be of the kind of JSON its type is written in."""
    if type_ == "boolean":
        return isinstance(given, bool) and found == str(given).lower()
    if type_ in ("string", "date", "timestamp"):
        return isinstance(given, str) and not isinstance(given, Token) and _same(type_, found, given)
    return isinstance(given, Token) and _same(type_, found, given)
