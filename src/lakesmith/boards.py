"""What a notebook shows of the models: the leaderboard of the last training, a registered version with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pydantic import Field

from lakesmith.facts import GateVerdict, ModelVersion, Shown, Trial
from lakesmith.summary import aligned
from lakesmith.wording import decimal, seconds

HEADS = ("trial", "family", "value", "time", "status", "parameters")
NUMBERS = (0, 2, 3)


class Leaderboard(Shown):
    """The trials of the last training, best first; those without a value come last."""

    metric: str
    greater_is_better: bool
    folds: str = Field("", description="What `value` is the mean over.")
    trials: tuple[Trial, ...]

    def best_first(self) -> tuple[Trial, ...]:
        """The trials in the order of the board; equal values in the order they were tried."""
        sign = -1 if self.greater_is_better else 1
        return tuple(sorted(self.trials, key=lambda each: (each.value is None, sign * (each.value or 0.0))))

    def rows(self) -> list[tuple[str, ...]]:
        """One row a trial, as `HEADS` names its cells."""
        return [_cells(trial) for trial in self.best_first()]

    def text(self, width: int = 100, colour: bool = False) -> str:
        """A line of heads and a line a trial."""
        heads = tuple(self.metric if head == "value" else head for head in HEADS)
        return "\n".join([f"{self.metric} on {self.folds}", *aligned([heads, *self.rows()], right=NUMBERS)]) + "\n"

    def _repr_html_(self) -> str:
        heads = [self.metric if head == "value" else head for head in HEADS]
        return f"{_table(heads, self.rows())}<p>{escape(self.metric)} on {escape(self.folds)}</p>"


class ModelCard(Shown):
    """One registered version: what it is, what it was measured to be, and what the gates said of it."""

    model: ModelVersion
    alias: str
    family: str
    params: tuple[tuple[str, str], ...] = ()
    scores: str = Field("", description="What it predicts, in words.")
    threshold: float | None = Field(None, description="Probability from which on the second class is predicted.")
    inputs: tuple[str, ...] = Field((), description="Gold columns that it reads.")
    gates: tuple[GateVerdict, ...] = Field((), description="Empty where the last evaluation was of another version.")
    importances: tuple[tuple[str, float], ...] = Field((), description="Column and its share; shares add up to 1.")

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its numbers, as name and value."""
        threshold = [("threshold", decimal(self.threshold))] if self.threshold is not None else []
        metrics = [(f"test {name}", decimal(value)) for name, value in self.model.metrics]
        gates = [(f"gate {each.gate}", each.reason or ("passed" if each.passed else "FAILED")) for each in self.gates]
        parameters = ", ".join(f"{name}={value}" for name, value in self.params)
        about = [("family", self.family), ("parameters", parameters), *threshold]
        return [*about, *metrics, *gates, ("reads", ", ".join(self.inputs))]

    @property
    def title(self) -> str:
        """Name, version and alias."""
        return f"{self.model.name} version {self.model.version} @{self.alias}"

    def text(self, width: int = 100, colour: bool = False) -> str:
        """A title and a line a fact."""
        return "\n".join([self.title, *aligned(self.facts())]) + "\n"

    def _repr_html_(self) -> str:
        shares = [(name, f"{share:.1%}") for name, share in self.importances[:15]]
        told = f"<p><b>{escape(self.title)}</b></p>{_table(('', ''), self.facts())}"
        return told + (_table(("column", "importance"), shares) if shares else "")


def _cells(trial: Trial) -> tuple[str, ...]:
    chosen = "chosen" if trial.is_chosen else trial.status.replace("_", " ")
    parameters = ", ".join(f"{name}={value}" for name, value in trial.params)
    spent = seconds(trial.seconds) if trial.seconds is not None else ""
    return (str(trial.number), trial.family, decimal(trial.value), spent, chosen, trial.reason or parameters)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads) if any(heads) else ""
    # Jupyter would put text to the right.
    cell = '<td style="text-align:left">{}</td>'.format
    body = "".join(f"<tr>{''.join(cell(escape(each)) for each in row)}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
