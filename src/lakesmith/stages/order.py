"""The stages in the order data flows, and which of them a selection names."""

from __future__ import annotations

from typing import Any

from lakesmith.errors import ConfigError, nearest
from lakesmith.stages.clean import CLEAN
from lakesmith.stages.derive import DERIVE
from lakesmith.stages.evaluate import EVALUATE
from lakesmith.stages.ingest import INGEST
from lakesmith.stages.promote import PROMOTE
from lakesmith.stages.score import SCORE
from lakesmith.stages.stage import Stage
from lakesmith.stages.train import TRAIN

STAGES: tuple[Stage[Any], ...] = (INGEST, CLEAN, DERIVE, TRAIN, EVALUATE, PROMOTE, SCORE)
NAMES = tuple(stage.name for stage in STAGES)


def selected(selection: str | None) -> tuple[Stage[Any], ...]:
    """`None`: all; `train`: one; `train+`: from it on; `+train`: up to it; `clean,derive`: these, in the flow's order.

    Raises ConfigError with the nearest name.
    """
    if selection is None:
        return STAGES
    chosen: set[str] = set()
    for part in selection.split(","):
        name = part.strip().strip("+")
        if name not in NAMES:
            raise ConfigError(f"'{name}' is not a stage", key="--select", fix=nearest(name, NAMES))
        position = NAMES.index(name)
        start = 0 if part.strip().startswith("+") else position
        end = len(NAMES) if part.strip().endswith("+") else position + 1
        chosen.update(NAMES[start:end])
    return tuple(stage for stage in STAGES if stage.name in chosen)
