"""Stage: when it must run, what it makes, and what is remembered of it.

A stage's key is the digest of its section of the project, of its inputs (table id and last data-changing version; for
ingest the content of files) and of this package's source. The key is written as one row of `stage_runs` after all
outputs are there; the same key again means that nothing has changed, and nothing is done.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from lakesmith.package_sources import package_digest
from lakesmith.project import Project
from lakesmith.workspace import Workspace


class Result(BaseModel):
    """What a stage found out: a frozen value that JSON can hold; report and status render nothing else."""

    # NaN is a metric that is not defined on its rows; as `null` it could not be read back.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    def told(self) -> tuple[str, ...]:
        """The result in a line or two for the progress display."""
        return ()

    def __repr__(self) -> str:
        return "\n".join(self.told()) or super().__repr__()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """How a stage went: its result, whether it was skipped because nothing had changed, and how long it took."""

    stage: str
    result: R
    key: str
    skipped: bool
    seconds: float


@dataclass(frozen=True)
class Stage(Generic[R]):
    """One stage: `section` is the part of the project it depends on, `inputs` names its inputs with their versions,
    `outputs` the tables that must be there for a skip, `body` does the work and is given the key."""

    name: str
    result: type[R]
    section: Callable[[Project], Any]
    inputs: Callable[[Workspace], Mapping[str, str]]
    outputs: Callable[[Project], tuple[str, ...]]
    body: Callable[[Workspace, str], R]

    def key(self, workspace: Workspace) -> str:
        """The digest of all the stage depends on, as 32 hex digits."""
        parts = {
            "stage": self.name,
            "section": self.section(workspace.project),
            "inputs": dict(self.inputs(workspace)),
            "package": package_digest(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def run(self, workspace: Workspace) -> Outcome[R]:
        """Runs the stage, or finds that nothing has changed since it last ran."""
        started = time.monotonic()
        with workspace.progress.stage(self.name) as told:
            key = self.key(workspace)
            known = self._known(workspace, key)
            result = known if known is not None else self.body(workspace, key)
            if known is None:
                workspace.record(self.name, key, result)
            else:
                told.skipped("nothing changed")
            for fact in result.told():
                told.fact(fact)
        return Outcome(self.name, result, key, known is not None, time.monotonic() - started)

    def _known(self, workspace: Workspace, key: str) -> R | None:
        recorded_key, _ = workspace.recorded.get(self.name, ("", ""))
        whole = recorded_key == key and all(workspace.tables.exists(each) for each in self.outputs(workspace.project))
        return workspace.previous(self.name, self.result) if whole else None
