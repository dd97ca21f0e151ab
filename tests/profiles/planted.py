"""Made-up tables with a label: clean ones, and eight with one leak each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Generator = np.random.Generator


@dataclass(frozen=True)
class Made:
    """A table, what a profile is asked of it, and the kind and column of the leak it has."""

    table: pd.DataFrame
    asked: dict[str, Any] = field(default_factory=lambda: {"label": "y", "part": "part", "time": "at", "key": ["id"]})
    kind: str = ""
    column: str | None = None


def clean_table(rng: Generator) -> Made:
    """Between 300 and 3,000 rows; numbers, a category, a category with many values, a missing one; two classes, three
    or a number as label, which hangs on some of them; train and test."""
    n = int(rng.integers(300, 3_000))
    table = pd.DataFrame({"id": np.arange(n)})
    for i in range(int(rng.integers(2, 6))):
        draw = rng.choice(["normal", "lognormal", "uniform", "count"])
        table[f"x{i}"] = rng.poisson(4, n) if draw == "count" else getattr(rng, draw)(size=n)
    table["city"] = rng.choice(list("abcdef"), n)
    table["shop"] = rng.choice([f"s{i}" for i in range(int(rng.integers(10, 80)))], n)
    table["part"] = np.where(rng.random(n) < 0.3, "test", "train")
    table["at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    table["born"] = table["at"] - pd.to_timedelta(rng.integers(10**7, 10**9, n), "s")
    signal = rng.uniform(0.2, 2) * (table["x0"] - table["x0"].mean()) / table["x0"].std() + (table["city"] == "a")
    noisy = signal + rng.normal(0, 1, n)
    sort = rng.choice(["binary", "classes", "number"])
    if sort == "binary":
        table["y"] = (noisy > np.quantile(noisy, rng.uniform(0.5, 0.95))).astype(int)
    elif sort == "classes":
        table["y"] = pd.cut(noisy, [-np.inf, *np.quantile(noisy, [0.4, 0.7]), np.inf], labels=["l", "m", "h"]).astype(
            str
        )
    else:
        table["y"] = noisy
    table.loc[rng.random(n) < rng.uniform(0.02, 0.3), "x1"] = np.nan
    return Made(table)


def _binary(rng: Generator, n: int = 1_500) -> pd.DataFrame:
    table = pd.DataFrame({"id": np.arange(n), "x0": rng.normal(size=n), "city": rng.choice(list("abc"), n)})
    table["part"] = np.where(rng.random(n) < 0.3, "test", "train")
    table["at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    table["y"] = (table["x0"] + rng.normal(size=n) > 0.5).astype(int)
    return table


def _copied(rng: Generator) -> Made:
    table = _binary(rng)
    return Made(
        table.assign(outcome=np.where(table["y"] == 1, "won", "lost")), kind="separates_label", column="outcome"
    )


def _noisy_copy(rng: Generator) -> Made:
    table = _binary(rng)
    wrong = rng.random(len(table)) < 0.004
    return Made(table.assign(score=np.where(wrong, 1 - table["y"], table["y"]) + rng.normal(0, 0.01, len(table))),
                kind="separates_label", column="score")  # fmt: skip


def _many_codes(rng: Generator) -> Made:
    table = _binary(rng)
    code = [f"{'W' if y else 'L'}{k}" for y, k in zip(table["y"], rng.integers(0, 12, len(table)), strict=True)]
    return Made(table.assign(code=code), kind="separates_label", column="code")


def _later(rng: Generator) -> Made:
    table = _binary(rng)
    closed = table["at"] + pd.to_timedelta(rng.integers(-3_600, 10**6, len(table)), "s")
    return Made(table.assign(closed=closed), kind="later_than_time", column="closed")


def _filled_later(rng: Generator) -> Made:
    table = _binary(rng)
    is_filled = (table["y"] == 1) & (rng.random(len(table)) < 0.6)
    return Made(table.assign(refund=np.where(is_filled, rng.lognormal(size=len(table)), np.nan)),
                kind="missing_tells_label", column="refund")  # fmt: skip


def _same_number(rng: Generator) -> Made:
    table = _binary(rng)
    table["y"] = table["x0"] * 3 + rng.normal(size=len(table))
    return Made(table.assign(with_tax=table["y"] * 1.19 + 5), kind="separates_label", column="with_tax")


def _repeated_rows(rng: Generator) -> Made:
    table = _binary(rng)
    train, test = table[table["part"] == "train"], table[table["part"] == "test"]
    again = train.sample(len(test) // 10, random_state=1).assign(part="test")
    again["id"] = np.arange(len(again)) + 10**6
    return Made(pd.concat([table, again], ignore_index=True), kind="rows_on_both_sides")


def _one_entity(rng: Generator) -> Made:
    table = _binary(rng)
    patient = rng.integers(0, 200, len(table))
    ill = rng.random(200) < 0.4
    table["y"] = np.where(rng.random(len(table)) < 0.05, 1 - ill[patient], ill[patient]).astype(int)
    return Made(table.assign(patient=patient), kind="entity_on_both_sides", column="patient")


PLANTED: dict[str, Callable[[Generator], Made]] = {
    "the label in other words": _copied,
    "the label with some noise": _noisy_copy,
    "many codes of one class each": _many_codes,
    "a time after the event": _later,
    "filled for one class only": _filled_later,
    "a number computed from the label": _same_number,
    "training rows in the test": _repeated_rows,
    "one entity on both sides": _one_entity,
}
