"""Promote: moves `champion` to the challenger when all its gates have passed; rollback moves it back."""

from __future__ import annotations

from lakesmith.errors import DataError, GateError
from lakesmith.stages.evaluate import EVALUATE, EvaluateResult
from lakesmith.stages.models import REPLACED_TAG, replaced_by
from lakesmith.stages.stage import Result, Stage
from lakesmith.tracking import Tracking
from lakesmith.workspace import Workspace


class PromoteResult(Result):
    """Which version is champion now, and which one it replaced (None for the first)."""

    champion: int
    replaced: int | None

    def told(self) -> tuple[str, ...]:
        """The move in words."""
        before = f", replacing version {self.replaced}" if self.replaced is not None else ""
        return (f"version {self.champion} is champion{before}",)


def promote(workspace: Workspace, _key: str) -> PromoteResult:
    """The version that is champion now. Raises GateError, with every failed gate's reason, and leaves the alias."""
    evaluated = _evaluated(workspace)
    failed = [verdict.reason for verdict in evaluated.verdicts if not verdict.passed]
    if failed:
        raise GateError(
            f"version {evaluated.version} stays challenger: {'; '.join(failed)}",
            fix="The report shows the numbers; the champion, if there is one, is untouched.",
        )
    before = workspace.tracking.at("champion")
    replaced = before.number if before is not None and before.number != evaluated.version else None
    if replaced is not None or before is None:
        # The tag first: a kill after it leaves the old champion in place and a tag that the re-run writes again.
        workspace.tracking.tag_version(evaluated.version, {REPLACED_TAG: "" if replaced is None else str(replaced)})
        workspace.tracking.point("champion", evaluated.version)
    return PromoteResult(champion=evaluated.version, replaced=replaced)


def rolled_back(tracking: Tracking) -> PromoteResult:
    """Moves `champion` back to the version it replaced. Raises DataError when there is none."""
    champion = tracking.at("champion")
    back = replaced_by(champion) if champion is not None else None
    if champion is None or back is None:
        found = "there is no champion" if champion is None else f"version {champion.number} is the first champion"
        raise DataError(f"nothing to roll back to: {found}", fix="`lakesmith status` shows the versions.")
    tracking.point("champion", back)
    return PromoteResult(champion=back, replaced=champion.number)


def _evaluated(workspace: Workspace) -> EvaluateResult:
    found = workspace.previous(EVALUATE.name, EvaluateResult)
    challenger = workspace.tracking.at("challenger")
    if found is None or challenger is None or found.version != challenger.number:
        raise DataError("the challenger has not been evaluated", fix="Run the stage `evaluate` first.")
    return found


PROMOTE = Stage(
    name="promote",
    result=PromoteResult,
    section=lambda project: project.resolved().get("gates", []),
    inputs=lambda workspace: {"evaluated": workspace.recorded.get(EVALUATE.name, ("", ""))[0]},
    outputs=lambda project: (),
    body=promote,
)
