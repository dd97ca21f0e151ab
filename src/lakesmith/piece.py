"""Piece: a frozen pydantic class whose fields are its YAML keys; Catalogue: all pieces of one sort. Read this first.

A cleaning step, a split, a feature, a family, … is one class in one file of its sort's folder, with a literal
`kind`. Nothing is registered by hand: a catalogue imports every module of the folder of its base class, and every
module named by the entry-point group `lakesmith.pieces`, and looks at the subclasses it then knows.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cached_property
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar, Union, cast

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Scope = Literal["row", "group", "table"]
ENTRY_POINTS = "lakesmith.pieces"


class Piece(BaseModel):
    """One typed, frozen part of a project; its fields are its YAML keys and it does one thing.

    `scope` says what a piece must see to treat one row: the row itself, the rows of its group, or the whole table.
    Incremental runs and a scorer without a JVM are derived from it. `classic_only` says why a piece needs a Spark
    session with a JVM of its own, "" where Spark Connect and serverless compute do too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, validate_default=True)
    scope: ClassVar[Scope] = "row"
    classic_only: ClassVar[str] = ""


P = TypeVar("P", bound=Piece)


class Catalogue(Generic[P]):
    """All pieces of one sort: the subclasses of `base` with a literal `kind`, found in the folder of `base`."""

    def __init__(self, base: type[P]) -> None:
        self.base = base

    @cached_property
    def kinds(self) -> dict[str, type[P]]:
        """kind → class, in alphabetical order. Raises ConfigError when two classes claim one kind."""
        _import_folder(self.base.__module__)
        _import_plugins()
        found: dict[str, type[P]] = {}
        for piece in sorted(_descendants(self.base), key=lambda each: each.__qualname__):
            kind = kind_of(piece)
            if kind is None or inspect.isabstract(piece):
                continue
            if kind in found and found[kind] is not piece:
                one, other = (f"{c.__module__}.{c.__qualname__}" for c in (found[kind], piece))
                raise ConfigError(f"two pieces claim the kind '{kind}': {one} and {other}", fix="Rename one of them.")
            found[kind] = cast("type[P]", piece)
        return dict(sorted(found.items()))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """As an annotation, `Annotated[Base, CATALOGUE]` accepts any piece of the sort, told apart by `kind`."""
        types = tuple(self.kinds.values())
        if not types:
            raise ConfigError(f"no piece of the sort {self.base.__name__} was found")
        union: Any = types[0] if len(types) == 1 else Union[types]  # noqa: UP007 (built at run time)
        return handler.generate_schema(union if len(types) == 1 else Annotated[union, Field(discriminator="kind")])


def kind_of(piece: type[Piece]) -> str | None:
    """The literal `kind` of a piece class, or None for a base class."""
    field = piece.model_fields.get("kind")
    return field.default if field is not None and isinstance(field.default, str) else None


def name_of(piece: Piece) -> str:
    """What a piece is called in a project file: its `kind`."""
    return kind_of(type(piece)) or type(piece).__name__


def _descendants(base: type[Piece]) -> set[type[Piece]]:
    direct = set(base.__subclasses__())
    return direct.union(*(_descendants(each) for each in direct)) if direct else direct


def _import_folder(package: str) -> None:
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")


def _import_plugins() -> None:
    for plugin in entry_points(group=ENTRY_POINTS):
        plugin.load()
