"""The label is an answer: no derivation may look at it, except history, at answers already known."""

from __future__ import annotations

from collections.abc import Sequence

from lakesmith.derivations import Derivation
from lakesmith.errors import ConfigError


def check_label_use(steps: Sequence[Derivation], label: str | None) -> None:
    """No step reads the label of the row it works on; the step that makes the label may name it for itself.

    `history` reads it of other rows, once it was known there; with the row's own time as `known_at` that says
    nothing, so it counts as a use. Raises ConfigError with the key below `derive`.
    """
    if label is None:
        return
    for position, step in enumerate(steps):
        for field, columns in step.uses().items():
            makes_it = field.removeprefix("columns").strip('.[]"') == label and label in step.writes()
            if label in columns and not makes_it:
                raise ConfigError(
                    f"the label '{label}' is read here, but it is not known when a prediction is due",
                    key=f"steps[{position}].{field}",
                    fix="Read it through `history`, with a `known_at` column that says when a label was known.",
                )
