"""One example of each schedule: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "constant": {"kind": "constant"},
    "cosine": {"kind": "cosine", "warmup_epochs": 2},
    "exponential": {"kind": "exponential", "factor_each": 0.9},
    "one_cycle": {"kind": "one_cycle", "rising_share": 0.4},
    "step": {"kind": "step", "every": 5, "factor_each": 0.5},
}
