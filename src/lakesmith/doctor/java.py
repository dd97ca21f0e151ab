"""Java, Spark and Delta's JARs on this machine."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from lakesmith import session
from lakesmith.doctor.checks import HERE, Answer, Surroundings, check, ok, problem, warning

MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
CONNECT_PORT = 15002  # Spark Connect's default
PATIENCE_SECONDS = 5.0


@check("java", why="Spark 4.1 runs on Java 17 or 21.", on=HERE)
def java(_seen: Surroundings) -> Iterator[Answer]:
    """Version and place of the Java that Spark would start."""
    major, path = session.check_java()
    yield ok(f"Java {major} at {path}")


@check("spark", why="Two versions of Spark in one process fail at the first job.", on=HERE)
def spark(seen: Surroundings) -> Iterator[Answer]:
    """The version of pyspark, and of the Spark that SPARK_HOME points to."""
    installed = version("pyspark")
    home = seen.environ.get("SPARK_HOME")
    if not home:
        yield ok(f"pyspark {installed} with its own Spark")
        return
    found = _spark_of(Path(home))
    if found is None:
        yield problem(f"SPARK_HOME is {home}, which holds no Spark", "Unset SPARK_HOME.")
    elif found != installed:
        yield problem(
            f"SPARK_HOME is {home} with Spark {found}, pyspark is {installed}",
            f"Unset SPARK_HOME, or point it to a Spark {installed}.",
        )
    else:
        yield ok(f"pyspark {installed}, and SPARK_HOME with the same version")


@check("server", why="Everything runs on the Spark Connect server that SPARK_REMOTE names.", on=("connect",))
def server(seen: Surroundings) -> Iterator[Answer]:
    """Whether somebody listens at the server's address."""
    address = urlsplit(seen.environ.get("SPARK_REMOTE", ""))
    if not address.hostname:  # `local[…]` starts a server of its own
        yield ok("it is started with the session")
        return
    place = address.hostname, address.port or CONNECT_PORT
    try:
        socket.create_connection(place, timeout=PATIENCE_SECONDS).close()
    except OSError as error:
        yield problem(f"{place[0]}:{place[1]} does not answer: {error.strerror or error}", "Check SPARK_REMOTE.")
    else:
        yield ok(f"{place[0]}:{place[1]} answers")


@check("delta", why="Every table is a Delta table; Spark alone cannot read or write one.", on=HERE)
def delta(seen: Surroundings) -> Iterator[Answer]:
    """Whether Delta's JARs are in Ivy's cache, or could be fetched into it."""
    jars = session.delta_jars()
    missing = [jar for jar in jars if not jar.is_file()]
    broken = [jar for jar in jars if jar.is_file() and not zipfile.is_zipfile(jar)]
    if broken:
        yield problem(f"{broken[0]} is not a whole JAR", "Remove it; the next start fetches it again.")
    elif not missing:
        yield ok(f"delta-spark {version('delta-spark')} in {jars[0].parent}")
    elif (reason := _unreachable(missing[0])) is None:
        yield ok(f"{missing[0].name} is not in {missing[0].parent} yet; the first start fetches it from Maven Central")
    elif any(seen.places.spark.get(each) for each in ("spark.jars.repositories", "spark.jars.ivySettings")):
        yield warning(
            f"{missing[0].name} is not in {missing[0].parent}, Maven Central does not answer ({reason}); the "
            "environment names repositories of its own",
            "If the first start cannot fetch it, copy Ivy's folder from a machine that has it.",
        )
    else:
        yield problem(
            f"{missing[0].name} is not in {missing[0].parent} and cannot be fetched: {reason}",
            "Allow Maven Central, name a mirror with spark.jars.repositories under `spark:` of the environment file, "
            "or copy Ivy's folder from a machine that has it and set LAKESMITH_IVY.",
        )


def _spark_of(home: Path) -> str | None:
    """The version of the Spark in a folder, from the name of its core JAR; None when there is none."""
    found = [re.fullmatch(r"spark-core_[\d.]+-(.+)\.jar", jar.name) for jar in home.glob("jars/spark-core_*.jar")]
    return next((each[1] for each in found if each), None)


def _unreachable(jar: Path) -> str | None:
    """Why a JAR of Ivy's cache cannot be fetched; None when Maven Central has it."""
    group, rest = jar.stem.split("_", 1)
    artifact, release = rest.rsplit("-", 1)
    address = f"{MAVEN_CENTRAL}/{group.replace('.', '/')}/{artifact}/{release}/{artifact}-{release}.jar"
    request = urllib.request.Request(address, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
            return None
    except (urllib.error.URLError, OSError) as error:
        return session.first_line(error)
