"""One example of each gate: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "baseline": {"kind": "baseline", "metric": "roc_auc", "by": 0.05},
    "improvement": {"kind": "improvement", "metric": "roc_auc", "by": 0.001, "confident": True},
    "threshold": {"kind": "threshold", "metric": "log_loss", "at_most": 0.5},
}
