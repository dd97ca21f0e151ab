"""The only place a SparkSession is made, and the only one that touches sparkContext.

An active session (a notebook, a Databricks job, a test run) is used as it is. Otherwise one is built: on the master
that spark-submit or the environment names, else on this machine, with Delta's two JARs from Ivy's cache. They are
resolved once; later starts name them by path, which saves the seconds Ivy takes to look again.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lakesmith import platforms
from lakesmith.errors import EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA_VERSIONS = (17, 21)
CONNECT_PORT = 15002
JAVA_FIX = "Install a JDK 17 or 21 (Debian: `apt-get install openjdk-17-jre-headless`) and set JAVA_HOME if needed."
# All Delta needs beside what Spark ships; the rest of its dependency tree repeats Spark's own JARs.
DELTA_ARTIFACTS = ("io.delta:delta-spark_4.1_2.13", "io.delta:delta-storage")
EXCLUDED = "org.apache.hadoop:*,org.apache.parquet:*,com.fasterxml.jackson.core:*,org.apache.logging.log4j:*"

LOCAL_SETTINGS: dict[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "4g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
ALWAYS: dict[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Else every call that makes a Column looks through Python's stack and asks the JVM several times, so that an error
    # can tell the line of code: with 200 columns that took half the time of a stage.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}


def start(
    name: str, *, master: str | None = None, settings: Mapping[str, str] | None = None, log: Path | None = None
) -> SparkSession:
    """The session to work on: a child of the active one, or a new one with Delta, UTC and this interpreter on its
    workers.

    A child shares context, catalog and cache. It keeps to itself what lakesmith sets (UTC) and what `observe` leaves
    behind: a session that has counted rows cannot be serialised any more, and stock models that hold it (those with a
    training summary) fail with `Task not serializable`; the models of whoever started the active one must not.

    With `log`, what the JVM and the workers write to standard error goes to that file instead of between the lines of
    whoever started it. Raises EnvironmentFault for a missing or wrong Java, or JARs that cannot be had.
    """
    platform = platforms.current()
    if not platform.is_databricks:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is None and platform.is_databricks:
        active = SparkSession.builder.getOrCreate()  # the platform's own: it brings Delta, catalog and workers
    if active is not None:
        return _prepared(active if is_connect(active) else active.newSession())
    if "SPARK_REMOTE" in os.environ:
        return _prepared(_connected())
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    chosen = {**({} if submitted else _own_settings(master)), **ALWAYS, **_delta_jars(submitted), **(settings or {})}
    try:
        if log is not None and not submitted:
            _launch(chosen, log)
        builder = SparkSession.builder.appName(name)
        for key, value in chosen.items():
            builder = builder.config(key, value)
        spark = builder.getOrCreate()
    except Exception as error:
        where = f"{log} tells more" if log is not None else "`lakesmith --debug` tells more"
        raise EnvironmentFault(
            f"Spark did not start: {first_line(error)}",
            fix=f"The first start fetches Delta's JARs and needs Maven Central; {where}.",
        ) from error
    _tell_errors_once()
    return _prepared(spark)


def _connected() -> SparkSession:
    """A session of the Spark Connect server that SPARK_REMOTE names."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    told = f"no session of the Spark Connect server {os.environ['SPARK_REMOTE'].partition(';')[0]}"
    server = urlsplit(os.environ["SPARK_REMOTE"].partition(";")[0])
    try:
        if server.scheme == "sc":  # pyspark itself asks again for ten minutes
            socket.create_connection((server.hostname or "", server.port or CONNECT_PORT), timeout=10).close()
        spark = SparkSession.builder.getOrCreate()
        spark.version  # noqa: B018 (the first word with the server)
    except ImportError as error:
        raise EnvironmentFault(f"{told}: {first_line(error)}", fix="`pip install 'lakesmith[connect]'`.") from error
    except (PySparkException, OSError) as error:
        raise EnvironmentFault(
            f"{told}: {first_line(error)}", fix="Check SPARK_REMOTE, and that the server runs."
        ) from error
    return spark


def is_connect(spark: SparkSession) -> bool:
    """Whether the session is one of Spark Connect, as on serverless compute: without a JVM and a SparkContext."""
    return type(spark).__module__.startswith("pyspark.sql.connect")


def mode(spark: SparkSession) -> platforms.Mode:
    """How Spark is reached."""
    if not is_connect(spark):
        return "classic"
    return "serverless" if platforms.current().is_serverless else "connect"


def _tell_errors_once() -> None:
    """pyspark raises an error in a query and also logs it, with the whole Java stack, as one line of JSON."""
    from pyspark.logger import PySparkLogger

    for kind in ("SQL", "DataFrame"):
        PySparkLogger.getLogger(f"{kind}QueryContextLogger").disabled = True


