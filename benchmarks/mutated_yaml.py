"""Breaks project files in 500 seeded ways and counts what comes back: accepted, or refused with file, line and key.

    python benchmarks/mutated_yaml.py [--count 500] [--seed 7] [conf/*.yml …]

Anything else, an exception that is no ConfigError, a line of a message without its place, more than two seconds, is a
failure and ends the script with 1.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakesmith import api
from lakesmith.errors import ConfigError, ConfigErrors

SAMPLE = """\
name: sample
description: One project with a piece of many sorts.
sources:
  flights:
    kind: csv
    path: flights.csv
    columns: {id: int, origin: string, dest: string, at: timestamp, distance: double, delay: int}
  airports:
    kind: csv
    path: airports.csv
    columns: {faa: string, altitude: int}
derive:
  from: flights
  steps:
    - kind: add_columns
      columns:
        is_late: delay > 15
        route: concat(origin, '-', dest)
    - kind: join
      with: airports
      on: {dest: faa}
      columns: [altitude]
key: [id]
time: at
task: {kind: binary, label: is_late, positive: true}
split: {kind: time, test_from: "2013-10-01"}
features:
  - kind: one_hot
    columns: [origin]
    max_categories: 20
  - kind: impute
    columns:
      - distance
      - altitude
    strategy: median
  - kind: flag
    columns: {far: distance > 1e3}
families:
  - {kind: xgboost, max_depth: 6}
tune:
  metric: roc_auc
  max_trials: 3
gates:
  - {kind: threshold, metric: roc_auc, at_least: 0.6}
score:
  where: distance is not null
seed: 7
"""
SLOW_SECONDS = 2.0
VALUES = ("[]", "{}", "5", "-1", "1.5", "1e999", ".nan", "true", "null", "''", "'5'", "text", "[[1]]", "{a: {b: 1}}")
VALUES += ("2013-13-45", "*alias", "&anchor x", "!!python/object:os.system x", "|", ">", "@", "`x`", "0x1F", "'\\0'")
LETTERS = "abcdefghijklmnopqrstuvwxyz_"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `accepted`, `with key` or `with place` (refused), or what went wrong."""

    sort: str
    failure: str = ""


def outcome(path: Path) -> Outcome:
    """Validates one file as the command line does."""
    started = time.process_time()
    try:
        api.validate(path)
        found = Outcome("accepted")
    except ConfigError as error:
        errors = error.errors if isinstance(error, ConfigErrors) else (error,)
        found = _refused(path, errors)
    except Exception as error:  # noqa: BLE001 (what must never happen is counted, not raised)
        found = Outcome("failed", f"{type(error).__name__}: {str(error)[:200]}")
    taken = time.process_time() - started
    return Outcome("failed", f"took {taken:.1f} s") if taken > SLOW_SECONDS and found.sort != "failed" else found


def _refused(path: Path, errors: Sequence[ConfigError]) -> Outcome:
    for error in errors:
        if not re.fullmatch(rf"{re.escape(str(path))}:[1-9]\d*", error.place):
            return Outcome("failed", f"no place: {str(error)[:200]}")
        if "\n" in str(error) or not error.message:
            return Outcome("failed", f"not one line: {str(error)[:200]!r}")
    return Outcome("with key" if all(error.key for error in errors) else "with place")


def _line(draw: random.Random, lines: list[str]) -> int:
    return draw.choice([i for i, line in enumerate(lines) if line.strip()] or [0])


def _on_lines(change: Callable[[random.Random, list[str], int], None]) -> Callable[[random.Random, str], str]:
    def mutate(draw: random.Random, text: str) -> str:
        lines = text.split("\n")
        change(draw, lines, _line(draw, lines))
        return "\n".join(lines)

    return mutate


