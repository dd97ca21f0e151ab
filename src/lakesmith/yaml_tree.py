"""The value of one YAML text, built from PyYAML's events without recursion, and the line of everything in it.

The scalars are those of YAML 1.2's core schema. What cannot be read at a glance, or what only an attacker writes, is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

import yaml

from lakesmith.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 100_000
MAX_KEY_LENGTH = 255
MERGE = "<<"

INT = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEX = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LINE_BREAK = re.compile("\r\n|[\r\n]")
# YAML 1.1 breaks lines at U+0085, U+2028 and U+2029, YAML 1.2 does not: refused, since readers would differ.
LINE_BREAK_1_1 = re.compile("[\r\n\x85\u2028\u2029\ufeff]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Lines:
    """The line of one value, counted from 1, and the lines of what is within it."""

    __slots__ = ("line", "within")

    def __init__(self, line: int) -> None:
        self.line = line
        self.within: dict[str | int, Lines] = {}


def dotted(path: Iterable[str | int]) -> str:
    """A path as messages write it: ("features", 2, "columns") → `features[2].columns`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shown(step, MAX_KEY_LENGTH)}" if text else shown(step)
    return text


def called(value: object) -> str:
    """The value in a message: what sort of thing was found, and the thing itself where it is short enough."""
    if value is None:
        return "null (nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"a mapping of {len(value)} key{'s' * (len(value) != 1)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)} item{'s' * (len(value) != 1)}"
    return f"the text '{shown(value)}'" if isinstance(value, str) else f"the number {shown(str(value))}"


def shown(text: str, most: int = 80) -> str:
    """The text on one line, without control characters, cut when long."""
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def hides(text: str) -> bool:
    """Whether a key, or a line, is of the sort that a password is written in by mistake: messages leave it out."""
    return re.search("(?i)pass|pas+w|pwd|secret|token|credential", text) is not None


