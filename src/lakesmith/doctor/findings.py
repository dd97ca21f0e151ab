"""What the doctor found, as plain values and as text for stdout."""

from __future__ import annotations

import re
import textwrap
from typing import Literal

from pydantic import Field

from lakesmith.facts import Plain
from lakesmith.wording import printable

State = Literal["ok", "warning", "problem"]

_LOOKS: dict[State, str] = {"ok": "32", "warning": "33", "problem": "31"}
_STATE_WIDTH = len("problem")
_SUBJECT_WIDTH = len("access mode")


class Finding(Plain):
    """One answer of one check."""

    state: State
    subject: str = Field(description="What was looked at, such as java.")
    found: str
    why: str = Field(description="Why it matters.")
    fix: str = Field("", description="What to do; empty when nothing is to be done.")


class Diagnosis(Plain):
    """All findings of one look. `exit_code` is 5 when one of them would stop a run, else 0."""

    platform: str = Field(description="In words, such as `this machine` or `Databricks 18.1, dedicated`.")
    workspace: str
    project: str = Field("", description="The project file; empty when none was given.")
    findings: tuple[Finding, ...] = ()

    def count(self, state: State) -> int:
        """How many findings have this state."""
        return sum(each.state == state for each in self.findings)

    @property
    def exit_code(self) -> int:
        """5 when there is a problem, else 0."""
        return 5 if self.count("problem") else 0

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        problems, warnings = self.count("problem"), self.count("warning")
        if not problems and not warnings:
            return f"All {len(self.findings)} answers are as they should be."
        return f"{_counted(problems, 'problem')}, {_counted(warnings, 'warning')} in {len(self.findings)} answers."

    def text(self, width: int = 100, colour: bool = False) -> str:
        """One block a finding: state, subject, what was found, why it matters and, unless it is ok, what to do."""
        lines = [f"{self.platform}, workspace {printable(self.workspace)}"]
        for before, finding in zip((None, *self.findings), self.findings, strict=False):
            is_new = before is None or before.subject != finding.subject
            lines += _block(finding, max(width, 50), colour, with_why=is_new)
        return "\n".join([*lines, self.sentence]) + "\n"


def without_secrets(text: str) -> str:
    """The text without the user and password of addresses, and without values that call themselves secret."""
    text = re.sub(r"://\S*@", "://", text)
    return re.sub(r"(?i)\b(\w*(?:password|passwd|pwd|token|secret|api_?key)\w*)=[^\s&;,'\")]+", r"\1=…", text)


def _block(finding: Finding, width: int, colour: bool, *, with_why: bool) -> list[str]:
    indent = " " * (_STATE_WIDTH + _SUBJECT_WIDTH + 4)
    fix = [f"→ {finding.fix}"] if finding.fix else []
    told = [printable(each) for each in (finding.found, *([finding.why] if with_why else []), *fix)]
    wrapped = [line for each in told for line in textwrap.wrap(each, width - len(indent), break_long_words=False)]
    state = f"{finding.state:<{_STATE_WIDTH}}"
    shown = f"\x1b[{_LOOKS[finding.state]}m{state}\x1b[0m" if colour else state
    first, *rest = wrapped or [""]
    return [f"{shown}  {finding.subject:<{_SUBJECT_WIDTH}}  {first}".rstrip(), *(f"{indent}{line}" for line in rest)]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
