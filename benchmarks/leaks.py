"""How many of eight planted leaks a profile flags, and how many of 200 clean tables it flags wrongly.

`python benchmarks/leaks.py [--tables 200] [--seeds 1]`; prints what was missed, what was raised for nothing, and why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from lakesmith import session
from lakesmith.profile.profiles import profile

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from profiles.planted import PLANTED, clean_table


def main() -> None:
    """Prints both counts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tables", type=int, default=200)
    options.add_argument("--seeds", type=int, default=1)
    given = options.parse_args()
    spark = session.start("leaks")
    flagged = 0
    for seed in range(given.seeds):
        for name, make in PLANTED.items():
            made = make(np.random.default_rng(seed))
            found = profile(spark.createDataFrame(made.table), **made.asked)
            is_flagged = made.kind in {each.kind for each in found.leaks}
            flagged += is_flagged
            others = [each.told for each in found.leaks if each.kind != made.kind]
            print(f"{'flagged' if is_flagged else 'MISSED'}  {name}{f'; also: {others}' if others else ''}", flush=True)
    wrong = 0
    for number in range(given.tables):
        made = clean_table(np.random.default_rng(1_000 + number))
        leaks = profile(spark.createDataFrame(made.table), **made.asked).leaks
        wrong += bool(leaks)
        for each in leaks:
            print(f"clean table {number}, {len(made.table)} rows: {each.told}", flush=True)
    print(f"planted: {flagged} of {len(PLANTED) * given.seeds} flagged")
    print(f"clean: {wrong} of {given.tables} tables flagged ({wrong / max(given.tables, 1):.1%})")


if __name__ == "__main__":
    main()
