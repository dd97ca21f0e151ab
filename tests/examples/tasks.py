"""One example of each task: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "binary": {"kind": "binary", "label": "is_late", "positive": True, "threshold": "youden"},
    "multiclass": {"kind": "multiclass", "label": "species", "balance": True},
    "regression": {"kind": "regression", "label": "rentals"},
}
