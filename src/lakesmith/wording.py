"""Numbers and foreign text as people read them; used by progress lines, summaries and the report alike."""

from __future__ import annotations

import math
import unicodedata

ABSENT = "–"
UNDEFINED = "undefined"


def count(value: int | None) -> str:
    """`336,776`; a dash for None."""
    return ABSENT if value is None else f"{value:,}"


def decimal(value: float | None) -> str:
    """Four or five significant digits: `0.7790`, `12.35`, `1,234.5`; a dash for None, a word for NaN."""
    if value is None:
        return ABSENT
    if math.isnan(value):
        return UNDEFINED
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1e12 or 0 < size < 1e-6:
        return f"{value:.2e}".replace("-", "−")
    if 0 < size < 0.001:
        return f"{value:.{1 - math.floor(math.log10(size))}f}".rstrip("0").replace("-", "−")
    digits = 0 if size >= 10_000 else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    return f"{value:,.{digits}f}".replace("-", "−")


def signed(value: float | None) -> str:
    """A difference with its sign: `+0.0140`, `−0.0020`."""
    text = decimal(value)
    return f"+{text}" if value is not None and math.isfinite(value) and value > 0 else text


def interval(bounds: tuple[float, float] | None, *, with_sign: bool = False) -> str:
    """`0.7752 to 0.7829`; a dash for None."""
    if bounds is None:
        return ABSENT
    low, high = (signed(bound) if with_sign else decimal(bound) for bound in bounds)
    return f"{low} to {high}"


def share(value: float | None) -> str:
    """A share in [0, 1] as per cent: `21.4 %`; tiny but present shares are not rounded to nothing."""
    if value is None:
        return ABSENT
    if math.isnan(value):
        return UNDEFINED
    if 0 < value < 0.001:
        return "< 0.1 %"
    if 0.999 < value < 1:
        return "> 99.9 %"
    return f"{value * 100:.1f} %"


def seconds(value: float | None) -> str:
    """`4.2 s`, `12 s`, `3 min 20 s`, `1 h 05 min`."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if value < 9.95:
        return f"{max(value, 0.0):.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(value / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def size(byte_count: int | None) -> str:
    """Bytes in decimal units: `812 B`, `28.6 MB`."""
    if byte_count is None:
        return ABSENT
    amount, unit = float(byte_count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{byte_count} B" if unit == "B" else f"{amount:.1f} {unit}"


def printable(text: str) -> str:
    """The text with every control, line-break and direction-changing character written as an escape.

    Names and reasons come from foreign files; printed raw they could move a terminal's cursor or fake a line.
    """
    return "".join(_escaped(each) if unicodedata.category(each) in _UNPRINTABLE else each for each in text)


def width(text: str) -> int:
    """Terminal cells the text takes: wide (East Asian) characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else f"{text[: max(limit - 1, 0)]}…"


_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
