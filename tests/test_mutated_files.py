"""A small part of benchmarks/mutated_files.py, run as a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from builders import count_jobs


@pytest.mark.parametrize("sort", ["csv", "jsonl"])
def test_every_record_of_broken_files_is_accounted_for_and_unchanged(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    import mutated_files

    with count_jobs(spark) as jobs:
        counts, failures = mutated_files.tried(spark, sort, 200, 7, tmp_path)
    assert "\n".join(failures) == ""
    assert counts["read"] == counts["accepted"] + counts["quarantined"]
    assert min(counts["accepted"], counts["quarantined"]) > 100
    assert jobs.count <= 2
