"""The `tune:` section of a project: how candidates are searched, compared and limited."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakesmith.early_termination import AnyEarlyTermination
from lakesmith.fold_plans import AnyFoldPlan
from lakesmith.piece import Piece

Algorithm = Literal["grid", "random", "tpe", "rand"]


class Tuning(Piece):
    """How the families' search spaces are tried.

    The first trial of each family is its configuration as written; the algorithm proposes the others, as long as no
    limit is reached.
    """

    algorithm: Algorithm = Field(
        "tpe",
        description="tpe (learns from earlier trials), rand (hyperopt's random), random (our own), or grid.",
    )
    metric: str | None = Field(None, description="What is optimised; the task's own default when not given.")
    folds: AnyFoldPlan | None = Field(
        None, description="How training rows are divided for comparing; chosen by split and size when not given."
    )
    max_trials: int = Field(10, ge=1, description="Most trials in all, the configured ones included.")
    timeout_minutes: float | None = Field(
        None, gt=0, description="After it no trial starts, and running ones stop as soon as one trial has finished."
    )
    max_concurrent_trials: int = Field(
        1, ge=1, le=64, description="Trials run at once. Only with 1 does the same seed give the same sequence."
    )
    trial_timeout_minutes: float | None = Field(None, gt=0, description="A trial that takes longer is stopped.")
    exit_score: float | None = Field(
        None, allow_inf_nan=False, description="A trial at least as good as this ends the search."
    )
    early_termination: AnyEarlyTermination | None = Field(
        None,
        description="Policy that ends a trial which is far behind others; an interval is a step of a family that is "
        "fitted in steps (xgboost: `rounds_per_interval` trees), and a fold of any other.",
    )
    startup_trials: int = Field(5, ge=1, description="Trials before tpe learns from them; random until then.")
