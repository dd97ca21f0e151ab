"""One example of each layer: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "average_pool": {"kind": "average_pool", "size": 2},
    "batch_norm": {"kind": "batch_norm"},
    "convolution": {"kind": "convolution", "filters": 8, "size": 3, "stride": 2},
    "dense": {"kind": "dense", "units": 16, "activation": "tanh"},
    "dropout": {"kind": "dropout", "rate": 0.2},
    "flatten": {"kind": "flatten"},
    "max_pool": {"kind": "max_pool", "size": 3, "stride": 1},
}
