"""Puts 60 injection strings into every text field of a project and shows that a canary is never read.

    python benchmarks/injection.py [conf/flights.yml …]

First as an expression: each string is compiled as `compiled` would for a piece, what survives runs in Spark beside a
canary file and a canary table, and neither's content may be in a row or a message. As a control, the same strings run
as raw SQL: some of them must read the canary, or the test has no teeth. Then as every text value and every key of the
project file: each is accepted as plain text or refused with file, line and key.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))  # the benchmark beside this one

from mutated_yaml import SAMPLE, outcome

from lakesmith import yaml_file
from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.expressions import compiled

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SECRET = "canary-4c1d9a7e"
COLUMNS = ("id", "name", "a`b", "at")
# {file} is the path of the canary file, {table} the canary table. Both hold SECRET.
STRINGS = (
    *("(select max(secret) from {table})", "(select first(value) from text.`{file}`)", "(select * from csv.`{file}`)"),
    *(
        "exists(select 1 from {table})",
        "name in (select secret from {table})",
        "name = any(select secret from {table})",
    ),
    *(
        "name = (table {table})",
        "scalar((select secret from {table}))",
        "(with c as (from {table}) select max(secret) from c)",
    ),
    *("text.`{file}`", "csv.`{file}`", "`csv`.`{file}`", "{table}.secret", "spark_catalog.default.{table}.secret"),
    *("read_files('{file}')", "read_csv('{file}')", "load_file('{file}')", "from_csv((select 1), 'a int')"),
    *(
        "reflect('java.nio.file.Files', 'readString', '{file}')",
        "java_method('java.lang.System', 'getProperty', 'user.home')",
    ),
    *("try_reflect('java.lang.System', 'getenv', 'PATH')", "REFLECT('java.lang.System', 'exit', 1)"),
    *("`reflect`('java.lang.System', 'getProperty', 'user.home')", "builtin.reflect('java.lang.System', 'gc')"),
    *(
        "ref/**/lect('java.lang.System', 'gc')",
        "reflect -- \n ('java.lang.System', 'gc')",
        "java\u200b_method('a', 'b')",
    ),
    *(
        "reﬂect('java.lang.System', 'gc')",
        "ｒｅｆｌｅｃｔ('java.lang.System', 'gc')",
        "rеflect('java.lang.System', 'gc')",
    ),
    *(
        "name; drop table {table}",
        "name'; drop table {table}; --",
        "1; select * from {table}",
        "name union select secret from {table}",
    ),
    *(
        "name from {table} --",
        "name /*!50000 , (select secret from {table}) */",
        "/*+ broadcast({table}) */ name",
        "'' or '1'='1",
    ),
    *("name` , (select secret from {table}) as `x", "`a``b` || (select max(secret) from {table})", "`a`b`", "a`b"),
    *("transform(array(1), x -> (select max(secret) from {table}))", "aggregate(array(1), 0, (a, b) -> a)", "x -> x"),
    *(
        "sum(id) over (order by (select max(secret) from {table}))",
        "max(name) filter (where exists(select 1 from {table}))",
    ),
    *("input_file_name()", "current_user()", "session_user", "version()", "uuid()", "raise_error('{table}')"),
    *(
        "{{{{ config.__class__.__init__.__globals__ }}}}",
        "{{% include '{file}' %}}",
        "${{env:PATH}}",
        "${{file:{file}}}",
        "$(cat {file})",
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "../../../{file}", "{file}\\0.csv", "|cat {file}"),
    *(
        "!!python/object/apply:os.system ['cat {file}']",
        "__import__('os').system('cat {file}')",
        "%s%s%n",
        "\u202egnp.exe",
    ),
    *(
        ":secret",
        "?",
        "identifier('{table}')",
        "variant_get(parse_json('{{}}'), '$')",
        "http_request('http://127.0.0.1')",
    ),
)


def strings(file: Path, table: str) -> list[str]:
    """The injection strings, aimed at a canary."""
    return [each.format(file=file, table=table) for each in STRINGS]


def canary(spark: SparkSession, folder: Path) -> tuple[Path, str]:
    """A file and a table that hold the secret."""
    file, table = folder / "canary.txt", "canary"
    file.write_text(f"{SECRET}\n")
    spark.createDataFrame([(SECRET,)], "secret string").createOrReplaceTempView(table)
    return file, table


def as_expressions(spark: SparkSession, injections: list[str]) -> tuple[Counter[str], list[str]]:
    """(Outcomes, leaks): refused when compiled, or run in Spark with or without the secret in what came of it."""
    counts: Counter[str] = Counter()
    leaks = []
    for injection in injections:
        try:
            text = compiled(injection, Names("victims", COLUMNS), key="where")
        except ConfigError:
            counts["refused"] += 1
            continue
        counts["ran as plain SQL"] += 1
        if SECRET in came_of(spark, text):
            leaks.append(injection)
    return counts, leaks


def came_of(spark: SparkSession, text: str) -> str:
    """What one SQL expression over a small frame gives: its rows, or the message it fails with."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F

    victims = spark.createDataFrame([(1, "x", 2, 3)], "id int, name string, `a``b` int, at int")
    try:
        return repr(victims.select(F.expr(text).alias("found")).collect())
    except (PySparkException, Py4JError) as error:
        return str(error)


