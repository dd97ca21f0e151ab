"""What can be said about a project before any data is read: names of tables and columns, followed from source to model.

Columns are known where a source declares them; a source whose schema is inferred is checked when it has been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lakesmith.columns import Names
from lakesmith.errors import ConfigError, ConfigErrors, nearest

if TYPE_CHECKING:
    from lakesmith.cleaning import CleaningStep
    from lakesmith.project import Project


def check(project: Project) -> None:
    """Raises ConfigErrors with every mistake found, each with file, line, key and the nearest valid word."""
    findings = _Findings(project)
    silver = _silver(project, findings)
    gold = _gold(project, silver, findings)
    if gold is not None:
        check_gold(project, gold, findings)
    _check_gates(project, findings)
    _check_tuning(project, findings)
    if findings.errors:
        raise findings.errors[0] if len(findings.errors) == 1 else ConfigErrors(findings.errors)


def check_gold(project: Project, gold: Names, findings: _Findings | None = None) -> None:
    """Key, label, time, group, weight, split and features name columns of gold. Without `findings`, raises at once."""
    found = findings or _Findings(project, raise_at_once=True)
    with found.at(""):
        gold.need_all(project.key, key="key")
    for field, column in (("time", project.time), ("group", project.group), ("weight", project.weight)):
        with found.at(""):
            if column is not None:
                gold.need(column, key=field)
    with found.at("task"):
        gold.need(project.task.label, key="label")
    with found.at("split"):
        project.split.columns_needed(project.facts, gold)
    if project.tune.folds is not None:
        with found.at("tune.folds"):
            project.tune.folds.columns_needed(project.facts, gold)
    with found.at(""):
        from lakesmith.pipelines import check_features

        check_features(project.features, gold, project.facts, project.weight)
    if project.score.where is not None:
        from lakesmith.expressions import compiled

        with found.at("score"):
            compiled(project.score.where, gold, key="where")


class _Findings:
    """Collects errors, so that a user sees all mistakes of a file at once."""

    def __init__(self, project: Project, *, raise_at_once: bool = False) -> None:
        self.project = project
        self.raise_at_once = raise_at_once
        self.errors: list[ConfigError] = []

    @contextmanager
    def at(self, prefix: str) -> Iterator[None]:
        try:
            with self.project.located(prefix):
                yield
        except ConfigErrors as several:
            if self.raise_at_once:
                raise
            self.errors.extend(several.errors)
        except ConfigError as error:
            if self.raise_at_once:
                raise
            self.errors.append(error)


def _silver(project: Project, findings: _Findings) -> dict[str, Names | None]:
    """Source → the column names of its silver table, None where they are not known yet."""
    from lakesmith.cleaning.order import cleaning_order

    order = tuple(project.sources)
    with findings.at(""):
        order = cleaning_order(project.clean, project.sources)
    silver: dict[str, Names | None] = {}
    for source in order:
        names = project.sources[source].names(source)
        for position, step in enumerate(project.clean.get(source, ())):
            with findings.at(f"clean.{source}[{position}]"):
                _check_tables(step, source, names, silver, project.sources)
            if names is None:
                continue
            known, names = names, None
            with findings.at(f"clean.{source}[{position}]"):
                names = step.columns_after(known)
        silver[source] = names
    return silver


def _check_tables(
    step: CleaningStep, source: str, names: Names | None, silver: dict[str, Names | None], sources: Iterable[str]
) -> None:
    """The tables that a cleaning step looks at are sources, and have the columns it needs where these are known."""
    tables = {table: names if table in ("", source) else silver.get(table) for table in step.tables()}
    if missing := [table for table in tables if table not in ("", *sources)]:
        raise ConfigError(f"'{missing[0]}' is not a source", key="table", fix=nearest(missing[0], sources))
    if all(each is not None for each in tables.values()):
        step.columns_needed({table: each for table, each in tables.items() if each is not None})


def _gold(project: Project, silver: dict[str, Names | None], findings: _Findings) -> Names | None:
    """The column names of gold, None where a table it needs is not known yet or wrong."""
    from lakesmith.derivations.label import check_label_use

    base: str | None = None
    with findings.at(""):
        base = project.base
        if base not in silver:
            raise ConfigError(f"'{base}' is not a source", key="derive.from", fix=nearest(base, silver))
    names = silver.get(base) if base is not None else None
    for position, step in enumerate(project.derive.steps):
        missing = [table for table in step.tables() if table not in silver]
        with findings.at(f"derive.steps[{position}]"):
            if missing:
                raise ConfigError(f"'{missing[0]}' is not a source", key="with", fix=nearest(missing[0], silver))
        tables = {table: silver.get(table) for table in step.tables()}
        if names is None or missing or any(each is None for each in tables.values()):
            names = None
            continue
        known, names = names, None
        with findings.at(f"derive.steps[{position}]"):
            names = step.columns_after(known, {t: n for t, n in tables.items() if n is not None})
    with findings.at("derive"):
        check_label_use(project.derive.steps, project.task.label)
    return Names("gold", names.names) if names is not None else None


def _check_gates(project: Project, findings: _Findings) -> None:
    for position, gate in enumerate(project.gates):
        with findings.at(f"gates[{position}]"):
            gate.check(project.task.sort)


def _check_tuning(project: Project, findings: _Findings) -> None:
    from lakesmith.metrics import metric_named
    from lakesmith.resampling import check_classes

    with findings.at("tune"):
        if project.tune.metric is not None:
            metric_named(project.tune.metric, project.task.sort)
    if project.tune.early_termination is not None:
        with findings.at("tune.early_termination"):
            project.tune.early_termination.check(project.tune.max_concurrent_trials)
    for position, _ in enumerate(project.resample):
        with findings.at(f"resample[{position}]"):
            check_classes(project.task.sort)
    for position, family in enumerate(project.families):
        with findings.at(f"families[{position}]"):
            family.check_sort(project.task.sort)
            family.check_features(project.features)
