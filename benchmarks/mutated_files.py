"""Breaks CSV and JSON-lines files in seeded ways and compares what is read of them with what stands in them.

    python benchmarks/mutated_files.py [--count 5000] [--seed 7]

Of every file, each line is a record that was accepted or quarantined, as it stood; each value of an accepted record
is the source's value under its declared type, as Python's csv, json, decimal and datetime read it; and a record that
was not touched is accepted. A header that is not the declared one is refused, naming the file. All files of a sort
are read at once. Anything else is a failure and ends the script with 1.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mutated_oracle import COLUMNS, HEADER, failures_of_csv, failures_of_json, lines_in, shown

from lakesmith.errors import DataError
from lakesmith.sources import FILE, RAW, RULE, InputFile, Source
from lakesmith.sources.csv import Csv
from lakesmith.sources.json import Json

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

Draw = random.Random
STRANGE = (
    "", " ", "NaN", "-inf", "1e400", "1e39", "0x10", "1_000", "٣", "1,5", "1.005", "12.50", "007", "-0", "+5", "5.",
    ".5", "1d", "1e3", "2147483648", "9223372036854775808", "99999999.99", "true", "T", "yes", "null", "NULL", "NA",
    "2024-02-30", "2024-1-31", "0000-01-01", "9999-12-31", "24:00", "2024-01-31T24:00", "2024-01-31T10:00Z",
    "2024-01-31 10:00:00.1234567", "2024-03-31T02:30", "10000-01-01", '"', '""', "a\tb", "\u00e9", "\U0001f600",
    "\u2028", "\ufeff", "\\", "\\n", "'", "`", "{}", "[]", "a,b", "\x00", "\x1f5", "5\x00", "x" * 3_000,
)  # fmt: skip
BYTES = (b'"', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\", b";", b"{", b"}", b":")


def texts(seed: int, count: int = 500) -> list[str]:
    """Strange values, and `count` more that hypothesis finds worth trying where it is installed."""
    found = list(STRANGE)
    try:
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
        from hypothesis import strategies as st
    except ImportError:
        return found
    numbers = st.one_of(st.integers(), st.floats(), st.decimals(places=3, allow_nan=False), st.datetimes(), st.dates())

    @seeded(seed)
    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.text(max_size=20), numbers.map(str)))
    def collect(text: str) -> None:
        found.append(text.encode("utf-8", "replace").decode())

    collect()
    return found


def record(draw: Draw) -> dict[str, object]:
    """One sound record."""
    day = f"20{draw.randrange(10, 30)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
    return {
        "id": draw.randrange(-(2**31), 2**31),
        "big": draw.randrange(-(2**63), 2**63),
        "share": round(draw.uniform(-1, 1), 6),
        "amount": f"{draw.randrange(-(10**8), 10**8) / 100:.2f}",
        "day": day,
        "at": f"{day}T{draw.randrange(24):02}:{draw.randrange(60):02}:00Z",
        "late": draw.choice(("true", "false")),
        "note": draw.choice(("plain", "größe", "a b", "x;y")),
    }


def csv_line(values: dict[str, object]) -> str:
    return ",".join(str(values[name]) for name in COLUMNS)


def json_line(values: dict[str, object]) -> str:
    """The record as JSON writes it; a decimal keeps its zeros."""
    parts = [f"{json.dumps(name)}: {_as_json(name, values[name])}" for name in COLUMNS]
    return "{" + ", ".join(parts) + "}"


def _as_json(name: str, value: object) -> str:
    return str(value) if name in ("amount", "late") else json.dumps(value, ensure_ascii=False)


def strange_csv(draw: Draw, values: dict[str, object], pool: Sequence[str]) -> str:
    """A line with one strange value, as it is or quoted; it may bring line breaks and separators."""
    text = draw.choice(pool)
    quoted = '"' + text.replace('"', '""') + '"'
    return csv_line({**values, draw.choice(list(COLUMNS)): draw.choice((text, quoted))})


def strange_json(draw: Draw, values: dict[str, object], pool: Sequence[str]) -> str:
    """A line with one strange value or key, or with a value as another kind of JSON."""
    text, name = draw.choice(pool), draw.choice(list(COLUMNS))
    bare = json_line(values)
    if draw.random() < 0.2:
        return bare.replace(f'"{name}"', json.dumps(text), 1)
    others = (json.dumps(text), json.dumps(text, ensure_ascii=False), text, "null", '"\\ud800"', "1.0", "-0", "1E2")
    return bare.replace(f'"{name}": {_as_json(name, values[name])}', f'"{name}": {draw.choice(others)}', 1)


def broken(draw: Draw, content: bytes) -> bytes:
    """The bytes with something put in, taken out, flipped, doubled, cut off or written with other line ends."""
    at, to = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: content[:at] + draw.choice(BYTES) + content[at:],
        lambda: content[:at] + bytes([draw.randrange(256)]) + content[at + 1 :],
        lambda: content[:at] + content[min(to, at + 30) :],
        lambda: content[:to] + content[at:],
        lambda: content[:to],
        lambda: content.replace(b"\n", draw.choice((b"\r\n", b"\r", b"\n\n"))),
        lambda: content + draw.choice((HEADER.encode(), b"\n\n", b"garbage", b"\x1a")),
    )
    return draw.choice(ways)()


def files(sort: str, count: int, seed: int, folder: Path) -> set[bytes]:
    """Writes `count` files; returns the sound lines, which must be accepted wherever they stand untouched."""
    draw, pool = Draw(f"{sort}{seed}"), texts(seed)
    line, strange = (csv_line, strange_csv) if sort == "csv" else (json_line, strange_json)
    sound: set[bytes] = set()
    for number in range(count):
        whole = [record(draw) for _ in range(draw.randrange(1, 6))]
        sound.update(line(each).encode() for each in whole)
        odd = [draw.random() < 0.4 for _ in whole]
        told = [strange(draw, each, pool) if is_odd else line(each) for each, is_odd in zip(whole, odd, strict=True)]
        head = HEADER.encode() + b"\n" if sort == "csv" else b""
        body = "\n".join(told).encode("utf-8", "surrogatepass") + b"\n"
        body = broken(draw, body) if draw.random() < 0.6 else body
        content = broken(draw, head + body) if draw.random() < 0.1 else head + body
        (folder / f"{number:05}.{sort}").write_bytes(draw.choice((b"", b"", b"", b"\xef\xbb\xbf")) + content)
    return sound


def source_of(sort: str) -> Source:
    kind = Csv if sort == "csv" else Json
    return kind(path=f"*.{sort}", columns=COLUMNS, max_quarantine_share=1)


def refused(spark: SparkSession, source: Source, file: InputFile, content: bytes) -> str | None:
    """How a file whose header is not the usual one is refused; None where it is read after all."""
    if source.kind != "csv" or (lines_in(content) or [b""])[0] == HEADER.encode():  # type: ignore[attr-defined]
        return None
    try:
        source.read(spark, (file,))
    except DataError as error:
        return "refused" if file.path in str(error) else f"an error that does not name the file: {error}"
    return None


def tried(spark: SparkSession, sort: str, count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """(Records and files by what became of them, failures) of `count` broken files."""
    from pyspark.sql import functions as F

    sound, source = files(sort, count, seed, folder), source_of(sort)
    contents = {file: Path(file.path).read_bytes() for file in source.files(spark, str(folder))}
    told = {file: refused(spark, source, file, content) for file, content in contents.items()}
    failures = [f"{file.path}: {why}" for file, why in told.items() if why not in (None, "refused")]
    whole = tuple(file for file, why in told.items() if why is None)
    values = [F.col(name).cast("string").alias(name) for name in COLUMNS]
    rows: dict[str, list[Row]] = {file.path: [] for file in whole}
    for row in source.read(spark, whole).records.select(*values, FILE, RAW, RULE).collect():
        rows[row[FILE]].append(row)
    for file in whole:
        failures += [f"{file.path}: {why}" for why in _wrong(sort, contents[file], rows[file.path], sound)]
    found = [row for each in rows.values() for row in each]
    counts = Counter("accepted" if row[RULE] is None else "quarantined" for row in found)
    return counts + Counter({"read": len(found), "files": len(whole), "refused": len(told) - len(whole)}), failures


def _wrong(sort: str, content: bytes, rows: Sequence[Row], sound: set[bytes]) -> list[str]:
    """What of one file was lost, doubled, changed, accepted though wrong or refused though right."""
    lines = lines_in(content)[1:] if sort == "csv" else lines_in(content)
    one, other = Counter(map(shown, lines)), Counter(row[RAW] for row in rows)
    wrong = [f"{n} × lost: {line[:200]!r}" for line, n in (one - other).items()]
    wrong += [f"{n} × made up: {line[:200]!r}" for line, n in (other - one).items()]
    judge = failures_of_csv if sort == "csv" else failures_of_json
    for row in rows:
        if row[RULE] is None:
            wrong += [f"{why} in {row[RAW][:200]!r}" for why in judge(row[RAW], {n: row[n] for n in COLUMNS})]
        elif row[RAW].encode() in sound:
            wrong.append(f"refused though right ({row[RULE]}): {row[RAW]!r}")
    return wrong


def main() -> int:
    from lakesmith import session

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=7)
    options = arguments.parse_args()
    spark, wrong = session.start("mutated files"), []
    for sort in ("csv", "jsonl"):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            counts, failures = tried(spark, sort, options.count, options.seed, Path(folder))
        told = ", ".join(f"{counts[name]:,} {name}" for name in ("files", "refused", "read", "accepted", "quarantined"))
        print(f"{options.count:,} {sort}, seed {options.seed}, {time.monotonic() - started:.0f} s: {told}")
        wrong += failures
    spark.stop()
    print("\n".join(wrong[:20]) or "every record is accounted for, every accepted value is the source's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
