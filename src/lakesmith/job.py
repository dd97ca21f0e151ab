"""The command line of the job scripts: which project, in which environment; one stage, one exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lakesmith import failures


def parser(stage: str) -> argparse.ArgumentParser:
    """The arguments that the job of every stage accepts."""
    arguments = argparse.ArgumentParser(prog=stage, description=f"Runs the stage '{stage}' of a lakesmith project.")
    arguments.add_argument("--project", required=True, help="the project file, such as conf/flights.yml")
    arguments.add_argument("--env", default=None, help="the environment: conf/env/<name>.yml beside the project file")
    arguments.add_argument("--workspace", default=None, help="folder for tables, models and reports")
    arguments.add_argument("--set", action="append", default=[], metavar="a.b=c", help="changes one key; repeatable")
    return arguments


def run_stage(stage: str, argv: Sequence[str]) -> int:
    """Runs one stage and returns the process's exit code; the summary goes to standard output."""
    options = parser(stage).parse_args(argv)
    try:
        from lakesmith import api

        summary = api.run(options.project, env=options.env, sets=options.set, select=stage, workspace=options.workspace)
    except BaseException as error:  # noqa: BLE001 (the job's last line; also an interruption ends it in words and with a code)
        lines, code = failures.lines(error)
        print("\n".join(lines), file=sys.stderr)
        return code
    print(summary.text())
    return summary.exit_code
