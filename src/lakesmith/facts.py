"""What a run found out, as plain values that the closing summary, `status` and the report share.

Only str, int, float, bool, tuples of those and each other; every model is frozen and JSON-serialisable.
NaN is a metric that is not defined on its rows; None is a number that was not taken.
"""

from __future__ import annotations

from html import escape
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.wording import count, decimal, interval

Interval = tuple[float, float]
TrialStatus = Literal["finished", "failed", "timed_out", "terminated", "cancelled"]


class Plain(BaseModel):
    """A frozen value without behaviour; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shown(Plain):
    """A result that a notebook shows as it is: `text` everywhere, the same in a fixed-width block of HTML."""

    def text(self, width: int = 100, colour: bool = False) -> str:
        """The result in lines."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"


class GateVerdict(Plain):
    """One gate's answer, with a sentence that holds the numbers it rests on."""

    gate: str
    passed: bool
    reason: str = ""


class ModelVersion(Plain):
    """One registered version and the aliases that point at it now."""

    name: str
    version: str
    aliases: tuple[str, ...] = ()
    metrics: tuple[tuple[str, float], ...] = Field((), description="Metric name and its value on its test rows.")


class MetricRow(Plain):
    """One metric of all models. `*_shared` and `difference` are on rows that were test rows for both models."""

    metric: str = Field(description="Its name in the project file, such as roc_auc.")
    title: str = Field("", description="Its name for people; the metric's own name when empty.")
    greater_is_better: bool = True
    challenger: float | None = Field(None, description="On all test rows.")
    interval: Interval | None = Field(None, description="95 % bootstrap interval of `challenger`.")
    baseline: float | None = Field(None, description="The naive baseline on all test rows.")
    bin_error: float | None = Field(None, description="Largest error from binning the scores; None when exact.")
    challenger_shared: float | None = None
    champion_shared: float | None = None
    challenger_shared_interval: Interval | None = None
    champion_shared_interval: Interval | None = None
    difference: Interval | None = Field(None, description="95 % interval of challenger − champion on shared rows.")

    @property
    def name(self) -> str:
        """The metric's name for people."""
        return self.title or self.metric


class SourceRows(Plain):
    """One source's records: read = accepted + quarantined."""

    source: str
    files: int = 1
    read: int
    accepted: int
    quarantined: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.accepted + self.quarantined


class StepRows(Plain):
    """One cleaning step's rows: those that came in = kept + quarantined + dropped."""

    source: str
    step: str
    kept: int
    quarantined: int = 0
    dropped: int = 0
    cells: int | None = Field(
        None, description="Values changed in the rows kept; None where the step changes none, or in too many columns."
    )


class QuarantineRule(Plain):
    """One rule that sent rows to quarantine, with one of them."""

    source: str
    stage: str = Field("ingest", description="Where it happened: ingest or clean.")
    rule: str
    rows: int
    example: str = Field("", description="Raw text of one record.")
    position: str = Field("", description="Where the example stands, such as flights.csv line 812.")


class RowAccounting(Plain):
    """Where every record went, from the files to the parts of gold."""

    main_source: str = Field("", description="The source that derive starts from; its rows become gold's.")
    sources: tuple[SourceRows, ...] = ()
    steps: tuple[StepRows, ...] = ()
    gold: int | None = None
    parts: tuple[tuple[str, int], ...] = Field((), description="Split part (train, test, …) and its rows.")
    quarantine: tuple[QuarantineRule, ...] = Field((), description="Most frequent rules first.")

    def cleaned(self, source: str) -> tuple[int, int, int] | None:
        """Rows of a source kept by all its steps, quarantined by any, dropped by any; None without steps."""
        steps = [step for step in self.steps if step.source == source]
        if not steps:
            return None
        return steps[-1].kept, sum(step.quarantined for step in steps), sum(step.dropped for step in steps)


class Trial(Plain):
    """One row of the trial ledger. `value` is the mean over folds; None when the trial has no valid value."""

    number: int
    family: str
    params: tuple[tuple[str, str], ...] = Field((), description="Parameter and its value, ready to print.")
    value: float | None = None
    fold_values: tuple[float, ...] = ()
    intervals: dict[str, tuple[float, ...]] = Field(
        default_factory=dict, description="Fold → the metric after each epoch, or each step of a fit."
    )
    seconds: float | None = None
    status: TrialStatus = "finished"
    reason: str = Field("", description="Why it failed or was stopped.")
    is_chosen: bool = False


class TableVersion(Plain):
    """A Delta table at its last version that changed data."""

    name: str
    version: int
    rows: int | None = None


def headline_metric(metrics: tuple[MetricRow, ...], name: str) -> MetricRow | None:
    """The row of the metric `name`, else the first row, else None."""
    first = metrics[0] if metrics else None
    return next((row for row in metrics if row.metric == name), first)


def verdict_sentence(
    gates: tuple[GateVerdict, ...], headline: MetricRow | None, test_rows: int | None, shared_rows: int | None
) -> str:
    """One sentence: the gates, and the headline metric beside baseline and champion."""
    opening = _gates_in_words(gates)
    if headline is None or headline.challenger is None:
        return f"{opening}."
    rows = f" on {count(test_rows)} test rows" if test_rows is not None else ""
    clauses = [f"{opening}: {headline.name} is {decimal(headline.challenger)}{rows}"]
    if headline.baseline is not None:
        clauses.append(f"the naive baseline has {decimal(headline.baseline)}")
    if headline.champion_shared is not None and headline.challenger_shared is not None:
        shared = f" on the {count(shared_rows)} rows both were tested on" if shared_rows is not None else ""
        gap = f" (difference {interval(headline.difference, with_sign=True)})" if headline.difference else ""
        both = f"{decimal(headline.champion_shared)} against {decimal(headline.challenger_shared)}"
        clauses.append(f"the champion {both}{shared}{gap}")
    return f"{clauses[0]}; {', '.join(clauses[1:])}." if len(clauses) > 1 else f"{clauses[0]}."


def _gates_in_words(gates: tuple[GateVerdict, ...]) -> str:
    failed = sum(not gate.passed for gate in gates)
    if not gates:
        return "No gate is declared"
    if len(gates) == 1:
        return "The gate failed" if failed else "The gate passed"
    return f"{failed} of {len(gates)} gates failed" if failed else f"All {len(gates)} gates passed"
