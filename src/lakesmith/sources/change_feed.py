"""The change feed of a Delta table: what was inserted, updated and deleted between two of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lakesmith.columns import Names, quote
from lakesmith.errors import DataError
from lakesmith.sources import IS_DELETE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Delta's own columns of a feed, with their types.
TYPE, VERSION, TIMESTAMP = "_change_type", "_commit_version", "_commit_timestamp"
FEED = {TYPE: "string", VERSION: "bigint", TIMESTAMP: "timestamp"}
ENABLED = "delta.enableChangeDataFeed"


def check_enabled(place: str, properties: dict[str, str]) -> None:
    """Raises DataError for a table that keeps no change feed."""
    if properties.get(ENABLED, "false") != "true":
        raise DataError(
            f"{place} keeps no change feed",
            key="changes",
            fix=f"Its owner turns it on with ALTER TABLE {place} SET TBLPROPERTIES ({ENABLED} = true).",
        )


def snapshot(spark: SparkSession, place: str, version: int) -> DataFrame:
    """All rows at a version, as if that version had inserted them: where a feed is taken up."""
    from pyspark.sql import functions as F

    at = spark.sql(f"DESCRIBE HISTORY {place}").filter(F.col("version") == version).select("timestamp").first()
    feed = {TYPE: F.lit("insert"), VERSION: F.lit(version), TIMESTAMP: F.lit(at["timestamp"] if at else None)}
    table = spark.sql(f"SELECT * FROM {place} VERSION AS OF {version}")
    return table.withColumns({name: value.cast(FEED[name]) for name, value in feed.items()})


def changes(spark: SparkSession, place: str, after: int, until: int) -> DataFrame:
    """One row per change of the versions above `after`, up to and with `until`; an update is two, before and after.

    Raises DataError where the feed does not reach back that far.
    """
    from pyspark.errors import PySparkException

    feed = spark.read.option("readChangeFeed", "true").option("startingVersion", after + 1)
    try:
        return feed.option("endingVersion", until).table(place)
    except PySparkException as error:
        raise DataError(
            f"the changes of {place} from version {after + 1} to {until} cannot be read: {str(error).splitlines()[0]}",
            key="changes",
            fix="Delete the source's bronze table to take the feed up anew, at the newest version.",
        ) from error


def by_key(feed: DataFrame, key: Sequence[str], place: str) -> DataFrame:
    """The last change of every key, with IS_DELETE; the row before an update counts as deleted, so that a row whose
    key changes leaves its old key. Raises DataError for a key that is null or not unique, found by one action."""
    from pyspark.sql import functions as F

    Names(place, tuple(feed.columns)).need_all(key, key="key")
    told = feed.withColumn(IS_DELETE, F.col(TYPE).isin("delete", "update_preimage"))
    keys = [F.col(quote(name)) for name in key]
    _check(told.groupBy(*keys, F.col(VERSION), F.col(IS_DELETE)).count(), key, place)
    order = F.struct(F.col(VERSION), ~F.col(IS_DELETE))
    last = F.max_by(F.struct(*[F.col(quote(name)) for name in told.columns]), order).alias("last")
    return told.groupBy(*[each.alias(f"key{i}") for i, each in enumerate(keys)]).agg(last).select("last.*")


def _check(counted: DataFrame, key: Sequence[str], place: str) -> None:
    from pyspark.sql import functions as F

    keys = [F.col(quote(name)) for name in key]
    is_null = F.array_contains(F.array(*[each.isNull() for each in keys]), F.lit(True))
    wrong = counted.filter(is_null | (F.col("count") > 1)).select(*keys).first()
    if wrong is not None:
        shown = ", ".join(
            f"{name} = {'null' if value is None else value}" for name, value in zip(key, wrong, strict=True)
        )
        raise DataError(
            f"{place} has a row without a key, or several with one: {shown}",
            key="key",
            fix="Name columns that identify a row and are never null.",
        )