def _flip(draw: random.Random, text: str) -> str:
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    for _ in range(draw.choice((1, 1, 1, 5))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data.decode("utf-8", "surrogateescape")


def _typo(draw: random.Random, text: str) -> str:
    words = list(re.finditer(r"[a-z_]{3,}", text))
    word = draw.choice(words)
    at = draw.randrange(len(word[0]) - 1)
    left, right = word[0][:at], word[0][at + 1 :]
    changed = draw.choice((left + right, left + draw.choice(LETTERS) + right, word[0][: at + 1] + word[0][at:], left))
    return text[: word.start()] + changed + text[word.end() :]


def _value(draw: random.Random, lines: list[str], at: int) -> None:
    key, colon, _ = lines[at].partition(":")
    lines[at] = f"{key}{colon} {draw.choice(VALUES)}" if colon else f"{key[: len(key) // 2]} {draw.choice(VALUES)}"


def _delete(draw: random.Random, lines: list[str], at: int) -> None:
    del lines[at : at + draw.choice((1, 1, 2, 5))]


def _duplicate(draw: random.Random, lines: list[str], at: int) -> None:
    lines.insert(draw.choice((at, at, draw.randrange(len(lines)))), lines[at])


def _indent(draw: random.Random, lines: list[str], at: int) -> None:
    lines[at] = draw.choice((" ", "  ", "\t", "    ")) + lines[at] if draw.random() < 0.6 else lines[at].lstrip()


def _swap(draw: random.Random, lines: list[str], at: int) -> None:
    other = _line(draw, lines)
    lines[at], lines[other] = lines[other], lines[at]


def _nest(draw: random.Random, lines: list[str], at: int) -> None:
    depth, (opening, closing) = draw.choice((3, 40, 2000)), draw.choice((("[", "]"), ("{a: ", "}"), ("- ", "")))
    key, _, _ = lines[at].partition(":")
    lines[at] = f"{key}: {opening * depth}1{closing * draw.choice((0, depth))}"


def _strange_key(draw: random.Random, lines: list[str], at: int) -> None:
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    keys = ("1", "true", "null", "<<", "? [a]", "~", "'a.b'", '"\\u0000"', "é", "x" * 300, "''", "on", "-", "a b")
    lines.insert(at, f"{indent}{draw.choice(keys)}: {draw.choice(VALUES)}")


def _strange_text(draw: random.Random, text: str) -> str:
    strange = ("\x00", "\x1b[31m", "\u202e", "\u2028", "\ufeff", "\r", "\t", "---\n", "...\n", "%YAML 1.1\n", "#", "💥")
    at = draw.randrange(len(text))
    return text[:at] + draw.choice(strange) + text[at:]


def _cut(draw: random.Random, text: str) -> str:
    return text[: draw.randrange(len(text))]


def _kind(draw: random.Random, text: str) -> str:
    kinds = list(re.finditer(r"kind: (\w+)", text))
    one, other = draw.choice(kinds), draw.choice([*(m[1] for m in kinds), "nothing", "[a]", "{b: c}", "5", "null"])
    return text[: one.start(1)] + other + text[one.end(1) :]


ON_LINES = [*map(_on_lines, (_value, _value, _delete, _duplicate, _indent, _swap, _nest, _strange_key))]
MUTATIONS = (_flip, _typo, _typo, _strange_text, _cut, _kind, *ON_LINES)


def mutations(texts: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """`count` broken texts; every sort of mutation equally often, one in four broken twice."""
    draw = random.Random(seed)
    for number in range(count):
        text = MUTATIONS[number % len(MUTATIONS)](draw, draw.choice(texts))
        yield draw.choice(ON_LINES)(draw, text) if text and number % 4 == 0 else text


def tried(texts: Sequence[str], count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """(Outcomes by sort, failures) of all mutations, each written to a file in `folder` and validated."""
    counts: Counter[str] = Counter()
    failures = []
    for number, text in enumerate(mutations(texts, count, seed)):
        path = folder / "project.yml"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        found = outcome(path)
        counts[found.sort] += 1
        if found.failure:
            failures.append(f"mutation {number}: {found.failure}")
            (folder / f"failed-{number}.yml").write_bytes(path.read_bytes())
    return counts, failures


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="*", type=Path, default=sorted(Path("conf").glob("*.yml")))
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--seed", type=int, default=7)
    options = arguments.parse_args()
    texts = [path.read_text() for path in options.files] or [SAMPLE]
    with tempfile.TemporaryDirectory() as folder:
        for text in texts:
            (Path(folder) / "whole.yml").write_text(text)
            if (whole := outcome(Path(folder) / "whole.yml")).sort != "accepted":
                print(f"an unbroken file is not accepted: {whole}")
                return 1
        started = time.process_time()
        counts, failures = tried(texts, options.count, options.seed, Path(folder))
        taken = time.process_time() - started
    print(f"{options.count} mutations of {len(texts)} files, seed {options.seed}: {taken:.1f} s")
    for sort in ("accepted", "with key", "with place", "failed"):
        print(f"  {sort:<12}{counts[sort]:>5}")
    print("\n".join(failures[:20]) or "every one was accepted or refused with file, line and, where there is one, key")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
