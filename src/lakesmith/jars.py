"""JARs that a running session turns out to need, such as a database's driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakesmith.errors import EnvironmentFault
from lakesmith.session import first_line, ivy, java_gateway

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def add_jar(spark: SparkSession, class_name: str, artifact: str) -> None:
    """Brings a class to the running session and its workers: from Ivy's cache, or from Maven Central the first time.

    Nothing is done where the class is there already (Databricks brings drivers of its own). Spark puts a JAR on the
    class path of the thread that adds it, so every thread that needs one asks for it. `artifact` is group:name:version.
    Raises EnvironmentFault where the JAR cannot be had.
    """
    if _knows(class_name):
        return
    group, name, release = artifact.split(":")
    jar = ivy() / "jars" / f"{group}_{name}-{release}.jar"
    source = str(jar) if jar.is_file() else f"ivy://{artifact}?transitive=false"
    try:
        spark.sql(f"ADD JAR '{source}'").collect()
    except Exception as error:
        raise EnvironmentFault(
            f"{artifact}, which has {class_name}, cannot be had: {first_line(error)[:300]}",
            fix="Its first use needs Maven Central; on a cluster, install it there as a library.",
        ) from error


def _knows(class_name: str) -> bool:
    """Whether this thread finds a Java class; no on Spark Connect, whose JVM is elsewhere."""
    gateway = java_gateway()
    if gateway is None:
        return False
    from py4j.protocol import Py4JJavaError

    try:
        gateway.jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(class_name)
    except Py4JJavaError:  # ClassNotFoundException
        return False
    return True
