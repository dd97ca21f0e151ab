"""One example of each split: kind → its YAML as a dict."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "group": {"kind": "group", "validation": 0.1, "test": 0.2},
    "hash": {"kind": "hash", "test": 0.25},
    "stratified": {"kind": "stratified", "method": "exact", "test": 0.2},
    "time": {"kind": "time", "validation_from": "2013-09-01", "test_from": "2013-10-01"},
}
