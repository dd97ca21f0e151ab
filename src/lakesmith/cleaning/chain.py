"""Steps in a row: the frame after all of them, what each let go, and counts taken on the way without another pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakesmith.cleaning import CleaningStep, Sifted
from lakesmith.columns import Names
from lakesmith.sources import RULE
from lakesmith.sources.opaque import opaque
from lakesmith.sources.tally import Tally

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Puts errors of the step at a position in their place in the project file.
At = Callable[[int], AbstractContextManager[None]]


@dataclass(frozen=True)
class Stop:
    """One step on the way: its input, and what it made of it."""

    position: int
    step: CleaningStep
    given: DataFrame
    sifted: Sifted


@dataclass(frozen=True)
class StepCounts:
    """The rows of one step: in = kept + quarantined + dropped; `broken` are those that break the `rule` it watches."""

    kept: int
    quarantined: int = 0
    dropped: int = 0
    broken: int = 0
    rule: str | None = None


def walk(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str) -> Iterator[Stop]:
    """The steps one after another; lazy. Raises ConfigError in its place for a step that its rows do not allow."""
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(df.columns)))
            stop = Stop(position, step, df, step.sift(df))
        yield stop
        df = stop.sifted.kept


@dataclass
class Counted:
    """The frame after all steps, and the counts of each, to be read once an action has run over the whole frame."""

    frame: DataFrame
    steps: list[tuple[bool, bool, str | None]] = field(default_factory=list)
    points: dict[int, Tally] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows before the first step and after the last. Waits for the action."""
        return self.points[0].counts()["rows"], self.points[len(self.steps)].counts()["rows"]

    def counts(self) -> list[StepCounts]:
        """One count a step. Waits for the action."""
        read = {position: tally.counts() for position, tally in sorted(self.points.items())}
        told = []
        for position, (changes, rejects, rule) in enumerate(self.steps):
            kept = next(counts["rows"] for later, counts in read.items() if later > position)
            gone = read[position]["rows"] - kept if changes else 0
            broken = read.get(position, {}).get("broken", 0)
            told.append(StepCounts(kept, gone if rejects else 0, 0 if rejects else gone, broken, rule))
        return told


def counted(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str) -> Counted:
    """The frame after all steps with a counter before every step that may let rows go or watches a rule.

    Counters ride along with whatever action is run over the frame.
    """
    from pyspark.sql import functions as F

    passage = Counted(df)
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(passage.frame.columns)))
            rule = step.watched(passage.frame)
            if position == 0 or step.changes_rows or rule is not None:
                broken = [F.count_if(~rule.holds).alias("broken")] if rule is not None else []
                _count(passage, position, *broken)
            sifted = step.sift(passage.frame)
        passage.frame = sifted.kept
        passage.steps.append((step.changes_rows, sifted.rejected is not None, rule.told if rule is not None else None))
    _count(passage, len(steps))
    return passage


def _count(passage: Counted, position: int, *more: Column) -> None:
    from pyspark.sql import functions as F

    tally = Tally(passage.frame, f"before step {position}", F.count(F.lit(1)).alias("rows"), *more)
    passage.points[position] = tally
    passage.frame = tally.frame


@dataclass(frozen=True)
class Broken:
    """A rule that must hold, and the rows that break it."""

    position: int
    told: str
    count: int
    examples: DataFrame


def broken_rules(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str) -> list[Broken]:
    """The rules that must hold and do not, from one pass over the rows; no pass where no step has such a rule."""
    from pyspark.sql import functions as F

    frame, watched = df, []
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(frame.columns)))
            rule = step.must_hold(frame)
            if rule is not None:
                tally = Tally(frame, f"step {position}", F.count_if(~rule.holds).alias("broken"))
                watched.append((position, rule.told, tally))
                passed = frame = tally.frame
            frame = step.sift(frame).kept
    if not watched:
        return []
    passed.write.format("noop").mode("overwrite").save()
    found = [(position, told, tally.counts()["broken"]) for position, told, tally in watched]
    return [
        Broken(position, told, count, _examples(df, steps, at, table, position))
        for position, told, count in found
        if count
    ]


def _examples(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, position: int) -> DataFrame:
    from pyspark.sql import functions as F

    stop = next(each for each in walk(df, steps, at, table) if each.position == position)
    rule = stop.step.must_hold(stop.given)
    if rule is None:
        return stop.given.limit(0)
    return stop.given.withColumn(RULE, opaque(rule.holds)).filter(~F.col(RULE)).drop(RULE)
