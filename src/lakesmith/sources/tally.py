"""Counts of a frame's rows, taken while some action runs over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakesmith.session import is_connect

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class Tally:
    """`frame` has the same rows; once an action has run over all of it, `counts` are the named aggregates of them.

    When rows run out on the way to an exchange, Spark cuts the rest of the plan off while it runs, and with it what
    was counted so far; then the aggregates are computed by an action of their own. So they are on Spark Connect: a
    session that has observed rows cannot serialise models with a training summary any more, and there the summary
    cannot be taken off them (see `session.without_summary`).
    """

    def __init__(self, frame: DataFrame, name: str, *aggregates: Column) -> None:
        from pyspark.sql import Observation

        self._plain = frame
        self._aggregates = aggregates
        self._observation = None if is_connect(frame.sparkSession) else Observation(name)
        self.frame = frame if self._observation is None else frame.observe(self._observation, *aggregates)

    def counts(self) -> dict[str, Any]:
        """Name → value. Waits for the action, which must have been started."""
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]

        try:
            found = self._observation.get if self._observation is not None else {}
        except Py4JError:  # an empty row cannot be handed over
            found = {}
        if found:
            return found
        row = self._plain.agg(*self._aggregates).first()
        return row.asDict() if row is not None else {}
