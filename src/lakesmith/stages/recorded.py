"""What the stages recorded when they last ran, and which of it belongs together; the report and `status` start here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lakesmith.stages.clean import CLEAN, CleanResult
from lakesmith.stages.derive import DERIVE, DeriveResult
from lakesmith.stages.evaluate import EVALUATE, EvaluateResult
from lakesmith.stages.ingest import INGEST, IngestResult
from lakesmith.stages.promote import PROMOTE, PromoteResult
from lakesmith.stages.score import SCORE, ScoreResult
from lakesmith.stages.stage import Result
from lakesmith.stages.train import TRAIN, TrainResult
from lakesmith.workspace import Workspace

KINDS: Mapping[str, type[Result]] = {
    each.name: each.result for each in (INGEST, CLEAN, DERIVE, TRAIN, EVALUATE, PROMOTE, SCORE)
}


@dataclass(frozen=True)
class Recorded:
    """The last result of each stage; None where there is none, or none of today's shape."""

    ingest: IngestResult | None = None
    clean: CleanResult | None = None
    derive: DeriveResult | None = None
    train: TrainResult | None = None
    evaluate: EvaluateResult | None = None
    promote: PromoteResult | None = None
    score: ScoreResult | None = None

    @property
    def judged(self) -> EvaluateResult | None:
        """What the test rows said of the version that train made; None when they were last asked about another one."""
        if self.train is None or self.evaluate is None or self.evaluate.version != self.train.version:
            return None
        return self.evaluate


def of_workspace(workspace: Workspace) -> Recorded:
    """The results as the workspace's tables hold them."""
    found: dict[str, Any] = {stage: workspace.previous(stage, kind) for stage, kind in KINDS.items()}
    return Recorded(**found)


def of_folder(folder: Path) -> tuple[Recorded, tuple[str, ...]]:
    """The results from a project folder's JSON files, and a line about each file that could not be read."""
    found: dict[str, Any] = {}
    notes: list[str] = []
    for file in sorted(folder.glob("results/*.json")):
        kind = KINDS.get(file.stem)
        result = _read(file, kind) if kind is not None else "is of no known stage"
        if isinstance(result, str):
            notes.append(f"results/{file.name} {result} and was left out")
        else:
            found[file.stem] = result
    return Recorded(**found), tuple(notes)


def _read(file: Path, kind: type[Result]) -> Result | str:
    """The result in a file, or what is wrong with it."""
    try:
        told = json.loads(file.read_text("utf-8"))
        return kind.model_validate_json(json.dumps(told["result"]))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValidationError:
        return "was written by another version of lakesmith"
    except (ValueError, TypeError, KeyError, RecursionError):
        return "holds no stage's result"
