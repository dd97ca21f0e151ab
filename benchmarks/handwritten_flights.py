"""The work of conf/flights.yml as one straight PySpark script, as a careful engineer writes it by hand.

Same tables (bronze, silver, gold, predictions in Delta), same joins, histories and split, the same trials on the same
folds with features fitted once a fold, the same fit, registration, evaluation and scoring. Not done here: accounting
per record, quarantine, rule checks beyond unique keys, resumption, gates, intervals, report.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import mlflow
import mlflow.spark
from delta.tables import DeltaTable
from mlflow.models import infer_signature
from pyspark import StorageLevel
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import OneHotEncoder, SQLTransformer, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

SCHEMAS = {
    "flights": "year int, month int, day int, dep_time int, sched_dep_time int, dep_delay int, arr_time int, "
    "sched_arr_time int, arr_delay int, carrier string, flight int, tailnum string, origin string, dest string, "
    "air_time int, distance int, hour int, minute int, time_hour timestamp",
    "weather": "origin string, year int, month int, day int, hour int, temp double, dewp double, humid double, "
    "wind_dir double, wind_speed double, wind_gust double, precip double, pressure double, visib double, "
    "time_hour timestamp",
    "planes": "tailnum string, year int, type string, manufacturer string, model string, engines int, seats int, "
    "speed int, engine string",
    "airlines": "carrier string, name string",
    "airports": "faa string, name string, lat double, lon double, alt int, tz int, dst string, tzone string",
}
NUMBERS = [
    "departure_hour", "distance", "carrier_late_share", "carrier_flights", "route_late_share", "route_flights",
    "origin_departure_delay", "origin_departures", "temp", "dewp", "humid", "wind_dir", "wind_speed", "precip",
    "pressure", "visib", "plane_year", "plane_seats", "dest_lat", "dest_lon", "dest_alt", "month", "day", "weekday",
    "minute",
]  # fmt: skip
CATEGORIES, FREQUENCIES = ["carrier", "origin"], ["dest", "plane_manufacturer"]
DAY = 86_400 * 1_000_000


def run(spark: SparkSession, data: Path, work: Path, trials: list[dict[str, Any]], workers: int) -> dict[str, float]:
    """All of it; returns ROC AUC and PR AUC on the test months."""
    for name, schema in SCHEMAS.items():
        raw = spark.read.csv(str(data / f"{name}.csv"), header=True, schema=schema, nullValue="NA", enforceSchema=False)
        save(raw, work / f"bronze_{name}")
        save(load(spark, work / f"bronze_{name}"), work / f"silver_{name}")
    save(gold(spark, work), work / "gold")
    table = load(spark, work / "gold")
    keys = table.groupBy("flight_key").count().where("count > 1 or flight_key is null")
    if not keys.isEmpty():
        raise ValueError("gold has repeated keys")
    train = table.where("split = 'train'").withColumn("label", F.col("is_late").cast("double"))
    mlflow.set_tracking_uri(f"sqlite:///{work / 'mlflow.db'}")
    experiment = mlflow.create_experiment("handwritten", artifact_location=(work / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        best = tuned(train, trials, workers)
        model = fitted(train, best, workers)
        register(model, table.limit(5))
    metrics = evaluated(model, table)
    score(spark, model, table, work)
    return metrics


def save(frame: DataFrame, path: Path) -> None:
    frame.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(str(path))


def load(spark: SparkSession, path: Path) -> DataFrame:
    return spark.read.format("delta").load(str(path))


def gold(spark: SparkSession, work: Path) -> DataFrame:
    """One row per flight with what was known at its scheduled departure, the label and the split."""
    flights, weather, planes, airlines, airports = (
        load(spark, work / f"silver_{name}") for name in ("flights", "weather", "planes", "airlines", "airports")
    )
    for table, key in (
        (weather, ["origin", "time_hour"]),
        (planes, ["tailnum"]),
        (airlines, ["carrier"]),
        (airports, ["faa"]),
    ):
        if not table.groupBy(*key).count().where("count > 1").isEmpty():
            raise ValueError(f"repeated keys {key}")
    frame = flights.withColumns({
        "flight_key": F.expr("concat_ws('-', carrier, string(flight), origin, string(make_date(year, month, day)))"),
        "scheduled_at": F.expr("time_hour + make_dt_interval(0, 0, minute)"),
        "departed_at": F.expr("time_hour + make_dt_interval(0, 0, minute + dep_delay)"),
        "is_late": F.expr("arr_delay > 15"),
        "departure_hour": F.expr("hour + minute / 60"),
        "weekday": F.expr("weekday(make_date(year, month, day))"),
    })  # fmt: skip
    places = airports.selectExpr(
        "faa as dest", "tzone as dest_tzone", "lat as dest_lat", "lon as dest_lon", "alt as dest_alt"
    )
    frame = frame.join(F.broadcast(places), "dest", "left")
    local = "from_utc_timestamp(departed_at, coalesce(dest_tzone, 'America/Puerto_Rico'))"
    minutes = f"arr_time div 100 * 60 + arr_time % 100 - hour({local}) * 60 - minute({local})"
    frame = frame.withColumn("arrived_at", F.expr(f"departed_at + make_dt_interval(0, 0, pmod({minutes}, 1440))"))
    frame = history(frame, ["carrier"], "arrived_at", "is_late", "carrier_late_share", "carrier_flights", 7 * DAY)
    frame = history(frame, ["origin", "dest"], "arrived_at", "is_late", "route_late_share", "route_flights", 7 * DAY)
    frame = history(
        frame, ["origin"], "departed_at", "dep_delay", "origin_departure_delay", "origin_departures", DAY // 12
    )
    hours = weather.select(
        "origin", "time_hour", "temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"
    )
    frame = frame.join(F.broadcast(hours), ["origin", "time_hour"], "left")
    made = planes.selectExpr(
        "tailnum",
        "year as plane_year",
        "seats as plane_seats",
        "manufacturer as plane_manufacturer",
        "type as plane_type",
    )
    frame = frame.join(F.broadcast(made), "tailnum", "left")
    frame = frame.join(F.broadcast(airlines.withColumnRenamed("name", "carrier_name")), "carrier", "left")
    is_test = "scheduled_at >= timestamp'2013-10-01T04:00:00Z'"
    split = f"case when is_late is null then 'unlabelled' when {is_test} then 'test' else 'train' end"
    return frame.withColumn("split", F.expr(split))


def history(frame: DataFrame, by: list[str], known_at: str, value: str, mean: str, count: str, over: int) -> DataFrame:
    """The mean and count of `value` over rows of the same entity that became known in the time before each row."""
    number = F.col(value).cast("double")
    facts = frame.where(F.col(known_at).isNotNull()).select(*by, F.unix_micros(known_at).alias("at"), number.alias("v"))
    asks = frame.withColumns(
        {"at": F.unix_micros("scheduled_at"), "v": F.lit(None).cast("double"), "asks": F.lit(True)}
    )
    window = Window.partitionBy(*by).orderBy("at").rangeBetween(-over, -1)
    both = asks.unionByName(facts, allowMissingColumns=True)
    seen = both.withColumns({mean: F.avg("v").over(window), count: F.count("v").over(window)})
    return seen.where("asks").drop("at", "v", "asks")


def features(train: DataFrame) -> PipelineModel:
    """The feature stages, learned on `train`."""
    indexed = [f"{name}_index" for name in CATEGORIES]
    stages: list[Any] = [
        StringIndexer(inputCols=CATEGORIES, outputCols=indexed, handleInvalid="keep"),
        OneHotEncoder(inputCols=indexed, outputCols=[f"{name}_hot" for name in CATEGORIES], dropLast=False),
    ]
    shares = []
    for name in FREQUENCIES:
        counts = train.groupBy(F.coalesce(F.col(name), F.lit("missing")).alias("c")).count().collect()
        total = sum(row["count"] for row in counts)
        entries = ", ".join(f"'{row['c']}', {row['count'] / total!r}D" for row in counts)
        shares.append(f"coalesce(try_element_at(map({entries}), coalesce({name}, 'missing')), 0D) as {name}_share")
    stages.append(SQLTransformer(statement=f"select *, {', '.join(shares)} from __THIS__"))
    casts = ", ".join(f"cast({name} as double) as {name}_n" for name in NUMBERS)
    stages.append(SQLTransformer(statement=f"select *, {casts} from __THIS__"))
    inputs = [f"{n}_n" for n in NUMBERS] + [f"{n}_hot" for n in CATEGORIES] + [f"{n}_share" for n in FREQUENCIES]
    stages.append(VectorAssembler(inputCols=inputs, outputCol="features", handleInvalid="keep"))
    return Pipeline(stages=stages).fit(train)


def booster(params: dict[str, Any], workers: int) -> SparkXGBClassifier:
    return SparkXGBClassifier(
        **params, features_col="features", label_col="label", num_workers=workers, tree_method="hist",
        missing=float("nan"), random_state=7, verbose=False, verbosity=0,
    )  # fmt: skip


def tuned(train: DataFrame, trials: list[dict[str, Any]], workers: int) -> dict[str, Any]:
    """The best of `trials` on two expanding windows."""
    first, last = train.agg(F.min("scheduled_at"), F.max("scheduled_at")).first()
    span = (last - first) / 3
    folds, cached = [], []
    for step in (1, 2):
        edge, end = F.lit(first + span * step), F.lit(first + span * (step + 1))
        learn = train.where(F.col("scheduled_at") < edge)
        judge = train.where((F.col("scheduled_at") >= edge) & (F.col("scheduled_at") <= end))
        prepared = features(learn)
        sides = [prepared.transform(learn.repartition(workers, "flight_key")), prepared.transform(judge)]
        sides = [side.select("features", "label").persist(StorageLevel.MEMORY_AND_DISK_DESER) for side in sides]
        for side in sides:
            side.count()
        cached += sides
        folds.append(sides)
    measure = BinaryClassificationEvaluator(metricName="areaUnderROC", numBins=0)
    found = []
    for number, params in enumerate(trials):
        values = [measure.evaluate(booster(params, workers).fit(learn).transform(judge)) for learn, judge in folds]
        found.append(sum(values) / len(values))
        with mlflow.start_run(nested=True, run_name=f"trial {number}"):
            mlflow.log_params(params)
            mlflow.log_metric("roc_auc", found[-1])
    for side in cached:
        side.unpersist()
    return trials[found.index(max(found))]


def fitted(train: DataFrame, params: dict[str, Any], workers: int) -> PipelineModel:
    prepared = features(train)
    vectors = prepared.transform(train.repartition(workers, "flight_key")).select("features", "label").persist()
    model = booster(params, workers).fit(vectors)
    vectors.unpersist()
    return PipelineModel([*prepared.stages, model])


def register(model: PipelineModel, rows: DataFrame) -> None:
    inputs = rows.select(*NUMBERS, *CATEGORIES, *FREQUENCIES)
    signature = infer_signature(inputs, model.transform(inputs).select("prediction"))
    with tempfile.TemporaryDirectory() as scratch:
        mlflow.spark.log_model(
            model, artifact_path="model", signature=signature, input_example=inputs.toPandas(), dfs_tmpdir=scratch,
            pip_requirements=["pyspark", "xgboost"], registered_model_name="handwritten",
        )  # fmt: skip


def evaluated(model: PipelineModel, table: DataFrame) -> dict[str, float]:
    test = table.where("split = 'test'").withColumn("label", F.col("is_late").cast("double"))
    scored = model.transform(test).select("label", "probability", "rawPrediction").persist()
    roc = BinaryClassificationEvaluator(metricName="areaUnderROC", numBins=0).evaluate(scored)
    pr = BinaryClassificationEvaluator(metricName="areaUnderPR", numBins=0).evaluate(scored)
    p = vector_to_array("probability")[1]
    true = F.when(F.col("label") == 1, p).otherwise(1 - p)
    scored.agg(F.avg(-F.log(F.greatest(true, F.lit(1e-15)))), F.avg((p - F.col("label")) ** 2)).first()
    scored.groupBy("label", (p > 0.5).alias("predicted")).count().collect()
    scored.unpersist()
    return {"roc_auc": roc, "pr_auc": pr}


def score(spark: SparkSession, model: PipelineModel, table: DataFrame, work: Path) -> None:
    p = vector_to_array("probability")[1]
    scored = model.transform(table).select(
        "flight_key",
        "prediction",
        p.alias("p"),
        F.lit(1).alias("model_version"),
        F.current_timestamp().alias("scored_at"),
    )
    path = str(work / "predictions")
    if DeltaTable.isDeltaTable(spark, path):
        merge = (
            DeltaTable.forPath(spark, path).alias("old").merge(scored.alias("new"), "old.flight_key = new.flight_key")
        )
        merge.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    else:
        scored.write.format("delta").save(path)
