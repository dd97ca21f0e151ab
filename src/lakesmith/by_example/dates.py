"""Dates as Spark reads and writes them by a pattern (java.time, en-US, strict), for the patterns the search knows."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# What a reader may meet for a letter run, and which part of a date it is.
_READ = {
    "yyyy": ("year", "[0-9]{4}"),
    "yy": ("short_year", "[0-9]{2}"),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "MMM": ("month", "|".join(month[:3] for month in MONTHS)),
    "MMMM": ("month", "|".join(MONTHS)),
    "dd": ("day", "[0-9]{2}"),
    "d": ("day", "[0-9]{1,2}"),
    "HH": ("hour", "[0-9]{2}"),
    "H": ("hour", "[0-9]{1,2}"),
    "h": ("clock_hour", "[0-9]{1,2}"),
    "hh": ("clock_hour", "[0-9]{2}"),
    "a": ("half", "AM|PM"),
    "mm": ("minute", "[0-9]{2}"),
    "ss": ("second", "[0-9]{2}"),
}
# The shape asked for before a text is parsed, so that nothing but a date of these years is one. Java would also read
# signs, longer numbers and a year 0.
_GUARDS = {
    **{run: shape for run, (_, shape) in _READ.items()},
    "yyyy": "[12][0-9]{3}",
    "a": "[AaPp][Mm]",
    "MMM": "[A-Za-z]{3}",
    "MMMM": "[A-Za-z]{3,9}",
}
INPUTS = (
    "yyyy-MM-dd", "yyyyMMdd", "yyyy/M/d", "yyyy.MM.dd", "d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy",
    "d.M.yy", "d/M/yy", "M/d/yy", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "d-MMM-yyyy",
    "d. MMMM yyyy", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm",
    "d.M.yyyy HH:mm", "d.M.yyyy HH:mm:ss", "M/d/yyyy HH:mm", "d/M/yyyy HH:mm", "yyyyMMddHHmmss", "HH:mm:ss", "H:mm",
    "h:mm a", "h:mma",
    "MMM yyyy", "MMMM yyyy", "MM/yyyy", "yyyy-MM",
)  # fmt: skip
DATE_PARTS = ("yyyy", "yy", "MM", "M", "MMM", "MMMM", "dd", "d", "EEE", "EEEE", "Q")
TIME_PARTS = ("HH", "H", "mm", "ss", "h", "hh", "a")
_PLAIN = frozenset(" -./:,")


_RUN = re.compile(
    r"(?P<quote>'')|'(?P<quoted>(?:[^']|'')*)'|(?P<run>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<other>[^A-Za-z'])"
)


@cache
def runs(java: str) -> tuple[tuple[str, bool], ...]:
    """The pattern as (text, whether it is a run of one pattern letter). Raises ValueError for an open quote."""
    found: list[tuple[str, bool]] = []
    place = 0
    while place < len(java):
        at = _RUN.match(java, place)
        if at is None:
            raise ValueError(f"the date pattern '{java}' has a quote that is not closed")
        if at["run"]:
            found.append((at["run"], True))
        else:
            found.append(("'" if at["quote"] else at["other"] or at["quoted"].replace("''", "'"), False))
        place = at.end()
    return tuple(found)


def quoted(text: str) -> str:
    """A text as part of a date pattern that writes it as it stands."""
    return text if set(text) <= _PLAIN else "'" + text.replace("'", "''") + "'"


def guard(java: str) -> str:
    """A regular expression for the texts that may be parsed by a pattern."""
    return "^" + "".join(_GUARDS[text] if is_run else _escaped(text) for text, is_run in runs(java)) + "$"


def _escaped(text: str) -> str:
    return text.replace(".", "[.]")


@cache
def _reader(java: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts, shape = [], []
    for text, is_run in runs(java):
        if is_run and text not in _READ:
            raise ValueError(f"'{text}' of the date pattern '{java}' is not read here")
        if is_run:
            parts.append(_READ[text][0])
        shape.append(f"({_READ[text][1]})" if is_run else re.escape(text))
    return re.compile("".join(shape), re.IGNORECASE | re.ASCII), tuple(parts)


def read(text: str, java: str) -> datetime | None:
    """The instant of a text, parts not in the pattern as Spark takes them (1970-01-01 00:00); None when it is none."""
    shape, parts = _reader(java)
    found = shape.fullmatch(text)
    if found is None:
        return None
    values = {part: _number(part, word) for part, word in zip(parts, found.groups(), strict=True)}
    year = values.get("year", 2000 + values["short_year"] if "short_year" in values else 1970)
    if not 1 <= values.get("clock_hour", 1) <= 12:
        return None
    hour = values.get("hour", values.get("clock_hour", 0) % 12 + 12 * values.get("half", 0))
    minute, second = values.get("minute", 0), values.get("second", 0)
    try:
        return datetime(year, values.get("month", 1), values.get("day", 1), hour, minute, second)
    except ValueError:
        return None


def _number(part: str, word: str) -> int:
    if part == "half":
        return int(word.lower() == "pm")
    if part == "month" and not word.isdigit():
        return 1 + next(i for i, month in enumerate(MONTHS) if month[:3].lower() == word[:3].lower())
    return int(word)


def written(at: datetime, java: str) -> str:
    """The instant by a pattern. Raises ValueError for a letter run that is not known here."""
    return "".join(_part(at, text) if is_run else text for text, is_run in runs(java))


def _part(at: datetime, run: str) -> str:
    clock = (at.hour + 11) % 12 + 1
    numbers = {"M": at.month, "d": at.day, "H": at.hour, "h": clock, "m": at.minute, "s": at.second}
    number = numbers.get(run[0])
    if number is not None and len(run) <= 2:
        return f"{number:0{len(run)}d}"
    words = {
        "yyyy": f"{at.year:04d}", "yy": f"{at.year % 100:02d}", "MMM": MONTHS[at.month - 1][:3],
        "MMMM": MONTHS[at.month - 1], "EEE": DAYS[at.weekday()][:3], "E": DAYS[at.weekday()][:3],
        "EEEE": DAYS[at.weekday()], "Q": str((at.month + 2) // 3), "D": str(at.timetuple().tm_yday),
        "a": "AM" if at.hour < 12 else "PM",
    }  # fmt: skip
    if run not in words:
        raise ValueError(f"'{run}' of a date pattern is not written here")
    return words[run]
