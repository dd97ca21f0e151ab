"""One example of each metric: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

_KINDS = (
    "accuracy",
    "brier",
    "f1",
    "ks",
    "log_loss",
    "macro_f1",
    "macro_precision",
    "macro_recall",
    "mae",
    "mape",
    "median_abs_error",
    "pr_auc",
    "precision",
    "r2",
    "recall",
    "rmse",
    "roc_auc",
)
EXAMPLES: dict[str, dict[str, Any]] = {kind: {"kind": kind} for kind in _KINDS}
