"""Runs projects whose names, values and data are injection strings, and shows that a canary is never read.

    python benchmarks/injection_runs.py [--count 72] [--select +derive]

For each string a small project is run in one session: the string is a column name, a value in the file, a placeholder,
a mapped value, a new column's name and the name of a rule, wherever validation lets it be. It is refused with exit code
2 or 3, or runs; the canary's content is then looked for in every table, in the summary and in every file written.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))  # the benchmark beside this one

from injection import SECRET, canary, strings

from lakesmith import api, failures
from lakesmith.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 12


def project(injection: str, hostile: bool) -> dict[str, Any]:
    """A small project with the string in its values, and with `hostile` also in its column names."""
    name = injection if hostile else "name"
    return {
        "name": "hostile",
        "description": injection,
        "sources": {
            "rows": {
                "kind": "csv",
                "path": "rows.csv",
                "columns": {"id": "int", name: "string", "x": "double", "late": "boolean"},
                "null_values": ["", injection + " "],
            }
        },
        "clean": {
            "rows": [
                {"kind": "map_values", "column": name, "values": {injection: "mapped", "a": injection}},
                {"kind": "fill_nulls", "values": {name: injection}},
                {"kind": "expect", "rule": "id > 0", "name": injection[:200], "otherwise": "warn"},
            ]
        },
        "derive": {"steps": [{"kind": "add_columns", "columns": {f"{name}_2" if hostile else "double": "x * 2"}}]},
        "key": ["id"],
        "task": {"kind": "binary", "label": "late", "positive": True},
        "split": {"kind": "hash", "test": 0.3, "validation": 0},
        "features": [{"kind": "one_hot", "columns": [name]}, {"kind": "keep", "columns": ["x"]}],
        "families": [{"kind": "linear"}],
        "gates": [],
    }


def written(folder: Path, injection: str, hostile: bool) -> Path:
    """The project file, with a data file beside it that holds the string in every other row."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with (folder / "rows.csv").open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["id", injection if hostile else "name", "x", "late"])
        lines.writerows(
            [i, injection if i % 2 else "abc"[i % 3], i / 2, str(i % 3 == 0).lower()] for i in range(1, ROWS)
        )
    path = folder / "hostile.yml"
    path.write_text(json.dumps(project(injection, hostile), indent=1, ensure_ascii=False))
    return path


def outcome(spark: SparkSession, path: Path, select: str) -> tuple[str, str]:
    """(What became of the run, everything it gave): `ran`, or `refused 2`, and so on by exit code."""
    workspace = path.parent / ".lakesmith"
    try:
        summary = api.run(path, select=select, workspace=str(workspace), progress=Progress.silent())
        sort, told = "ran", summary.model_dump_json()
    except Exception as error:  # noqa: BLE001 (every outcome is counted)
        lines, code = failures.lines(error)
        sort, told = f"refused {code}", "\n".join(lines)
    for table in sorted({log.parent for log in workspace.rglob("_delta_log")}):
        told += repr(spark.read.format("delta").load(str(table)).collect())
    for file in workspace.rglob("*"):
        if file.is_file() and file.suffix != ".parquet":
            told += file.read_text(errors="replace")
    return sort, told


def main() -> int:
    from lakesmith import session

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=72, help="how many of the strings, evenly spread")
    arguments.add_argument("--select", default="+derive")
    options = arguments.parse_args()
    spark = session.start("injection runs", master="local[2]")
    spark.sparkContext.setLogLevel("OFF")
    counts: Counter[str] = Counter()
    failed, started = [], time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        file, table = canary(spark, Path(name))
        injections = strings(file, table)
        injections = injections[:: max(1, len(injections) // options.count)]
        for injection in injections:
            for hostile in (False, True):
                path = written(Path(name) / "project", injection, hostile)
                sort, told = outcome(spark, path, options.select)
                counts[f"{'in names and values' if hostile else 'in values'}: {sort}"] += 1
                if SECRET in told:
                    failed.append(f"{injection!r} read the canary")
                if sort not in ("ran", "refused 2", "refused 3"):
                    failed.append(f"{injection!r}: {sort}: {told[:300]}")
    print(
        f"{len(injections)} strings, {2 * len(injections)} runs of {options.select}: {time.monotonic() - started:.0f} s"
    )
    for sort, count in sorted(counts.items()):
        print(f"  {count:>4} {sort}")
    print("\n".join(failed[:40]) or "no canary was read; every run ended or was refused with a sentence")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
