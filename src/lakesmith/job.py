"""The command line of the job scripts: which project, in which environment; one stage, one exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lakesmith import failures
from lakesmith.places import NAMES

NAMED = {
    "catalog": "catalog of tables and model, instead of the environment's",
    "schema": "schema of tables and model, instead of the environment's",
    "model": "registered model, instead of the environment's",
    "experiment": "MLflow experiment, instead of the environment's",
}


def parser(job: str) -> argparse.ArgumentParser:
    """The arguments that the job of every stage accepts."""
    arguments = argparse.ArgumentParser(prog=job, description=f"Runs the job '{job}' of a lakesmith project.")
    arguments.add_argument("--project", required=True, help="the project file, such as conf/flights.yml")
    arguments.add_argument("--env", default=None, help="the environment: conf/env/<name>.yml beside the project file")
    arguments.add_argument("--workspace", default=None, help="folder for tables, models and reports")
    for name in NAMES:
        arguments.add_argument(f"--{name}", default=None, help=NAMED[name])
    arguments.add_argument("--set", action="append", default=[], metavar="a.b=c", help="changes one key; repeatable")
    return arguments


def run_job(stage: str | None) -> None:
    """Runs one stage, or with None all of them, as this process's arguments say; ends the process unless all is well.

    With exit code 0 it returns: Databricks takes a script that calls `sys.exit(0)` for one that has failed.
    """
    code = run_stage(stage, sys.argv[1:])
    if code:
        sys.exit(code)


def run_all() -> None:
    """The entry point `lakesmith-job` of the wheel: all stages in one process."""
    run_job(None)


def run_stage(stage: str | None, argv: Sequence[str]) -> int:
    """The exit code of one stage, or with None of all of them; the summary goes to standard output."""
    options = parser(stage or "run").parse_args(argv)
    names = {name: value for name in NAMES if (value := getattr(options, name))}
    try:
        from lakesmith import api

        summary = api.run(
            options.project, env=options.env, sets=options.set, select=stage, workspace=options.workspace, names=names
        )
    except BaseException as error:  # noqa: BLE001 (the job's last line; also an interruption ends it in words and with a code)
        lines, code = failures.lines(error)
        print("\n".join(lines), file=sys.stderr)
        return code
    print(summary.text())
    return summary.exit_code
