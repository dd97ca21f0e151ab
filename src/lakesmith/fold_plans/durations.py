"""Lengths of time as people write them: '1 day', '36 hours', '2 weeks'."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_MICROSECONDS = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 7 * 86_400_000_000,
}
_PATTERN = re.compile(r"(\d{1,6}) *(second|minute|hour|day|week)s?")


def microseconds(duration: str) -> int:
    """The duration in microseconds. Raises ValueError for anything but a whole number and a unit up to weeks."""
    found = _PATTERN.fullmatch(duration.strip())
    if found is None:
        raise ValueError(f"'{duration}' is no duration; write a whole number and a unit, such as '1 day' or '36 hours'")
    return int(found[1]) * _MICROSECONDS[found[2]]


def _checked(duration: str) -> str:
    microseconds(duration)
    return duration


Duration = Annotated[str, AfterValidator(_checked)]