def _prepared(spark: SparkSession) -> SparkSession:
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    if is_connect(spark):
        return spark  # all other settings are the server's
    if (spark.conf.get("spark.master", "") or "").startswith("local"):
        _suit_small_tables(spark)
    return spark


@contextmanager
def active_kept() -> Iterator[None]:
    """The session that is active before the block is active after it too.

    `createDataFrame` makes the session it is called on the active one. Of a child from `start` nobody outside knows:
    a notebook's next frames would be that child's, and its temporary views would not be found.
    """
    from pyspark.sql import SparkSession

    before: Any = SparkSession.getActiveSession()
    try:
        yield
    finally:
        if before is not None and hasattr(before, "_jsparkSession"):
            SparkSession._activeSession = before
            before._jvm.SparkSession.setActiveSession(before._jsparkSession)


def _own_settings(master: str | None) -> dict[str, str]:
    """What a session needs that nobody else has launched: a master, and for local mode the settings of one machine."""
    check_java()
    local = master is None or master.startswith("local")
    return {"spark.master": master or f"local[{os.cpu_count() or 2}]", **(_local_settings() if local else {})}


def _launch(settings: Mapping[str, str], log: Path) -> None:
    """Starts the JVM with its standard error in a file: xgboost's workers write there whatever they are told."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._gateway is not None:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        given: Any = SparkConf().setAll(list(settings.items()))
        gateway = launch_gateway(given, {"stderr": file})  # type: ignore[no-untyped-call]
    SparkContext._ensure_initialized(gateway=gateway)  # type: ignore[attr-defined]


def _suit_small_tables(spark: SparkSession) -> None:
    """Local mode is for tables of thousands to millions of rows; the defaults are for clusters."""
    # One partition a core: the default of 200 means 200 tasks for a table of a thousand rows.
    spark.conf.set("spark.sql.shuffle.partitions", str(max(2, parallelism(spark))))
    # Filters inferred from constraints save rows that small tables do not have, and cost a look at every pair of
    # aliases: planning the read of a file of 1,500 columns took three times as long with them.
    spark.conf.set("spark.sql.constraintPropagation.enabled", "false")
    # With Delta's default of 50 snapshot partitions each look at a table costs ten times as much.
    spark.conf.set("spark.databricks.delta.snapshotPartitions", "2")


def first_line(error: BaseException) -> str:
    """The first line of an error's own words, without the Java stack."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def parallelism(spark: SparkSession) -> int:
    """How many tasks the session runs at once: the cores of local mode, the cluster's default parallelism elsewhere;
    on Spark Connect, which does not tell, the number of partitions after a shuffle."""
    if is_connect(spark):
        return int(spark.conf.get("spark.sql.shuffle.partitions", "2") or 2)
    return int(spark.sparkContext.defaultParallelism)


def is_local(spark: SparkSession) -> bool:
    """Whether Spark's tasks run in the driver's own process."""
    return (spark.conf.get("spark.master", "") or "").startswith("local")


def has_gpus(spark: SparkSession, *, on_driver: bool) -> bool:
    """Whether Spark was told of GPUs for the driver, or for its tasks."""
    whose = "driver" if on_driver else "task"
    return float(spark.conf.get(f"spark.{whose}.resource.gpu.amount", "0") or 0) > 0


def slots(spark: SparkSession) -> int | None:
    """How many tasks can run at once as of now, which falls when executors are lost; None where none can be: in local
    mode, and on Spark Connect, where nobody tells."""
    if is_connect(spark):
        return None
    context: Any = spark.sparkContext
    if context.master.startswith("local"):
        return None
    scheduler = context._jsc.sc()
    return int(scheduler.maxNumConcurrentTasks(scheduler.resourceProfileManager().resourceProfileFromId(0)))


def has_no_jvm(spark: SparkSession | None = None) -> bool:
    """Whether models cannot be copied by a JVM of this process: on Spark Connect outside Databricks, whose volumes
    mlflow knows. Without a session, the active one is meant."""
    from pyspark.sql import SparkSession

    found = spark or SparkSession.getActiveSession()
    return found is not None and is_connect(found) and not platforms.current().is_databricks


def java_gateway() -> Any:
    """py4j's gateway to the running JVM, for the few calls that pyspark's own API lacks; not on Spark Connect."""
    from pyspark import SparkContext

    return SparkContext._gateway


def without_summary(model: Any) -> Any:
    """The fitted model without its training summary, which holds the training rows and the session (see `start`)."""
    if java_gateway() is not None and getattr(model, "hasSummary", False) and hasattr(model, "_java_obj"):
        model._java_obj.setSummary(java_gateway().jvm.scala.Option.empty())
    return model


