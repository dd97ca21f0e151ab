"""The examination: all checks that fit the platform, asked one after the other."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lakesmith import places as _places
from lakesmith import platforms
from lakesmith import project as _project
from lakesmith.doctor.checks import Surroundings, all_checks
from lakesmith.doctor.findings import Diagnosis
from lakesmith.errors import ConfigError
from lakesmith.platforms import Platform


def surroundings(
    path: str | Path | None,
    env: str | None,
    workspace: str | None,
    *,
    platform: Platform | None = None,
    environ: Mapping[str, str] | None = None,
) -> Surroundings:
    """What the checks look at. Mistakes of the project file are kept for a finding; a wrong environment is raised."""
    file = Path(path) if path is not None else None
    places = _places.load(file or Path("conf") / "project.yml", env, workspace)
    project, error = None, None
    if file is not None:
        try:
            project = _project.load(file)
        except ConfigError as mistake:
            error = mistake
    given = os.environ if environ is None else environ
    return Surroundings(platform or platforms.current(given), places, given, file, project, error)


def examined(seen: Surroundings) -> Diagnosis:
    """The answers of every check that is asked on this platform."""
    asked = [each for each in all_checks() if seen.kind in each.on]
    return Diagnosis(
        platform=_in_words(seen.platform),
        workspace=seen.places.workspace,
        project=str(seen.path) if seen.path is not None else "",
        findings=tuple(finding for each in asked for finding in each.findings(seen)),
    )


def _in_words(platform: Platform) -> str:
    if not platform.is_databricks:
        return "This machine" if not platform.is_connect else "This machine, with a Spark Connect server"
    kind = "serverless" if platform.is_serverless else platform.access
    return f"Databricks {platform.runtime}, {kind}"
