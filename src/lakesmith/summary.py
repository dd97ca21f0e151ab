"""The closing summary of a run and the state of a workspace, as plain values and as aligned text for stdout."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pydantic import Field

from lakesmith.facts import (
    GateVerdict,
    MetricRow,
    ModelVersion,
    Plain,
    RowAccounting,
    Shown,
    TableVersion,
    Trial,
    headline_metric,
    verdict_sentence,
)
from lakesmith.wording import count, decimal, interval, printable, seconds, signed, width

LABEL_WIDTH = 10
Row = Sequence[str]


class StageLine(Plain):
    """One stage of the run: how long it took, or why it had nothing to do."""

    name: str
    seconds: float
    is_no_op: bool = False
    fact: str = Field("", description="One short sentence about its outcome.")


class RunSummary(Shown):
    """What a run came to; parts a run did not reach are empty."""

    project: str
    stages: tuple[StageLine, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    headline: str = Field("", description="The metric named first; the first of `metrics` when empty.")
    test_rows: int | None = None
    shared_rows: int | None = Field(None, description="Rows that were test rows for challenger and champion.")
    gates: tuple[GateVerdict, ...] = ()
    rows: RowAccounting | None = None
    trials: tuple[Trial, ...] = ()
    stopped_because: str = ""
    model: ModelVersion | None = None
    predictions: int | None = Field(None, description="Rows of the predictions table after scoring.")
    report: str = Field("", description="Path of the HTML report.")
    next_command: str = ""
    exit_code: int = 0

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        headline = headline_metric(self.metrics, self.headline)
        return verdict_sentence(self.gates, headline, self.test_rows, self.shared_rows)

    def text(self, width: int = 100, colour: bool = False) -> str:
        """The summary as lines no longer than `width` where words allow it, ending with a line break."""
        paper = Paper(width, colour)
        paper.title(self.project)
        if self.metrics or self.gates:
            paper.paragraph(self.sentence)
        paper.block("stages", _stage_lines(self.stages))
        paper.block("rows", _row_lines(self.rows))
        paper.block("trials", _trial_lines(self.trials, self.stopped_because))
        paper.block("metrics", _metric_lines(self.metrics, self.test_rows))
        paper.block("champion", _champion_lines(self.metrics, self.shared_rows))
        paper.gates(self.gates)
        paper.block("model", [_model_words(self.model)] if self.model else [])
        paper.block("scored", [f"{count(self.predictions)} predictions"] if self.predictions is not None else [])
        paper.block("report", [self.report] if self.report else [])
        paper.block("next", [self.next_command] if self.next_command else [])
        return paper.finished()


class ProjectStatus(Shown):
    """Where one project of a workspace stands."""

    project: str
    tables: tuple[TableVersion, ...] = ()
    rows: RowAccounting | None = None
    trials: tuple[Trial, ...] = ()
    challenger: ModelVersion | None = None
    champion: ModelVersion | None = None
    gates: tuple[GateVerdict, ...] = ()
    report: str = ""
    notes: tuple[str, ...] = Field((), description="What could not be read.")

    def text(self, width: int = 100, colour: bool = False) -> str:
        """The status as lines no longer than `width` where words allow it, ending with a line break."""
        paper = Paper(width, colour)
        self.write(paper)
        return paper.finished()

    def write(self, paper: Paper) -> None:
        """Writes the project's block."""
        paper.title(self.project)
        lines = [(table.name, f"version {table.version}", f"{count(table.rows)} rows") for table in self.tables]
        paper.block("tables", aligned(lines, right=(2,)))
        paper.block("rows", _row_lines(self.rows))
        paper.block("trials", _trial_lines(self.trials))
        for alias, model in (("champion", self.champion), ("challenger", self.challenger)):
            paper.block(alias, [_model_words(model), _metric_words(model)] if model else ["none"])
        paper.gates(self.gates)
        paper.block("report", [self.report] if self.report else [])
        paper.block("notes", self.notes)


class StatusView(Shown):
    """Where every project of a workspace stands."""

    workspace: str
    projects: tuple[ProjectStatus, ...] = ()

    def text(self, width: int = 100, colour: bool = False) -> str:
        """The status as lines no longer than `width` where words allow it, ending with a line break."""
        paper = Paper(width, colour)
        paper.paragraph(f"workspace {self.workspace}")
        if not self.projects:
            paper.paragraph("No project has run here yet.")
        for project in self.projects:
            project.write(paper)
        return paper.finished()


