"""One example of each early-termination policy: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "bandit": {"kind": "bandit", "slack_factor": 0.1, "evaluation_interval": 1, "delay_evaluation": 5},
    "median_stopping": {"kind": "median_stopping", "evaluation_interval": 2},
    "truncation_selection": {
        "kind": "truncation_selection",
        "truncation_percentage": 20,
        "exclude_finished_jobs": True,
    },
}
