"""One source of every kind, as it stands in a project file."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "csv": {"kind": "csv", "path": "visits.csv", "columns": {"id": "int", "city": "string"}},
    "json": {"kind": "json", "path": "visits.jsonl", "columns": {"id": "int", "tags": "array<string>"}},
    "jdbc": {
        "kind": "jdbc",
        "driver": "postgresql",
        "host": "db.example.org",
        "database": "shop",
        "table": "public.visits",
        "where": "city IS NOT NULL",
        "user": "reader",
        "password": {"secret": "env:PGPASSWORD"},
        "partitions": {"column": "id", "lower": 0, "upper": 1000000, "count": 8},
        "watermark": "updated_at",
    },
    "parquet": {"kind": "parquet", "path": "visits"},
    "delta": {"kind": "delta", "table": "raw.visits", "changes": True, "key": ["id"]},
    "table": {"kind": "table", "table": "raw.visits", "columns": {"id": "int"}},
}
