"""What Spark's text functions give, in Python: the functions that an expression found by example may call.

Written from Spark's documentation and sources, apart from the search and from Spark itself, so that an expression can
be checked against its examples without starting Spark. Positions count code points from 1. Nulls are None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from lakesmith.by_example import dates
from lakesmith.by_example.patterns import pattern

Value = Any  # str, int, Decimal, datetime, list of str, or None
_WIDE = Context(prec=100)
_BLANKS = "".join(map(chr, range(33)))
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")  # digits of any script, as Java has them


def substring(text: str, start: int, length: int = 2**31 - 1) -> str:
    """From position `start`, counted from the end when negative; a start before the text eats of the length."""
    first = start - 1 if start > 0 else len(text) + start if start < 0 else 0
    return text[max(first, 0) : max(first + length, 0)]


def left(text: str, length: int) -> str:
    """The first characters; '' for none or fewer."""
    return text[: max(length, 0)]


def right(text: str, length: int) -> str:
    """The last characters; '' for none or fewer."""
    return text[max(len(text) - length, 0) :] if length > 0 else ""


def split_part(text: str, delimiter: str, part: int) -> str:
    """The part between delimiters, counted from the end when negative; '' when there is no such part."""
    if part == 0:
        raise ValueError("split_part counts from 1")
    parts = text.split(delimiter) if delimiter else [text]
    index = part - 1 if part > 0 else len(parts) + part
    return parts[index] if 0 <= index < len(parts) else ""


def substring_index(text: str, delimiter: str, count: int) -> str:
    """What stands before the count-th delimiter, or, counted from the end, after it; the text when there is none."""
    if not delimiter or count == 0:
        return ""
    parts = text.split(delimiter) if count > 0 else text.rsplit(delimiter)
    return delimiter.join(parts[:count] if count > 0 else parts[count:])


def regexp_extract(text: str, java: str, group: int = 1) -> str:
    """The group of the first match; '' without one."""
    found = pattern(java).search(text)
    return (found[group] or "") if found is not None else ""


def regexp_extract_all(text: str, java: str, group: int = 1) -> list[str]:
    """The group of each match."""
    return [found[group] or "" for found in pattern(java).finditer(text)]


def regexp_replace(text: str, java: str, to: str) -> str:
    """Every match replaced by a plain text."""
    if "$" in to or "\\" in to:
        raise ValueError("a replacement with groups is not read here")
    return pattern(java).sub(lambda _: to, text)


def try_element_at(items: list[str], position: int) -> str | None:
    """The item, counted from the end when negative; null when there is none."""
    index = position - 1 if position > 0 else len(items) + position
    return items[index] if position and 0 <= index < len(items) else None


def initcap(text: str) -> str:
    """Lower case, but a capital at the start and after each space; only a space parts words."""
    return " ".join(word[:1].title() + word.lower()[len(word[:1].lower()) :] for word in text.split(" "))


def lpad(text: str, length: int, pad: str = " ") -> str:
    """Filled on the left to a length, or cut to it."""
    missing = length - len(text)
    return text[: max(length, 0)] if missing <= 0 or not pad else (pad * missing)[:missing] + text


def rpad(text: str, length: int, pad: str = " ") -> str:
    """Filled on the right to a length, or cut to it."""
    missing = length - len(text)
    return text[: max(length, 0)] if missing <= 0 or not pad else text + (pad * missing)[:missing]


def replace(text: str, old: str, new: str = "") -> str:
    """Every occurrence replaced; an empty text occurs nowhere."""
    return text.replace(old, new) if old else text


def try_decimal(text: str, precision: int, scale: int) -> Decimal | None:
    """The number, rounded half up to the scale; null when it is none or has more digits before the point."""
    stripped = text.strip(_BLANKS)
    if not _NUMBER.fullmatch(stripped):
        return None
    exact = Decimal(stripped)
    if exact and exact.adjusted() >= precision - scale:
        return None
    number = exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE)
    if not number:
        return number.copy_abs()  # Java's decimals have no negative zero
    return number if abs(number) < Decimal(10) ** (precision - scale) else None


def format_number(number: Decimal, places: int) -> str:
    """With commas and so many decimals, rounded half to even."""
    return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE):,}"


def date_format(at: datetime, java: str) -> str:
    """The instant by a pattern."""
    return dates.written(at, java)


# Null in, null out, for all of them; `nullif` is apart, since it may be given a null.
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "concat": lambda *texts: "".join(texts),
    "date_format": date_format,
    "format_number": format_number,
    "greatest": max,
    "initcap": initcap,
    "left": left,
    "length": len,
    "lower": str.lower,
    "lpad": lpad,
    "ltrim": lambda text: text.lstrip(" "),
    "nullif": lambda one, other: None if one == other else one,
    "regexp_extract": regexp_extract,
    "regexp_extract_all": regexp_extract_all,
    "regexp_replace": regexp_replace,
    "replace": replace,
    "reverse": lambda text: text[::-1],
    "right": right,
    "rpad": rpad,
    "rtrim": lambda text: text.rstrip(" "),
    "split_part": split_part,
    "substring": substring,
    "substring_index": substring_index,
    "trim": lambda text: text.strip(" "),
    "try_element_at": try_element_at,
    "try_to_timestamp": dates.read,
    "upper": str.upper,
    "try_decimal": try_decimal,
    "-": lambda one, other: one - other,
    "+": lambda one, other: one + other,
}
