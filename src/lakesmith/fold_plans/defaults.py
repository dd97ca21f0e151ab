"""The fold plan of a project that names none."""

from __future__ import annotations

from lakesmith.fold_plans import FoldPlan
from lakesmith.fold_plans.expanding import ExpandingWindows
from lakesmith.fold_plans.group import GroupFolds
from lakesmith.fold_plans.hashed import HashedFolds
from lakesmith.fold_plans.hold_out import By, HoldOut
from lakesmith.splits import RowFacts

MANY_ROWS = 200_000  # from here on one hold-out ranks candidates as surely as k folds, in a k-th of the time


def default_plan(facts: RowFacts, split_kind: str, train_rows: int) -> tuple[FoldPlan, str]:
    """A plan that compares candidates the way the split judges the model, and the reason in a sentence.

    `split_kind` is the split's own kind ('time', 'group', or one by the key). With MANY_ROWS training rows or more it
    is a hold-out.
    """
    by: By = "key"
    if split_kind == "time" and facts.time is not None:
        by, why = "time", "the split is by time, so candidates are never judged on rows older than their training rows"
    elif split_kind == "group" and facts.group is not None:
        by, why = "group", "the split is by group, so candidates are judged on groups they have not seen"
    else:
        why = "the split is by a hash of the key, and so are the folds"
    if train_rows >= MANY_ROWS:
        return HoldOut(by=by), f"{train_rows:,} training rows are enough for one hold-out; {why}"
    plans: dict[By, FoldPlan] = {"time": ExpandingWindows(), "group": GroupFolds(), "key": HashedFolds()}
    return plans[by], why