class Paper:
    """Collects lines under labels in a narrow left column."""

    _CODES = {"bold": "1", "dim": "2", "green": "32", "red": "31"}  # noqa: RUF012 (never changed)

    def __init__(self, width: int, colour: bool) -> None:
        self._room = max(width - LABEL_WIDTH - 1, 24)
        self._width = max(width, 24)
        self._colour = colour
        self._lines: list[str] = []

    def title(self, text: str) -> None:
        """A heading after an empty line."""
        self._lines += ["", self._styled(printable(text), "bold")]

    def paragraph(self, text: str) -> None:
        """Wrapped text over the whole width."""
        self._lines += textwrap.wrap(printable(text), self._width, break_long_words=False)

    def block(self, label: str, lines: Sequence[str], look: str = "") -> None:
        """Lines beside a label; long ones are wrapped unless they are rows of a table; nothing when empty."""
        kept = [printable(line) for line in lines if line]
        for index, line in enumerate(kept):
            head = f"{label if index == 0 else '':<{LABEL_WIDTH}} "
            is_table = "  " in line.strip()
            wrapped = [line] if is_table else textwrap.wrap(line, self._room, break_long_words=False)
            for part, text in enumerate(wrapped):
                start = self._styled(head, "dim") if part == 0 else " " * (LABEL_WIDTH + 1)
                self._lines.append((start + self._styled(text, look)).rstrip())

    def gates(self, gates: Sequence[GateVerdict]) -> None:
        """One line a gate, failed ones in capitals."""
        for index, gate in enumerate(gates):
            verdict = "passed" if gate.passed else "FAILED"
            reason = f": {gate.reason}" if gate.reason else ""
            look = "green" if gate.passed else "red"
            self.block("gates" if index == 0 else "", [f"{verdict} {gate.gate}{reason}"], look)

    def finished(self) -> str:
        """All lines."""
        return "\n".join(self._lines).strip("\n") + "\n"

    def _styled(self, text: str, look: str) -> str:
        return f"\x1b[{self._CODES[look]}m{text}\x1b[0m" if self._colour and look and text.strip() else text


def aligned(rows: Sequence[Row], right: Sequence[int] = ()) -> list[str]:
    """The rows with their columns under one another; columns of `right` are aligned to the right."""
    if not rows:
        return []
    widths = [max(width(printable(row[index])) for row in rows) for index in range(len(rows[0]))]

    def padded(text: str, index: int) -> str:
        shown = printable(text)
        room = " " * (widths[index] - width(shown))
        return room + shown if index in right else shown + room

    return ["  ".join(padded(text, index) for index, text in enumerate(row)).rstrip() for row in rows]


def _stage_lines(stages: Sequence[StageLine]) -> list[str]:
    rows = [(s.name, seconds(s.seconds), s.fact or ("nothing changed" if s.is_no_op else "")) for s in stages]
    total = sum(stage.seconds for stage in stages)
    return aligned([*rows, ("together", seconds(total), "")], right=(1,)) if rows else []


def _row_lines(rows: RowAccounting | None) -> list[str]:
    if rows is None:
        return []
    lines = [
        (s.source, f"{count(s.read)} read = {count(s.accepted)} accepted + {count(s.quarantined)} quarantined"
         + ("" if s.is_balanced else "  DOES NOT ADD UP"))
        for s in rows.sources
    ]  # fmt: skip
    for source in dict.fromkeys(step.source for step in rows.steps):
        kept, away, dropped = rows.cleaned(source) or (0, 0, 0)
        cells = sum(step.cells or 0 for step in rows.steps if step.source == source)
        if away or dropped or cells:
            told = f"{count(kept)} after cleaning, {count(away)} quarantined, {count(dropped)} dropped"
            lines.append((source, told + (f", {count(cells)} values changed" if cells else "")))
    if rows.gold is not None:
        parts = " + ".join(f"{count(size)} {part}" for part, size in rows.parts)
        lines.append(("gold", f"{count(rows.gold)} = {parts}" if parts else count(rows.gold)))
    return aligned(lines)


def _trial_lines(trials: Sequence[Trial], stopped_because: str = "") -> list[str]:
    if not trials:
        return []
    by_status = {status: sum(t.status == status for t in trials) for status in dict.fromkeys(t.status for t in trials)}
    told = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in by_status.items())
    lines = [told + (f"; stopped because {stopped_because}" if stopped_because else "")]
    lines += [
        f"chosen: trial {trial.number}, {trial.family}, {decimal(trial.value)}" for trial in trials if trial.is_chosen
    ]
    return lines


def _metric_lines(metrics: Sequence[MetricRow], test_rows: int | None) -> list[str]:
    if not metrics:
        return []
    where = f"on {count(test_rows)} test rows" if test_rows is not None else "on test rows"
    rows = [(where, "challenger", "95 % interval", "baseline")]
    rows += [(m.metric, decimal(m.challenger), interval(m.interval), decimal(m.baseline)) for m in metrics]
    return aligned(rows, right=(1, 2, 3))


def _champion_lines(metrics: Sequence[MetricRow], shared_rows: int | None) -> list[str]:
    compared = [m for m in metrics if m.champion_shared is not None and m.challenger_shared is not None]
    if not compared:
        return []
    where = f"on {count(shared_rows)} shared test rows" if shared_rows is not None else "on shared test rows"
    rows = [(where, "challenger", "champion", "difference", "95 % interval")]
    rows += [
        (m.metric, decimal(m.challenger_shared), decimal(m.champion_shared), signed(_gap(m)),
         interval(m.difference, with_sign=True))
        for m in compared
    ]  # fmt: skip
    return aligned(rows, right=(1, 2, 3, 4))


def _gap(metric: MetricRow) -> float | None:
    one, other = metric.challenger_shared, metric.champion_shared
    return None if one is None or other is None else one - other


def _model_words(model: ModelVersion) -> str:
    aliases = "".join(f" @{alias}" for alias in model.aliases)
    return f"{model.name} version {model.version}{aliases}"


def _metric_words(model: ModelVersion) -> str:
    return ", ".join(f"{name} {decimal(value)}" for name, value in model.metrics)
