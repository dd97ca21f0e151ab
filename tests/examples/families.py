"""One example of each family: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "cnn": {
        "kind": "cnn",
        "layers": [
            {"kind": "convolution", "filters": 4},
            {"kind": "max_pool"},
            {"kind": "flatten"},
            {"kind": "dense", "units": 8},
        ],
        "epochs": 30,
        "batch_size": 16,
        "learning_rate": 0.02,
        "augment": {"mirror": True},
    },
    "dnn": {"kind": "dnn", "hidden": [16], "dropout": 0.0, "epochs": 60, "batch_size": 16, "learning_rate": 0.02},
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
