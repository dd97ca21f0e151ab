"""Numbers of very different sizes, brought together."""

from __future__ import annotations

from typing import Literal

from lakesmith.features.scaling import Scaling


class Log(Scaling):
    """sign(value) × ln(1 + |value|): for sums of money and counts; replaces the column's slot. Nothing is learned.

    Zero stays zero, a negative value becomes minus the logarithm of its size, missing stays missing.
    """

    kind: Literal["log"] = "log"

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        from lakesmith.features.learning.learner import adding

        return adding({output: f"signum({column}) * log1p(abs({column}))" for column, output in columns.values()})
