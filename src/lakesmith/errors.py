"""The error tree: every failure a user can cause or meet, with the exit code it ends the process with.

LakesmithError
├── ConfigError         2  the project file, an option or an argument is wrong
├── DataError           3  the data breaks a rule of the project
│   └── TrainingError   3  no model came out: every trial failed, or the rows cannot be learned from
├── GateError           4  the model was built and did not pass its gates
└── EnvironmentFault    5  Java, disk, a port, a path, a store: something around the project
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

# Control characters, line and paragraph breaks, changes of direction: printed raw, a name could fake a line.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class LakesmithError(Exception):
    """What was expected, what was found, where, and what to do.

    `key` is the dotted key in the project file (`features[2].columns`), filled in from the inside out:
    a piece names its own field, the stage that runs the piece prepends where the piece stands (`located`),
    and the project adds file and line (`place`).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, key: str = "", fix: str = "", place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key
        self.fix = fix
        self.place = place

    def __str__(self) -> str:
        where = " ".join(part for part in (self.place, self.key) if part)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text.rstrip('.')}. {self.fix}" if self.fix else text

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.key, self.fix, self.place)


def _rebuild(kind: type[LakesmithError], message: str, key: str, fix: str, place: str) -> LakesmithError:
    return kind(message, key=key, fix=fix, place=place)


class ConfigError(LakesmithError):
    """The project file, an option or an argument is wrong. Its text is one line, whatever the file held."""

    exit_code = 2

    def __str__(self) -> str:
        return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), super().__str__())


class DataError(LakesmithError):
    """The data breaks a rule of the project."""

    exit_code = 3


class TrainingError(DataError):
    """No model came out: every trial failed, or the rows cannot be learned from."""


class GateError(LakesmithError):
    """The model was built and did not pass its gates."""

    exit_code = 4


class EnvironmentFault(LakesmithError):
    """Java, disk, a port, a path, a store: something around the project is not as it must be."""

    exit_code = 5


class ConfigErrors(ConfigError):
    """Several mistakes of one project file, told in one go, in the order of its lines."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)

    def __reduce__(self) -> tuple[object, ...]:
        return ConfigErrors, (self.errors,)


@dataclass(frozen=True)
class Place:
    """Where a key stands: the file as the user named it, and the line counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@contextmanager
def located(prefix: str, locate: Callable[[str], str] | None = None) -> Iterator[None]:
    """Errors raised inside carry `prefix` before their own key and, with `locate`, the file and line of the whole."""
    try:
        yield
    except LakesmithError as error:
        if not error.place:
            own = error.key
            joiner = "." if own and prefix and not own.startswith("[") else ""
            error.key = f"{prefix}{joiner}{own}"
            if locate is not None:
                error.place = locate(error.key)
        raise


def nearest(word: str, words: Iterable[str]) -> str:
    """A sentence that names the closest allowed word, or the allowed words when none is close."""
    allowed = [str(each) for each in words]
    close = get_close_matches(word, allowed, n=1, cutoff=0.6) or [
        each for each in allowed if each.casefold() == word.casefold()
    ]
    if close:
        return f"Did you mean '{close[0]}'?"
    shown = ", ".join(allowed[:12]) + (f", … ({len(allowed)} in all)" if len(allowed) > 12 else "")
    return f"Allowed: {shown}" if allowed else "Nothing is allowed here"
