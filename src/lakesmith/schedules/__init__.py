"""Schedules: the learning rate over the epochs of a training, as a factor of the rate that is configured.

A factor follows from the place in the training alone, so that a training that was killed goes on as it would have.
"""

from __future__ import annotations

from typing import Annotated

from lakesmith.piece import Catalogue, Piece


class Schedule(Piece):
    """How the learning rate changes."""

    def check(self, epochs: int) -> None:
        """Raises ConfigError (key = schedule) where so many epochs are too few for it."""

    def factor(self, at: float, epochs: int) -> float:
        """What the learning rate is multiplied by `at` epochs after the start (2.5: in the middle of the third) of
        `epochs`; ≥ 0."""
        raise NotImplementedError


SCHEDULES: Catalogue[Schedule] = Catalogue(Schedule)
AnySchedule = Annotated[Schedule, SCHEDULES]
