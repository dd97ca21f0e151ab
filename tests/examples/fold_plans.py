"""One example of each fold plan: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "expanding": {"kind": "expanding", "windows": 3, "gap": "1 day"},
    "group": {"kind": "group", "k": 4},
    "hashed": {"kind": "hashed", "k": 5},
    "hold_out": {"kind": "hold_out", "share": 0.25},
}
