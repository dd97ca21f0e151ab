"""How languages write numbers: patterns for one value as text, in the syntax of Java's regular expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Locale = Literal[
    "da_DK", "de_CH", "de_DE", "en_GB", "en_IN", "en_US", "es_ES", "fr_FR", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE"
]  # fmt: skip
# Marks of decimals and of groups of digits, from the Unicode CLDR; a space is any space.
LOCALES: dict[Locale, tuple[str, str]] = {
    "da_DK": (",", "."), "de_CH": (".", "'"), "de_DE": (",", "."), "en_GB": (".", ","), "en_IN": (".", ","),
    "en_US": (".", ","), "es_ES": (",", "."), "fr_FR": (",", " "), "it_IT": (",", "."), "nl_NL": (",", "."),
    "pl_PL": (",", " "), "pt_BR": (",", "."), "sv_SE": (",", " "),
}  # fmt: skip
_SPACE = r"[\s\p{Z}]*"
_MINUS = "[-\u2212]"
_DASHES = "[-\u2212\u2013\u2014]{1,2}"
_GROUP_MARKS = {" ": r"[ \p{Zs}]", "'": "['\u2019]"}


@dataclass(frozen=True)
class NumberFormat:
    """Marks and words of one way to write numbers."""

    decimal: str
    group: str
    currencies: Sequence[str] = ()
    is_indian: bool = False

    @property
    def currency(self) -> str:
        """A currency sign, or one of the words for a currency."""
        words = sorted(self.currencies, key=len, reverse=True)
        return "(?:" + "|".join([r"\p{Sc}", *(re.escape(word) for word in words)]) + ")"

    @property
    def digits(self) -> str:
        """Digits, in whole groups or in none, and a decimal part, for which a dash may stand: `12,-` is 12."""
        group = _GROUP_MARKS.get(self.group, re.escape(self.group))
        grouped = f"[0-9]{{1,2}}(?:{group}[0-9]{{2}})*{group}[0-9]{{3}}" if self.is_indian else ""
        grouped = grouped or f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+"
        mark = re.escape(self.decimal)
        return f"(?:(?:{grouped}|[0-9]+)(?:{mark}(?:[0-9]+|{_DASHES}))?|{mark}[0-9]+)"

    @property
    def positive(self) -> str:
        """A whole value that is not below zero."""
        before = f"(?:{self.currency}{_SPACE}\\+?|\\+?{_SPACE}{self.currency}|\\+)?"
        return f"^{_SPACE}{before}{_SPACE}{self._number}{_SPACE}$"

    @property
    def negative(self) -> str:
        """A whole value with a minus before or after it, or in the parentheses of accounting."""
        currency = f"(?:{self.currency}{_SPACE})?"
        ways = (
            rf"\({_SPACE}{currency}{self._number}{_SPACE}\)",
            f"{_MINUS}{_SPACE}{currency}{self._number}",
            f"{currency}{_MINUS}{_SPACE}{self._number}",
            f"{currency}{self._number}{_SPACE}{_MINUS}",
            rf"{currency}\({_SPACE}{self._number}{_SPACE}\)",
        )
        return f"^{_SPACE}(?:{'|'.join(ways)}){_SPACE}$"

    @property
    def _number(self) -> str:
        return f"{self.digits}(?:{_SPACE}%)?(?:{_SPACE}{self.currency})?"