def scalar(text: str) -> bool | int | float | str | None:
    """A plain scalar by the core schema of YAML 1.2. Raises ValueError, as a sentence, for what is no finite number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    for form, number_base in ((INT, 10), (OCTAL, 8), (HEX, 16)):
        if form.fullmatch(text):
            number = int(text.replace("0o", ""), number_base) if len(text) < 40 else 2**64
            if not -(2**63) <= number < 2**63:
                raise ValueError(f"{shown(text)} is beyond 64 bits")
            return number
    if FLOAT.fullmatch(text):
        real = float(text)
        if real in (float("inf"), float("-inf")):
            raise ValueError(f"{shown(text)} is beyond a double")
        return real
    if NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    return text


class _Branch:
    """A collection that is still open: its value, its lines, and of a mapping the key whose value comes next."""

    __slots__ = ("key", "lines", "value")

    def __init__(self, value: Any, lines: Lines) -> None:
        self.value = value
        self.lines = lines
        self.key: str | None = None


class Tree:
    """Builds the value of one YAML text from its events."""

    def __init__(self, text: str, file: str, *, numbered: bool = True) -> None:
        self.text = text
        self.file = file
        self.numbered = numbered
        self.open: list[_Branch] = []
        self.top: tuple[Any, Lines] | None = None
        self.values = 0

    def built(self) -> tuple[Any, Lines]:
        """The value, None for an empty text, and its lines."""
        unprintable = _UNPRINTABLE.search(self.text)
        if unprintable:
            line = len(_LINE_BREAK.findall(self.text, 0, unprintable.start())) + 1
            self._refuse(f"there is a control character (U+{ord(unprintable[0]):04X})", line, "Remove it.")
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                self._take(event)
        except yaml.YAMLError as error:
            self._refuse_syntax(error)
        except (ValueError, OverflowError) as error:
            self._refuse(f"there is an escape that is no character: {error}", 1, "Write the character itself.")
        return self.top or (None, Lines(1))

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._refuse(f"'*{shown(str(event.anchor))}' is an alias", line, "Write the value out.")
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.top is not None or event.tags:
                what = "a second document starts here" if self.top else "%TAG is not read"
                self._refuse(what, line, "One file holds one document, without tags.")
        elif isinstance(event, yaml.ScalarEvent):
            self._check_node(event, line)
            self._take_scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_node(event, line)
            if self._expects_key():
                self._refuse("a key is a list or mapping, and must be text", line, "Write one word as the key.")
            if len(self.open) >= MAX_DEPTH:
                self._refuse(f"is nested deeper than {MAX_DEPTH} levels", line, "A project file needs six.")
            value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.open.append(_Branch(value, self._add(value, line)))
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self._value_done()

    def _check_node(self, event: yaml.NodeEvent, line: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._refuse(f"holds more than {MAX_VALUES:,} values", line, "Keep data in a table, not in the file.")
        if event.anchor is not None:
            self._refuse(f"'&{shown(str(event.anchor))}' is an anchor", line, "Anchors and aliases are not read.")
        if event.tag is not None:  # type: ignore[attr-defined]
            self._refuse(f"'{shown(event.tag)}' is a tag", line, "Write the plain value.")  # type: ignore[attr-defined]

    def _take_scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        text, is_plain = event.value, event.style is None or event.style == ""
        bad = next((c for c in text if c == "\0" or "\ud800" <= c <= "\udfff"), None)
        if bad is not None:
            self._refuse(f"an escape gives U+{ord(bad):04X}, which no column or path can hold", line, "Remove it.")
        if self._expects_key():
            self._take_key(text, is_plain, line)
            return
        try:
            value = scalar(text) if is_plain else text
        except ValueError as error:
            self._refuse(str(error), line, "Quote it if it is text.", within=True)
        self._add(value, line)
        self._value_done()

    def _take_key(self, text: str, is_plain: bool, line: int) -> None:
        branch = self.open[-1]
        if is_plain and text == MERGE:
            self._refuse("'<<' merges another mapping", line, "Write the keys out.")
        if is_plain and not _is_text(text):
            self._refuse(f"the key '{shown(text)}' is not text", line, f'Quote it: "{shown(text)}".')
        if len(text) > MAX_KEY_LENGTH:
            self._refuse(f"the key '{shown(text)}' is longer than {MAX_KEY_LENGTH} characters", line, "Shorten it.")
        branch.key = text
        if text in branch.value:
            first = f" (first in line {branch.lines.within[text].line})" if self.numbered else ""
            self._refuse(f"the key is there twice{first}", line, "Keep one of them.", within=True)
        branch.lines.within[text] = Lines(line)

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _add(self, value: Any, line: int) -> Lines:
        """Puts the value into the open collection; the lines to fill with what is within it."""
        if not self.open:
            self.top = (value, Lines(line))
            return self.top[1]
        branch = self.open[-1]
        if branch.key is not None:
            branch.value[branch.key] = value
            return branch.lines.within[branch.key]
        lines = branch.lines.within[len(branch.value)] = Lines(line)
        branch.value.append(value)
        return lines

    def _value_done(self) -> None:
        if self.open:
            self.open[-1].key = None

    def _refuse(self, message: str, line: int, fix: str, *, within: bool = False) -> NoReturn:
        """Raises with the key of the collection that is open, and with `within` also the step that comes next."""
        path: list[str | int] = []
        for branch in self.open[:-1]:
            path.append(branch.key if branch.key is not None else len(branch.value) - 1)
        if within and self.open:
            branch = self.open[-1]
            path.append(branch.key if branch.key is not None else len(branch.value))
        place = f"{self.file}:{line}" if self.numbered else self.file
        raise ConfigError(message, key=dotted(path), place=place, fix=fix) from None

    def _refuse_syntax(self, error: yaml.YAMLError) -> NoReturn:
        marks: list[Any] = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
        lines = [mark.line + 1 for mark in marks if mark is not None] or [1]
        sources = _LINE_BREAK.split(self.text.rstrip())
        line = min(lines[0], len(sources))
        source, problem = sources[line - 1], str(getattr(error, "problem", None) or "the text cannot be read")
        if "\t" in source:
            self._refuse("there is a tab, and YAML indents with spaces", line, "Replace it by spaces.")
        if "nesting depth" in problem:  # libyaml looks ahead, and gives up before our own limit is seen
            self._refuse(f"is nested deeper than {MAX_DEPTH} levels", line, "A project file needs six.")
        hidden = hides(source if self.numbered else f"{self.file} {source}")
        look = "its quotes and brackets." if hidden else shown(source.strip(), 60)
        self._refuse(f"is not YAML: {shown(problem)}", line, f"Look at: {look}")


def _is_text(text: str) -> bool:
    try:
        return isinstance(scalar(text), str)
    except ValueError:
        return False
