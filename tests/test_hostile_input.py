"""A small part of benchmarks/mutated_yaml.py and benchmarks/injection.py, run as tests."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

CONF = sorted((Path(__file__).parents[1] / "conf").glob("*.yml"))


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    import injection
    import mutated_yaml

    return mutated_yaml, injection


def test_broken_files_are_accepted_or_refused_with_file_line_and_key(
    benchmarks: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    mutated_yaml, _ = benchmarks
    texts = [mutated_yaml.SAMPLE, *(path.read_text() for path in CONF)]
    counts, failures = mutated_yaml.tried(texts, 80, 11, tmp_path)
    assert failures == []
    assert counts["with key"] > 40


def test_the_sample_of_the_benchmarks_is_a_project(benchmarks: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    mutated_yaml, _ = benchmarks
    path = tmp_path / "sample.yml"
    path.write_text(mutated_yaml.SAMPLE)
    assert mutated_yaml.outcome(path).sort == "accepted"


def test_no_injection_reads_a_canary_file_or_table(
    benchmarks: tuple[ModuleType, ModuleType], tmp_path: Path, spark: SparkSession
) -> None:
    _, injection = benchmarks
    file, table = injection.canary(spark, tmp_path)
    strings = injection.strings(file, table)
    assert len(strings) >= 60
    counts, leaks = injection.as_expressions(spark, strings)
    assert leaks == []
    assert counts["refused"] >= 60


def test_the_canary_can_be_read_where_nothing_stands_in_the_way(
    benchmarks: tuple[ModuleType, ModuleType], tmp_path: Path, spark: SparkSession
) -> None:
    _, injection = benchmarks
    file, table = injection.canary(spark, tmp_path)
    assert injection.SECRET in injection.came_of(spark, injection.strings(file, table)[0])


def test_an_injection_in_any_field_is_plain_text_or_refused_with_its_place(
    benchmarks: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    mutated_yaml, injection = benchmarks
    strings = injection.strings(tmp_path / "canary.txt", "canary")
    counts, failures = injection.as_fields(mutated_yaml.SAMPLE, strings, tmp_path, every=37)
    assert failures == []
    assert counts["with key"] > 50