@dataclass(frozen=True)
class Cancellable:
    """The Spark jobs that one thread starts, to be stopped from another."""

    spark: SparkSession
    group: str

    def cancel(self) -> None:
        """Stops the group's running jobs. A fit starts job after job: call again until its thread has ended."""
        if is_connect(self.spark):
            self.spark.interruptTag(self.group)
            return
        self.spark.sparkContext.cancelJobGroup(self.group)


@contextmanager
def cancellable(spark: SparkSession, group: str) -> Iterator[Cancellable]:
    """Puts the Spark jobs of this thread into a job group for the time of the block; a thread whose jobs are in a
    group already keeps it, so that whoever made that one can still stop them.

    Job groups, not tags: `interruptTag` left a tree fit running for 25 s where `cancelJobGroup` ended it in 0.1 s.
    Spark Connect has only tags.
    """
    if is_connect(spark):
        # pyspark.ml asks for the thread's active session, which here a new thread does not take over from its parent.
        spark._set_default_and_active_session(spark)  # type: ignore[attr-defined]
        tag = group.replace(" ", "-")
        spark.addTag(tag)
        try:
            yield Cancellable(spark, tag)
        finally:
            spark.removeTag(tag)
        return
    context: Any = spark.sparkContext
    outer = context.getLocalProperty("spark.jobGroup.id")
    if outer is not None:
        yield Cancellable(spark, outer)
        return
    context.setJobGroup(group, group, True)
    try:
        yield Cancellable(spark, group)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
        context.setLocalProperty("spark.job.description", None)
        context.setLocalProperty("spark.job.interruptOnCancel", None)


def check_java() -> tuple[int, str]:
    """Major version and path of the Java that Spark will run on.

    Raises EnvironmentFault, in one line that says what to install, unless it is there and Spark supports it.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    wanted = " or ".join(str(each) for each in JAVA_VERSIONS)
    if java is None or not Path(java).exists():
        raise EnvironmentFault(f"no Java found, Spark needs Java {wanted}", fix=JAVA_FIX)
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) not in JAVA_VERSIONS:
        raise EnvironmentFault(
            f"Java {found[1] if found else '(unknown)'} found at {java}, Spark needs Java {wanted}", fix=JAVA_FIX
        )
    return int(found[1]), java


def _local_settings() -> dict[str, str]:
    log4j = resources.files("lakesmith") / "log4j2.properties"
    if not Path(str(log4j)).is_file():  # imported from a zip, which only spark-submit does
        return dict(LOCAL_SETTINGS)
    return {**LOCAL_SETTINGS, "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{log4j}"}


def _delta_jars(submitted: bool) -> dict[str, str]:
    """Settings that bring Delta's JARs: by path when Ivy has them, by coordinates the first time."""
    release = version("delta-spark")
    jars = delta_jars()
    if all(jar.is_file() for jar in jars):
        if submitted:
            _add_to_driver(jars)
        return {"spark.jars": ",".join(str(jar) for jar in jars)}
    if submitted:
        raise EnvironmentFault(
            "Delta's JARs are not in Ivy's cache and spark-submit was not told of them",
            fix=f"Add `--packages {DELTA_ARTIFACTS[0]}:{release}` to spark-submit, or run `make setup` first.",
        )
    return {
        "spark.jars.packages": f"{DELTA_ARTIFACTS[0]}:{release}",
        "spark.jars.excludes": EXCLUDED,
        "spark.jars.ivy": str(ivy()),
    }


def delta_jars() -> list[Path]:
    """Where Ivy keeps Delta's JARs once it has fetched them."""
    release = version("delta-spark")
    return [ivy() / "jars" / f"{each.replace(':', '_')}-{release}.jar" for each in DELTA_ARTIFACTS]


def ivy() -> Path:
    """Where Ivy keeps the JARs it has fetched."""
    return Path(os.environ.get("LAKESMITH_IVY", str(Path.home() / ".ivy2.5.2")))


def _add_to_driver(jars: list[Path]) -> None:
    """spark-submit has started the JVM already: its class loader takes the JARs now, `spark.jars` is too late."""
    from py4j.protocol import Py4JJavaError
    from pyspark import SparkContext

    SparkContext._ensure_initialized()  # type: ignore[attr-defined]
    jvm: Any = SparkContext._jvm
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        jvm.java.lang.Class.forName("io.delta.sql.DeltaSparkSessionExtension", False, loader)
    except Py4JJavaError:  # ClassNotFoundException
        for jar in jars:
            loader.addURL(jvm.java.io.File(str(jar)).toURI().toURL())
