"""Check: one question about the surroundings of a run; and the list of all of them, found in this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from lakesmith import session
from lakesmith.doctor.findings import Finding, State, without_secrets
from lakesmith.errors import ConfigError, LakesmithError
from lakesmith.places import Places
from lakesmith.platforms import Platform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakesmith.project import Project

Kind = Literal["local", "connect", "databricks"]
EVERYWHERE: tuple[Kind, ...] = ("local", "connect", "databricks")
HERE: tuple[Kind, ...] = ("local",)  # a machine with a Spark of its own
NO_NAME = "project"  # stands for the project's name where no project file is given


@dataclass(frozen=True)
class Surroundings:
    """What checks may look at; each part can be put in by a test."""

    platform: Platform
    places: Places
    environ: Mapping[str, str]
    path: Path | None = None
    project: Project | None = None
    error: ConfigError | None = None  # why `path` is not a project
    start: Callable[[], SparkSession] = field(default=lambda: session.start("lakesmith doctor"))

    @property
    def kind(self) -> Kind:
        """Which checks are asked: a Spark Connect client has no Java, no JARs and no workers of its own."""
        return "connect" if self.platform.kind == "local" and self.platform.is_connect else self.platform.kind

    @property
    def name(self) -> str:
        """The project's name, or a word that stands for it."""
        return self.project.name if self.project is not None else NO_NAME

    def setting(self, key: str) -> str | None:
        """A Spark setting as a session started here would have it."""
        return self.places.spark.get(key, session.LOCAL_SETTINGS.get(key))


class Answer(NamedTuple):
    """What one check says; subject and reason are the check's own."""

    state: State
    found: str
    fix: str = ""


def ok(found: str) -> Answer:
    """Nothing is to be done."""
    return Answer("ok", found)


def warning(found: str, fix: str) -> Answer:
    """A run starts, and may not do what is expected."""
    return Answer("warning", found, fix)


def problem(found: str, fix: str) -> Answer:
    """A run would stop."""
    return Answer("problem", found, fix)


@dataclass(frozen=True)
class Check:
    """One question: its subject, why its answer matters, where it is asked, and how."""

    subject: str
    why: str
    on: tuple[Kind, ...]
    answers: Callable[[Surroundings], Iterator[Answer]]

    def findings(self, seen: Surroundings) -> tuple[Finding, ...]:
        """The answers without secrets; a check that fails itself is a problem that names it, never a stack trace."""
        told: list[Answer] = []
        try:
            told.extend(self.answers(seen))
        except LakesmithError as error:
            told.append(problem(error.message, error.fix))
        except Exception as error:  # noqa: BLE001 (a doctor who faints helps nobody)
            said = f"the check '{self.subject}' failed itself: {type(error).__name__}: {session.first_line(error)}"
            told.append(problem(said, "Try a run; if it works, this check is wrong: please report it."))
        return tuple(
            Finding(
                state=each.state,
                subject=self.subject,
                found=without_secrets(each.found),
                why=self.why,
                fix=without_secrets(each.fix),
            )
            for each in told
        )


def check(subject: str, *, why: str, on: tuple[Kind, ...] = EVERYWHERE) -> Callable[..., Check]:
    """Makes a check of the function below it."""

    def made(answers: Callable[[Surroundings], Iterator[Answer]]) -> Check:
        return Check(subject, why, on, answers)

    return made


def all_checks() -> tuple[Check, ...]:
    """Every check of this folder: files by name, and within a file in the order they are written."""
    package = importlib.import_module(__package__)
    found: list[Check] = []
    for module in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
        members = vars(importlib.import_module(f"{__package__}.{module}")).values()
        found += [each for each in members if isinstance(each, Check)]
    return tuple(found)