def controls(spark: SparkSession, injections: list[str]) -> int:
    """How many of the strings read the canary when nothing stands in their way."""
    harmless = [each for each in injections if "exit" not in each]  # raw, that one ends the JVM
    return sum(SECRET in came_of(spark, each) for each in harmless)


def injected(data: dict[str, Any], injection: str) -> Iterator[dict[str, Any]]:
    """The project once for every text value and every key, each time with that one replaced (and put back after)."""
    for path in list(_texts(data, ())):
        owner = _owner(data, path)
        before, owner[path[-1]] = owner[path[-1]], injection
        yield data
        owner[path[-1]] = before
    for path in list(_keys(data, ())):
        owner = _owner(data, path)
        items = list(owner.items())
        owner[injection] = owner.pop(path[-1])
        yield data
        owner.clear()
        owner.update(items)


def _owner(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        data = data[step]
    return data


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    for step, inner in _items(value):
        yield from _texts(inner, (*path, step))


def _keys(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for step, inner in _items(value):
        if isinstance(step, str):
            yield (*path, step)
        yield from _keys(inner, (*path, step))


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []


def as_fields(text: str, injections: list[str], folder: Path, every: int = 1) -> tuple[Counter[str], list[str]]:
    """(Outcomes, failures) of validating the project with each injection in each of its fields."""
    counts: Counter[str] = Counter()
    failures = []
    data, path = yaml_file.parse(text, "whole.yml").data, folder / "project.yml"
    changed = ((injection, each) for injection in injections for each in injected(data, injection))
    for number, (injection, each) in enumerate(changed):
        if number % every:
            continue
        path.write_text(json.dumps(each, indent=1, ensure_ascii=False))  # JSON is YAML, and quick to write
        found = outcome(path)
        counts[found.sort] += 1
        if found.failure:
            failures.append(f"{injection!r}: {found.failure}")
    return counts, failures


def main() -> int:
    from lakesmith import session

    texts = [Path(each).read_text() for each in sys.argv[1:]]
    texts = texts or [path.read_text() for path in sorted(Path("conf").glob("*.yml"))] or [SAMPLE]
    spark = session.start("injection", master="local[2]")
    spark.sparkContext.setLogLevel("OFF")
    with tempfile.TemporaryDirectory() as name:
        file, table = canary(spark, Path(name))
        injections = strings(file, table)
        read = controls(spark, injections)
        counts, leaks = as_expressions(spark, injections)
        print(f"{len(injections)} strings as raw SQL: {read} read the canary")
        print(f"as expressions: {dict(counts)}; {len(leaks)} read the canary")
        spark.stop()
        failures = []
        for text in texts:
            started = time.monotonic()
            counts, failed = as_fields(text, injections, Path(name))
            print(f"in {counts.total()} fields and keys: {dict(counts)}, {time.monotonic() - started:.0f} s")
            failures += failed
    print("\n".join([*leaks, *failures][:20]) or "no canary was read; every field was plain text or refused")
    return 1 if leaks or failures or not read else 0


if __name__ == "__main__":
    sys.exit(main())
