"""A YAML 1.2 file as plain data that remembers its lines; nothing in a file can build an object or repeat itself.

Read as the core schema of YAML 1.2: `on`, `NO` and `yes` are text, `1e-3` is a number, `0123` is 123, a date stays
text. Refused, with file, line and key: what a reader of a project file could not see at a glance (duplicate keys,
anchors, aliases, tags, merge keys, several documents) and what only an attacker writes (depth, size, control codes).
PyYAML is used for its event stream only (`yaml_tree`).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import yaml

from lakesmith.errors import ConfigError
from lakesmith.yaml_tree import (
    FLOAT,
    HEX,
    INT,
    LINE_BREAK_1_1,
    MAX_BYTES,
    MAX_DEPTH,
    NOT_FINITE,
    OCTAL,
    Lines,
    Tree,
    called,
    dotted,
    hides,
    shown,
)

_STEP = re.compile(r"""\[(\d{1,6})\]|\["([^"]*)"\]|(?:^|\.)([^.\[\]=]+)""")
Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """The content of one file: plain JSON values, the file as the user named it, and where each key stands.

    `options` are the `--set` options that replaced values, path → option.
    """

    data: dict[str, Any]
    file: str
    lines: Lines = field(default_factory=lambda: Lines(1), repr=False)
    options: dict[str, str] = field(default_factory=dict)

    def place(self, key: str = "") -> str:
        """`file:line` of a dotted key (`features[2].columns[1]`), or of the nearest key around it that exists.

        A key that a `--set` option gave, or one within it, has that option as its place."""
        for path, option in self.options.items():
            if key == path or key.startswith((f"{path}.", f"{path}[")):
                return option
        return f"{self.file}:{self._line(key)}"

    def _line(self, key: str) -> int:
        lines, rest = self.lines, key
        while rest:
            step, rest = _first_step(lines, rest)
            if step is None:
                break
            lines = lines.within[step]
        return lines.line


def read(path: str | Path) -> Document:
    """The document in a file. Raises ConfigErrors that name file, line, key, what was found and what to do."""
    file = str(path)
    try:
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError("there is no such file", place=shown(file), fix="Check the path.") from None
    except IsADirectoryError:
        raise ConfigError("is a folder, not a YAML file", place=shown(file), fix="Name one file in it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ConfigError(f"cannot be read: {reason}", place=shown(file)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) > MAX_BYTES:
            _refuse_size(file)
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"byte {content[error.start]:#04x} is not UTF-8", place=f"{shown(file)}:{line}", fix="Save it as UTF-8."
        ) from None
    return parse(text, file)


def parse(text: str, file: str) -> Document:
    """The document in a text; `file` is only how messages call it. Raises ConfigError."""
    file = shown(file)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        _refuse_size(file)
    data, lines = Tree(text, file).built()
    if data is None:
        raise ConfigError("the file is empty", place=f"{file}:1", fix="Write at least 'name: …'.")
    if not isinstance(data, dict):
        raise ConfigError(
            f"the file holds {called(data)}, and must be a mapping", place=f"{file}:{lines.line}", fix="Write 'key: …'."
        )
    return Document(data, file, lines)


def set_values(document: Document, options: Iterable[str]) -> Document:
    """The document with values replaced by `a.b=c` options, each read as YAML. Raises ConfigError naming the option.

    Mappings that are missing on the way are made; a list item must exist. Whether a key is known is not asked here.
    """
    data, given = copy.deepcopy(document.data), dict(document.options)
    for option in options:
        named = f"--set {shown(option.partition('=')[0] if hides(option) else option)}"
        name, equals, value = option.partition("=")
        path = _path(name.strip())
        if not equals or not path:
            raise ConfigError("is not of the form key=value", place=named, fix="Write e.g. --set tune.max_trials=5.")
        _put(data, path, Tree(value, named, numbered=False).built()[0], named)
        given[dotted(path)] = named
    return replace(document, data=data, options=given)


def dump(data: dict[str, Any]) -> str:
    """The data as block YAML, keys in their order; `parse` gives the same data back, and so does a YAML 1.1 reader."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=float("inf")
    )
    return text


def _refuse_size(file: str) -> NoReturn:
    raise ConfigError(
        f"is larger than {MAX_BYTES:,} bytes", place=f"{shown(file)}:1", fix="A project file has some kilobytes."
    )


def _first_step(lines: Lines, key: str) -> tuple[str | int | None, str]:
    """The longest child named at the start of `key` (a name may hold dots), and what is left of `key`."""
    ends = [m.start() for m in re.finditer(r"[.\[]", key)] + [len(key)]
    for end in reversed(ends):
        if key[:end] in lines.within:
            return key[:end], key[end:].removeprefix(".")
    index = re.match(r"\[(\d{1,6})\]\.?", key)
    if index and int(index[1]) in lines.within:
        return int(index[1]), key[index.end() :]
    return None, key


def _path(name: str) -> Steps:
    """The steps of a dotted name; () when it is not one."""
    steps: list[str | int] = []
    position = 0
    while position < len(name):
        step = _STEP.match(name, position)
        if step is None or step.end() == position:
            return ()
        steps.append(int(step[1]) if step[1] else step[2] if step[2] is not None else step[3])
        position = step.end()
    return tuple(steps) if len(steps) <= MAX_DEPTH and steps and isinstance(steps[0], str) else ()


def _put(data: dict[str, Any], path: Steps, value: object, named: str) -> None:
    within: Any = data
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(step, int):
            if not isinstance(within, list) or step >= len(within):
                raise ConfigError(f"there is no item {step} in {called(within)}", key=dotted(path[:depth]), place=named)
        elif not isinstance(within, dict):
            raise ConfigError(
                f"'{shown(step)}' cannot be set within {called(within)}", key=dotted(path[:depth]), place=named
            )
        elif not last and within.get(step) is None:
            within[step] = {}
        if last:
            within[step] = value
        else:
            within = within[step]


class _Dumper(yaml.SafeDumper):
    """Quotes what either a YAML 1.1 or a YAML 1.2 reader would not read as the same text."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # list items stand to the right of their key


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if LINE_BREAK_1_1.search(text) else None)


_Dumper.add_representer(str, _write_text)

_Dumper.add_implicit_resolver("tag:lakesmith:1.1", re.compile("[yYnN]$"), list("yYnN"))
for _form in (INT, OCTAL, HEX, FLOAT, NOT_FINITE):
    _Dumper.add_implicit_resolver("tag:lakesmith:1.2", re.compile(f"(?:{_form.pattern})$"), list("-+.0123456789"))
