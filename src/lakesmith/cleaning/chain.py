"""Steps in a row: the frame after all of them, what each let go, and counts taken on the way without another pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakesmith.cleaning import OWN, CleaningStep, Sifted
from lakesmith.cleaning.cells import Cells
from lakesmith.columns import RESERVED, Names
from lakesmith.sources import RULE
from lakesmith.sources.opaque import opaque
from lakesmith.sources.tally import Tally

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Puts errors of the step at a position in their place in the project file.
At = Callable[[int], AbstractContextManager[None]]
# Source → its cleaned rows.
Others = Mapping[str, "DataFrame"]


@dataclass(frozen=True)
class Stop:
    """One step on the way: its input, and what it made of it."""

    position: int
    step: CleaningStep
    given: DataFrame
    sifted: Sifted


@dataclass(frozen=True)
class StepCounts:
    """The rows of one step: in = kept + quarantined + dropped; `broken` are those that break the `rule` it watches.

    `cells` are the values it changed in the rows it kept, None where that is not counted (see Cells).
    """

    kept: int
    quarantined: int = 0
    dropped: int = 0
    broken: int = 0
    rule: str | None = None
    cells: int | None = None


def walk(
    df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, others: Others | None = None
) -> Iterator[Stop]:
    """The steps one after another; lazy. Raises ConfigError in its place for a step that its rows do not allow."""
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(df.columns)))
            given = _beside(step, df, _itself(df), table, others)
            stop = Stop(position, step, given, step.sift(given))
        yield stop
        df = stop.sifted.kept


def cleaned(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, others: Others | None) -> DataFrame:
    """The rows after all steps; lazy, and nothing is counted."""
    for stop in walk(df, steps, at, table, others):
        df = stop.sifted.kept
    return df


def _itself(df: DataFrame) -> Callable[[], DataFrame]:
    return lambda: df


def _beside(
    step: CleaningStep, df: DataFrame, own: Callable[[], DataFrame], table: str, others: Others | None
) -> DataFrame:
    """The rows a step is given, with what it needs of other tables. `own` are the same rows without counters: two
    branches of one plan cannot both count."""
    wanted = step.tables()
    if not wanted:
        return df
    tables = {name: own() if name in (OWN, table) else (others or {})[name] for name in wanted}
    step.columns_needed({name: Names(name or table, tuple(each.columns)) for name, each in tables.items()})
    return step.beside(df, tables)


@dataclass
class Counted:
    """The frame after all steps, and the counts of each, to be read once an action has run over the whole frame."""

    frame: DataFrame
    steps: list[tuple[bool, bool, str | None]] = field(default_factory=list)
    points: dict[int, Tally] = field(default_factory=dict)
    cells: dict[int, Cells] = field(default_factory=dict)

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
            cells = self.cells[position].count() if position in self.cells else None
            told.append(StepCounts(kept, gone if rejects else 0, 0 if rejects else gone, broken, rule, cells))
        return told


def counted(df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, others: Others | None = None) -> Counted:
    """The frame after all steps with a counter before every step that may let rows go or watches a rule, and one of
    changed values behind every step that may change some.

    Counters ride along with whatever action is run over the frame.
    """
    passage = Counted(df)
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(passage.frame.columns)))
            own = _before(df, steps, at, table, others, position)
            given = _beside(step, passage.frame, own, table, others)
            _take(passage, position, step, given)
    _count(passage, len(steps))
    return passage


def _before(
    df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, others: Others | None, position: int
) -> Callable[[], DataFrame]:
    return lambda: cleaned(df, steps[:position], at, table, others)


def _take(passage: Counted, position: int, step: CleaningStep, given: DataFrame) -> None:
    """One step further, with its counters."""
    from pyspark.sql import functions as F

    passage.frame = given
    rule = step.watched(given)
    if position == 0 or step.changes_rows or rule is not None:
        broken = [F.count_if(~rule.holds).alias("broken")] if rule is not None else []
        _count(passage, position, *broken)
    cells = Cells.of(passage.frame, step, position)
    sifted = step.sift(passage.frame if cells is None else cells.given)
    passage.frame = sifted.kept
    if cells is not None:
        passage.cells[position] = cells
        passage.frame = cells.counted(sifted.kept)
    passage.steps.append((step.changes_rows, sifted.rejected is not None, rule.told if rule is not None else None))


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


def broken_rules(
    df: DataFrame, steps: Sequence[CleaningStep], at: At, table: str, others: Others | None = None
) -> list[Broken]:
    """The rules that must hold and do not, from one pass over the rows; no pass where no step has such a rule."""
    from pyspark.sql import functions as F

    frame, watched = df, []
    for position, step in enumerate(steps):
        with at(position):
            step.columns_after(Names(table, tuple(frame.columns)))
            frame = _beside(step, frame, _before(df, steps, at, table, others, position), table, others)
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
    stops = walk(df, steps, at, table, others) if any(count for _, _, count in found) else ()
    examples = {stop.position: _examples(stop) for stop in stops}
    return [Broken(position, told, count, examples[position]) for position, told, count in found if count]


def _examples(stop: Stop) -> DataFrame:
    """The rows that break the rule of a step, as its input had them."""
    from pyspark.sql import functions as F

    rule = stop.step.must_hold(stop.given)
    if rule is None:
        return stop.given.limit(0)
    broken = stop.given.withColumn(RULE, opaque(rule.holds)).filter(~F.col(RULE))
    return broken.drop(*[name for name in broken.columns if name.startswith(RESERVED)])
