"""One source of every kind, as it stands in a project file."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "csv": {"kind": "csv", "path": "visits.csv", "columns": {"id": "int", "city": "string"}},
    "json": {"kind": "json", "path": "visits.jsonl", "columns": {"id": "int", "tags": "array<string>"}},
    "parquet": {"kind": "parquet", "path": "visits"},
    "delta": {"kind": "delta", "table": "raw.visits", "version": 3},
}
