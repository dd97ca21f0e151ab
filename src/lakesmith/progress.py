"""Progress on stderr: one line a stage, step and trial; a spinner where a terminal is watching, plain lines elsewhere.

    with progress.stage("ingest") as stage:
        stage.fact("flights: 336,776 read = 336,776 accepted + 0 quarantined")

writes `ingest    flights: 336,776 read = …   4.2 s`. Nothing ever goes to stdout; results belong there.
`NO_COLOR` takes the colours and leaves the spinner; `TERM=dumb` or a pipe takes both.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from lakesmith import wording
from lakesmith.wording import decimal, printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

NAME_WIDTH = 10
TIME_COLUMN = 84
Look = str  # a rich style: "bold", "green", "yellow", "red", "dim" or ""


class Stage:
    """A stage or step under way; its facts are printed when it ends."""

    def __init__(self, name: str, depth: int) -> None:
        self.name = name
        self.depth = depth
        self.facts: list[str] = []
        self.skip_reason: str | None = None
        self.activity = ""
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.started

    def fact(self, text: str) -> None:
        """One short sentence about the outcome; the first stands beside the name, the others under it."""
        self.facts.append(text)

    def doing(self, text: str) -> None:
        """What happens right now; seen only where a terminal is watching."""
        self.activity = text

    def skipped(self, reason: str = "nothing changed") -> None:
        """The stage found its work already done."""
        self.skip_reason = reason


class Progress:
    """Lines about a run. Methods may be called from any thread; a stream that breaks ends the lines, not the run."""

    def __init__(self, stream: TextIO | None = None, is_live: bool | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_silent = False
        self._lock = threading.RLock()
        self._stages: list[Stage] = []
        self._live: Live | None = None
        watched = _is_watched(self._stream) if is_live is None else is_live
        self._console = _console(self._stream) if watched else None

    @classmethod
    def silent(cls) -> Progress:
        """Progress that writes nothing, for tests and notebooks that want quiet."""
        progress = cls(is_live=False)
        progress._is_silent = True
        return progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A stage; inside another stage, a step of it. An exception is told as `failed` and passed on."""
        stage = self._begin(name)
        try:
            yield stage
        except BaseException as error:
            is_stop = isinstance(error, KeyboardInterrupt | SystemExit)
            self._end(stage, "interrupted" if is_stop else "failed")
            raise
        self._end(stage)

    def say(self, text: str) -> None:
        """One line of information."""
        self._write("", text)

    def warn(self, text: str) -> None:
        """One line that should be read."""
        self._write("warning", text, look="yellow")

    def trial(
        self,
        number: int,
        *,
        family: str,
        metric: str,
        value: float | None = None,
        best: float | None = None,
        total: int | None = None,
        seconds: float | None = None,
        status: str = "finished",
        reason: str = "",
    ) -> None:
        """One finished, failed or stopped trial: `trial 3/10 xgboost roc_auc 0.7712 (best 0.7790)  12 s`."""
        of = f"/{total}" if total is not None else ""
        if status == "finished":
            told = f"{metric} {decimal(value)}" + (f" (best {decimal(best)})" if best is not None else "")
        else:
            told = f"{status.replace('_', ' ')}: {reason}" if reason else status.replace("_", " ")
        look = "" if status == "finished" else "yellow"
        self._write("", f"trial {number}{of} {family} {told}", seconds, look)

    def _begin(self, name: str) -> Stage:
        with self._lock:
            stage = Stage(name, len(self._stages))
            self._stages.append(stage)
            if self._console is not None and self._live is None and not self._is_silent:
                self._live = _live(self._console, self._under_way)
                self._guarded(self._live.start)
            elif self._console is None and stage.depth == 0:
                self._write(name, "started")
        return stage

    def _end(self, stage: Stage, failure: str = "") -> None:
        with self._lock:
            self._stages.remove(stage)
            if not self._stages and self._live is not None:
                live, self._live = self._live, None
                self._guarded(live.stop)
            first, *others = stage.facts or ["done"]
            if failure or stage.skip_reason is not None:
                first, others = failure or stage.skip_reason or "", stage.facts
            look = "red" if failure else "dim" if stage.skip_reason is not None else "green"
            name, text = (stage.name, first) if stage.depth == 0 else ("", f"{stage.name}: {first}")
            self._write(name, text, stage.seconds, look if stage.depth == 0 or failure else "")
            for fact in others:
                self._write("", fact)

    def _write(self, name: str, text: str, taken: float | None = None, look: Look = "") -> None:
        if self._is_silent:
            return
        with self._lock:
            lines = [printable(line) for line in text.splitlines()] or [""]
            head = f"{printable(name):<{NAME_WIDTH}}"
            end = f"{' ' * max(2, TIME_COLUMN - NAME_WIDTH - wording.width(lines[0]) - 8)}{wording.seconds(taken):>8}"
            lines[0] += end if taken is not None else ""
            for line in lines:
                self._guarded(self._put, head, line, look)
                head = " " * NAME_WIDTH

    def _put(self, head: str, line: str, look: Look) -> None:
        if self._console is None:
            encoding = getattr(self._stream, "encoding", None) or "utf-8"
            text = f"{head}{line}".rstrip() + "\n"
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
            return
        from rich.text import Text

        self._console.print(Text.assemble((head, f"bold {look}".strip()), line), soft_wrap=True)

    def _guarded(self, action: Callable[..., Any], *arguments: object) -> None:
        try:
            action(*arguments)
        except (OSError, ValueError):  # the reader of a pipe went away, or the stream was closed
            self._is_silent = True

    def _under_way(self) -> RenderableType:
        from rich.spinner import Spinner
        from rich.text import Text

        stages = list(self._stages)
        names = " › ".join(printable(stage.name) for stage in stages)
        activity = next((stage.activity for stage in reversed(stages) if stage.activity), "")
        taken = wording.seconds(stages[0].seconds) if stages else ""
        line = Text.assemble((names, "bold"), f"  {printable(activity)}  ", (taken, "dim"), no_wrap=True)
        spinner = Spinner("dots" if _is_unicode(self._stream) else "line", line)
        spinner.start_time = 0.0
        return spinner


def _is_watched(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")
    except ValueError:  # closed
        return False


def _is_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    # NO_COLOR counts when it is set and not empty (no-color.org)
    no_color = bool(os.environ.get("NO_COLOR"))
    return Console(file=stream, force_terminal=True, no_color=no_color, highlight=False, markup=False, emoji=False)


def _live(console: Console, render: Callable[[], RenderableType]) -> Live:
    from rich.live import Live

    # stdout is left alone: it carries results
    return Live(
        console=console,
        get_renderable=render,
        refresh_per_second=8,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=console.file is sys.stderr,
    )
