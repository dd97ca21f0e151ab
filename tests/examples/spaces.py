"""One example of each search space: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "choice": {"kind": "choice", "values": ["gini", "entropy"]},
    "uniform": {"kind": "uniform", "low": 0.5, "high": 1.0},
    "quniform": {"kind": "quniform", "low": 3, "high": 10, "q": 1},
    "loguniform": {"kind": "loguniform", "low": 0.01, "high": 0.3},
    "qloguniform": {"kind": "qloguniform", "low": 10, "high": 1000, "q": 10},
    "normal": {"kind": "normal", "mean": 0.0, "stddev": 1.0},
    "qnormal": {"kind": "qnormal", "mean": 6, "stddev": 2, "q": 1},
    "lognormal": {"kind": "lognormal", "mean": -3.0, "stddev": 1.0},
    "qlognormal": {"kind": "qlognormal", "mean": 3.0, "stddev": 0.5, "q": 5},
}
