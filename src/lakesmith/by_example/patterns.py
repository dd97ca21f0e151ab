"""The part of Java's regular expressions that Python's can be made to read the same way; anything else is refused."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_LINE_ENDS = "\n\r\u0085\u2028\u2029"
_DOT = f"[^{_LINE_ENDS}]"
_END = rf"(?=(?:\r\n|[{_LINE_ENDS}])?\Z)"
_KEPT_ESCAPES = frozenset("dDsSwW.-+*?()[]{}|^$/&\\")
_LAST_LETTER = 0x32400  # no letter of Unicode 15 lies above
_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!")


class UnreadablePatternError(ValueError):
    """A pattern of which it is not sure that Java and Python read it alike."""


@cache
def pattern(java: str) -> re.Pattern[str]:
    """The pattern as Java reads it: classes ASCII, `.` and `$` by Java's line ends, `\\p{L}`, `\\p{Lu}`, `\\p{Ll}`."""
    written, place, within = [], 0, False
    while place < len(java):
        text, place, within = _token(java, place, within)
        written.append(text)
    try:
        return re.compile("".join(written), re.ASCII)
    except re.error as error:
        raise UnreadablePatternError(f"'{java}': {error}") from None


def _token(java: str, place: int, within: bool) -> tuple[str, int, bool]:
    """(Python's text of the token at `place`, the place after it, whether that is inside a class)."""
    mark = java[place]
    if mark == "\\":
        text, after = _escape(java, place, within)
        return text, after, within
    if within:
        if mark == "[" or java.startswith("&&", place):
            raise UnreadablePatternError(f"'{java}' nests classes")
        return mark, place + 1, mark != "]"
    if mark == "[":
        negated = java.startswith("[^", place)
        if java[place + 1 + negated : place + 2 + negated] == "]":
            raise UnreadablePatternError(f"'{java}' starts a class with a bracket")
        return "[^" if negated else "[", place + 1 + negated, True
    if java.startswith("(?", place) and not java.startswith(_GROUPS, place):
        raise UnreadablePatternError(f"'{java}' has a group that is read in one language only")
    return {".": _DOT, "$": _END}.get(mark, mark), place + 1, False


def _escape(java: str, place: int, within: bool) -> tuple[str, int]:
    if java.startswith("\\p{", place):
        end = java.find("}", place)
        members = _members(java[place + 3 : end])
        return (members if within else f"[{members}]"), end + 1
    mark = java[place + 1 : place + 2]
    if mark not in _KEPT_ESCAPES or not mark:
        raise UnreadablePatternError(f"'{java}' has the escape \\{mark}")
    return f"\\{mark}", place + 2


@cache
def _members(category: str) -> str:
    """The characters of a Unicode category as ranges of a class."""
    if category not in ("L", "Lu", "Ll"):
        raise UnreadablePatternError(f"the class \\p{{{category}}} is not read; L, Lu and Ll are")
    ranges: list[list[int]] = []
    for code in range(_LAST_LETTER):
        if unicodedata.category(chr(code)).startswith(category):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{re.escape(chr(one))}-{re.escape(chr(other))}" for one, other in ranges)
