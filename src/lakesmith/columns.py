"""Column names: quoting, and a list of names that answers a miss with the nearest name it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lakesmith.errors import ConfigError, nearest

RESERVED = "_lakesmith_"


def quote(name: str) -> str:
    """The name as a Spark SQL identifier, whatever characters it holds."""
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True)
class Names:
    """The column names of one table, in order. `table` is only how messages call it."""

    table: str
    names: tuple[str, ...] = field(default=())

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def need(self, name: str, *, key: str = "") -> str:
        """The name itself. Raises ConfigError, with the nearest name, when the table has no such column."""
        if name not in self.names:
            raise ConfigError(
                f"'{name}' is not a column of {self.table} ({len(self.names)} columns)",
                key=key,
                fix=nearest(name, self.names),
            )
        return name

    def need_all(self, names: Iterable[str], *, key: str = "") -> None:
        """Each of `names` is a column; an error names the position within `key`."""
        for position, name in enumerate(names):
            self.need(name, key=f"{key}[{position}]" if key else "")

    def free(self, names: Iterable[str], *, key: str = "") -> None:
        """None of `names` is taken yet, nor starts as lakesmith's own columns do."""
        for name in names:
            if name.startswith(RESERVED):
                raise ConfigError(f"'{name}' starts with '{RESERVED}', which is reserved", key=key, fix="Rename it.")
            if any(name.casefold() == taken.casefold() for taken in self.names):
                raise ConfigError(f"'{name}' is already a column of {self.table}", key=key, fix="Choose another name.")

    def without(self, names: Iterable[str]) -> Names:
        gone = set(names)
        return Names(self.table, tuple(n for n in self.names if n not in gone))

    def plus(self, names: Iterable[str]) -> Names:
        """These names with `names` after them; a name already there keeps its place."""
        return Names(self.table, self.names + tuple(n for n in dict.fromkeys(names) if n not in self.names))

    def renamed(self, new_names: Sequence[str]) -> Names:
        return Names(self.table, tuple(new_names))
