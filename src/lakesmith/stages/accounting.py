"""Where every row went and which table versions came of it, from what the stages recorded."""

from __future__ import annotations

from lakesmith.facts import QuarantineRule, RowAccounting, TableVersion
from lakesmith.stages.bronze import bronze_of
from lakesmith.stages.derive import GOLD
from lakesmith.stages.recorded import Recorded
from lakesmith.stages.score import PREDICTIONS
from lakesmith.stages.train import TRIALS


def row_accounting(recorded: Recorded, main_source: str = "", data: str = "") -> RowAccounting | None:
    """Rows from the files to the parts of gold; None before the first stage has run. Files are named from `data`."""
    ingested, cleaned, derived = recorded.ingest, recorded.clean, recorded.derive
    if ingested is None and cleaned is None and derived is None:
        return None
    return RowAccounting(
        main_source=main_source,
        sources=tuple(each.rows for each in ingested.sources) if ingested is not None else (),
        steps=tuple(step for each in cleaned.sources for step in each.steps) if cleaned is not None else (),
        gold=derived.rows if derived is not None else None,
        parts=tuple((part, rows) for part, rows in derived.parts.items() if rows) if derived is not None else (),
        quarantine=_rules(recorded, data),
    )


def _rules(recorded: Recorded, data: str) -> tuple[QuarantineRule, ...]:
    """The rules of both stages, most frequent first."""
    stages = (each for each in (recorded.ingest, recorded.clean) if each is not None)
    rules = sorted((rule for stage in stages for rule in stage.quarantine), key=lambda rule: -rule.rows)
    return tuple(rule.model_copy(update={"position": below(rule.position, data)}) for rule in rules)


def below(path: str, data: str) -> str:
    """The path as seen from the folder `data`, unchanged where it does not lie in it."""
    folder = f"{data.removeprefix('file://').rstrip('/')}/"
    local = "/" + path.removeprefix("file:").lstrip("/") if path.startswith("file:") else path
    return local.removeprefix(folder) if data and local.startswith(folder) else path


def table_versions(recorded: Recorded) -> tuple[TableVersion, ...]:
    """The tables with the versions the stages wrote, in the order data flows."""
    found: list[tuple[str, int | None, int | None]] = []
    for source in recorded.ingest.sources if recorded.ingest is not None else ():
        found.append((bronze_of(source.source), source.version, source.rows.accepted))
    for cleaned in recorded.clean.sources if recorded.clean is not None else ():
        found.append((f"silver_{cleaned.source}", cleaned.version, cleaned.rows))
    if recorded.derive is not None:
        found.append((GOLD, recorded.derive.version, recorded.derive.rows))
    if recorded.train is not None:
        found.append((TRIALS, recorded.train.trials_version, len(recorded.train.trials)))
    if recorded.score is not None:
        found.append((PREDICTIONS, recorded.score.table_version, recorded.score.rows))
    return tuple(
        TableVersion(name=name, version=version, rows=rows) for name, version, rows in found if version is not None
    )
