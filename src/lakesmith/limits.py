"""Limits: what a project cannot do without a classic Spark: on Spark Connect, standard access or serverless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lakesmith.piece import name_of

if TYPE_CHECKING:
    from lakesmith.project import Project

Mode = Literal["classic", "connect", "serverless"]


@dataclass(frozen=True)
class Limit:
    """One thing of a project that does not work: `what` is a piece by its kind, `key` where it stands in the file."""

    what: str
    why: str
    fix: str
    key: str


def limits(project: Project, mode: Mode) -> list[Limit]:
    """All limits of the project in this mode, in the order of its file; none on `classic`."""
    if mode == "classic":
        return []
    return [
        Limit(
            "xgboost",
            "xgboost.spark trains and scores in barrier stages over RDDs, which are not there",
            "Use gbt or random_forest, or a cluster with dedicated access.",
            f"families[{position}]",
        )
        for position, family in enumerate(project.families)
        if name_of(family) == "xgboost"
    ]
