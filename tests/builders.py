"""Small frames from DDL schemas, their rows in a comparable form, and a counter of Spark jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, SparkSession


def frame(spark: SparkSession, schema: str, rows: Sequence[tuple[Any, ...]], partitions: int = 1) -> DataFrame:
    """A frame of the given rows: `frame(spark, "id int, name string", [(1, "a")])`."""
    return spark.createDataFrame(list(rows), schema).repartition(partitions)


def rows(df: DataFrame) -> list[tuple[Any, ...]]:
    """The rows as tuples, sorted by their text, so that two frames compare whatever their partitioning."""
    return sorted((tuple(row) for row in df.collect()), key=repr)


@dataclass
class Jobs:
    """How many Spark jobs the block started; read after the block."""

    count: int = 0
    ids: list[int] = field(default_factory=list)


@contextmanager
def count_jobs(spark: SparkSession) -> Iterator[Jobs]:
    """Counts the Spark jobs that this thread starts inside the block."""
    group, jobs = f"counted-{uuid.uuid4().hex}", Jobs()
    context = spark.sparkContext
    context.setJobGroup(group, group)
    try:
        yield jobs
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]
        jobs.ids = list(context.statusTracker().getJobIdsForGroup(group))
        jobs.count = len(jobs.ids)
