"""In which order sources are cleaned, where steps of one look at another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lakesmith.cleaning import OWN, CleaningStep
from lakesmith.errors import ConfigError


def cleaning_order(clean: Mapping[str, Sequence[CleaningStep]], sources: Iterable[str]) -> tuple[str, ...]:
    """The sources, each after those its steps look at, otherwise as they were. A table that is no source is passed by.

    Raises ConfigError for sources that wait for each other (key = the step's, from the top of the project file).
    """
    known = tuple(sources)
    done: list[str] = []
    for source in known:
        _visit(source, clean, known, done, ())
    return tuple(done)


def _visit(
    source: str,
    clean: Mapping[str, Sequence[CleaningStep]],
    known: tuple[str, ...],
    done: list[str],
    way: tuple[str, ...],
) -> None:
    if source in done:
        return
    for position, step in enumerate(clean.get(source, ())):
        for table in step.tables():
            if table in (OWN, source) or table not in known:
                continue
            if table in way:
                circle = " → ".join([*way[way.index(table) :], source, table])
                raise ConfigError(
                    f"these sources wait for each other to be cleaned: {circle}",
                    key=f"clean.{source}[{position}].table",
                    fix="Look one of them up in derive.steps, with join_table.",
                )
            _visit(table, clean, known, done, (*way, source))
    done.append(source)
