"""One example of each family: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "decision_tree": {"kind": "decision_tree", "max_depth": 3},
    "gbt": {"kind": "gbt", "max_iter": 3, "max_depth": 2},
    "linear": {"kind": "linear", "reg_param": 0.001},
    "random_forest": {"kind": "random_forest", "num_trees": 3, "max_depth": 3},
    "xgboost": {
        "kind": "xgboost",
        "n_estimators": 5,
        "search": {"max_depth": {"kind": "quniform", "low": 3, "high": 6}},
    },
}
